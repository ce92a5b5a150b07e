"""The training clips most like a window: shown to whom they may be, found by content, named where they are gone."""

import json
from shutil import rmtree

import pytest

from har import annotation, links
from har.annotation.folder import write_notes
from har.classifier import SeenVideo, folder_of
from har.datasets import content_hash, open_dataset
from har.datasets.sources import own
from har.explain import Alike
from har.explain.nearest import SHIPPED
from har.runs import delete_run
from har.settings import settings
from pages import nearest
from tests.pages.data_pages import ran, texts, write_clip
from tests.pages.shared_pages import everything, open_shared
from tests.pages.test_shared import open_own
from tests.pages.test_why import jobs, keep, result  # noqa: F401  fixtures
from tests.pages.train_pages import finished

HEADING = "What has it seen like this?"
HIDDEN = "shown to the owner of this result only"


@pytest.fixture(scope="module")
def clips():
    """Two clips of a data set for everybody, as a card has them, and one that has gone."""
    folder = settings().datasets / "nearby"
    yield of_folder(folder)
    rmtree(folder)


def of_folder(folder):
    paths = [
        write_clip(folder / label / f"v_{label}_g01.mp4", number) for number, label in enumerate(("squat", "wave"))
    ]
    seen = [SeenVideo(content_hash(path), "g01", path.parent.name, f"{path.parent.name}/{path.name}") for path in paths]
    return [*seen, SeenVideo("0" * 32, None, "wave", "wave/gone.mp4")]


def alike(clips):
    return tuple(Alike(clip, 0.9 - number / 10) for number, clip in enumerate(clips))


def made_by(result, folder):  # noqa: F811
    """The result as one of that classifier."""
    stored = annotation.open_annotation(result.folder)
    write_notes(result.folder, stored.info, stored.card, stored.options, folder)


def by_run(result, **changes):  # noqa: F811
    run = finished(**changes)
    made_by(result, run.classifier.absolute())
    return run


def on_the_wall(page):
    found = [each.proto for each in page.get("bidi_component") if each.proto.component_name.endswith("har_wall")]
    return [(cell["title"], cell["detail"]) for cell in json.loads(found[0].json)[0]["cells"]] if found else []


def named(page):
    return [name for table in page.dataframe for name in table.value.get("clip", [])]


def test_those_that_are_here_move_and_the_others_are_named(result, clips):  # noqa: F811
    by_run(result, dataset="nearby")
    keep(result, nearest=alike(clips))
    page = open_own(result)
    assert on_the_wall(page) == [("squat", "0.90 · g01"), ("wave", "0.80 · g01")]
    assert named(page) == ["gone.mp4"]
    assert "2 **wave**, 1 **squat**" in texts(page)
    assert "believe it the less" not in texts(page)


def test_one_that_is_chosen_plays(result, clips):  # noqa: F811
    by_run(result, dataset="nearby")
    key = keep(result, nearest=alike(clips))
    page = open_own(result)
    before = len(page.get("video"))  # the player
    page.session_state["nearest-open"] = (key, settings().datasets / "nearby" / "wave" / "v_wave_g01.mp4")
    assert len(ran(page).get("video")) == before + 1
    assert "v\\_wave\\_g01\\.mp4" in texts(page)


def test_where_they_show_something_else_it_is_to_be_believed_less(result, clips):  # noqa: F811
    by_run(result, dataset="nearby")
    keep(result, nearest=alike(clips[:1]))
    said = texts(open_own(result))
    assert "all **squat**" in said
    assert "Most of them do not show wave" in said


def test_another_file_under_the_name_of_a_clip_is_not_shown_for_it(clips):
    dataset = open_dataset("nearby")
    assert nearest.find(clips[0], dataset).path.name == "v_squat_g01.mp4"
    assert nearest.find(clips[0]._replace(content="f" * 32), dataset) is None
    assert nearest.find(clips[0]._replace(label="wave"), dataset) is None
    assert nearest.find(clips[0]._replace(path="../nearby/squat/v_squat_g01.mp4/.."), dataset) is None


def test_a_generated_clip_is_known_by_its_name():
    dataset = open_dataset("figures", draw=False)
    video = dataset.videos[0]
    seen = SeenVideo("0" * 32, video.group, video.label, f"{video.path.parent.name}/{video.path.name}")
    assert nearest.find(seen, dataset) == video


def test_clips_that_somebody_brought_are_shown_to_the_owner_of_the_result_alone(result):  # noqa: F811
    name = own.new_name()
    by_run(result, dataset=name)
    clips = of_folder(own.folder_of(name))
    keep(result, nearest=alike(clips))
    assert on_the_wall(open_own(result)) == [("squat", "0.90 · g01"), ("wave", "0.80 · g01")]
    page = open_shared(links.share(result))
    assert HIDDEN in texts(page)
    assert on_the_wall(page) == []
    sent = everything(page)
    for clip in clips:
        assert clip.path.split("/")[1] not in sent
        assert clip.content not in sent
    assert name not in sent


def test_clips_that_anybody_may_look_at_are_shown_on_a_shared_page(result, clips):  # noqa: F811
    by_run(result, dataset="nearby")
    keep(result, nearest=alike(clips))
    assert len(on_the_wall(open_shared(links.share(result)))) == 2


@pytest.mark.parametrize("gone", ["imported", "deleted", "no run"])
def test_where_nothing_says_which_data_set_it_was_they_are_named(result, clips, gone, tmp_path):  # noqa: F811
    """Whatever a card says: it may have come in a stranger's zip."""
    run = by_run(result, dataset="" if gone == "imported" else "nearby")
    if gone == "deleted":
        delete_run(run.id)
    if gone == "no run":
        made_by(result, tmp_path)
    keep(result, nearest=alike(clips))
    page = open_own(result)
    assert on_the_wall(page) == []
    assert named(page) == ["v_squat_g01.mp4", "v_wave_g01.mp4", "gone.mp4"]
    shared = open_shared(links.share(result))
    assert (on_the_wall(shared), named(shared)) == ([], [])
    assert "v_squat_g01" not in everything(shared)


def test_where_there_are_none_it_says_why(result):  # noqa: F811
    made_by(result, folder_of("lrcn-figures").absolute())
    keep(result, no_nearest=SHIPPED)
    said = texts(open_own(result))
    assert HEADING in said
    assert "comes with the program" in said


def test_of_an_explanation_of_before_nothing_is_said(result):  # noqa: F811
    keep(result)
    assert HEADING not in texts(open_own(result))
