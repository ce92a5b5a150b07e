"""Ground truth on a result's page: imported and removed by the owner, visible to all viewers."""

from har import results, sharing
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.shared_pages import open_own, open_shared, packed

TRUTH = b"start_sec,end_sec,label\n0,1,Squat\n1,3,wave\n"


def import_table(page, data):
    page.file_uploader(key="truth-0").set_value(("truth.csv", data, "text/csv"))
    return ran(page)


def test_an_imported_table_is_shown_with_metrics(result):
    page = open_own(result)
    assert packed(page)["truth"] is None
    assert "Compared with ground truth" not in texts(page)
    assert "Example" in [button.proto.label for button in page.get("download_button")]
    page = import_table(page, TRUTH)
    data = packed(page)
    assert [(start, end, data["labels"][at]) for start, end, at, _, _ in data["truth"]] == [
        (0, 1, "squat"),
        (1, 3, "wave"),
    ]
    assert 0.5 < data["right"] <= 1
    assert f"| Frame accuracy | {data['right']:.0%} |" in texts(page)
    assert "Not among the labels" not in texts(page)


def test_viewers_see_ground_truth_and_only_the_owner_can_change_it(result):
    link = sharing.share(result)
    assert not open_shared(link).file_uploader
    results.import_ground_truth(result.folder, TRUTH, 3.0)
    page = open_shared(link)
    assert packed(page)["truth"]
    assert "Compared with ground truth" in texts(page)
    assert not page.file_uploader
    assert "Remove ground truth" not in buttons(page)
    page = press(open_own(result), "Remove ground truth")
    assert packed(page)["truth"] is None


def test_labels_unknown_to_the_classifier_are_listed(result):
    page = import_table(open_own(result), b"start_sec,end_sec,label\n0,1,squat\n1,3,*levitating*\n")
    assert "so always wrong: \\*levitating\\*." in texts(page)
    results.import_ground_truth(result.folder, b"start_sec,end_sec,label\n0,1,levitating\n", 3.0)
    page = open_own(result)
    assert "there are no metrics" in texts(page)
    assert packed(page)["right"] is None
