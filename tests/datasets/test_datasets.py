from har.datasets import list_datasets
from har.settings import settings


def test_the_generated_set_is_always_there_and_folders_of_ones_own_follow() -> None:
    mine = settings().datasets / "mine"
    mine.mkdir(parents=True)
    try:
        assert list_datasets()[0].name == "figures"
        assert [entry.title for entry in list_datasets()][1:] == ["mine"]
    finally:
        mine.rmdir()
