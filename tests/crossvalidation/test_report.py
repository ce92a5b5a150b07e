import json
import secrets

import pytest

from har.crossvalidation import REPORTS, CrossValidationOptions, write_reports
from har.crossvalidation.folds import CrossValidationResult
from har.datasets import Skipped
from har.recipe import recipe_for
from har.storage import remote

LABELS = ("a|b", "<script>alert(1)</script>", "wave")


def row(seed, group, predicted):
    clips = [
        {"clip": f"{label}/x.mp4", "label": label, "predicted": guess, "confidence": 0.5}
        for label, guess in zip(LABELS, predicted, strict=True)
    ]
    right = sum(clip["label"] == clip["predicted"] for clip in clips)
    return {
        "fold": f"seed {seed}, {group}",
        "seed": seed,
        "group": group,
        "right": right,
        "count": 3,
        "orders": {"shuffled": 1, "reversed": 1, "frozen": 1},
        "best_epoch": 2,
        "seconds": 1.5,
        "clips": clips,
    }


@pytest.fixture
def result():
    skipped = (Skipped("<i>wave</i>/x.mp4", "x.mp4 is empty: 0 bytes"),)
    done = (row(0, "g01", LABELS), row(0, "g02", (LABELS[1], LABELS[1], LABELS[1])), row(1, "g01", LABELS))
    return CrossValidationResult(
        LABELS, "Set | one", done, ({"fold": "seed 1, g02", "why": "It <b>failed</b>."},), skipped
    )


@pytest.fixture
def reports(result):
    out = f"memory://{secrets.token_hex(4)}"
    write_reports(result, CrossValidationOptions("set", None, recipe_for("lrcn"), 2), out)
    return {name: remote.read(f"{out}/{name}").decode() for name in REPORTS}


def test_the_json_report_has_the_pooled_confusion_and_accuracy(reports):
    document = json.loads(reports["report.json"])
    assert document["confusion"] == [[2, 1, 0], [0, 3, 0], [0, 1, 2]]
    assert document["by_seed"] == [pytest.approx(4 / 6, abs=1e-6), 1.0]
    assert document["accuracy"] == pytest.approx(5 / 6, abs=1e-6)
    low, high = document["interval"]
    assert low < document["accuracy"] < high
    assert document["clip_count"] == 6
    assert len(document["folds"]) == 3
    assert document["baseline"] == pytest.approx(1 / 3, abs=1e-6)


def test_all_reports_name_clips_that_cannot_be_read(reports):
    assert "- &lt;i>wave&lt;/i>/x.mp4: x.mp4 is empty: 0 bytes" in reports["report.md"]
    assert "&lt;i&gt;wave&lt;/i&gt;/x.mp4 was left out" in reports["report.html"]
    [skipped] = json.loads(reports["report.json"])["skipped"]
    assert skipped == {"name": "<i>wave</i>/x.mp4", "reason": "x.mp4 is empty: 0 bytes"}


def test_the_markdown_report_lists_groups_labels_and_failures(reports):
    text = reports["report.md"]
    assert "| Accuracy | 0.833 of 6 clips (95 % interval" in text
    assert "| 0 | g02 | 1 | 3 | 0.333 | 2 | 1.5 |" in text
    assert "| a\\|b | 2 | 3 | &lt;script>alert(1)&lt;/script> 1 |" in text
    assert "- seed 1, g02: It &lt;b>failed&lt;/b>." in text
    assert "3; 1 failed" in text


def test_the_html_report_is_self_contained_and_escapes_labels(reports):
    page = reports["report.html"]
    body = page[page.rindex("</script></head>") :]
    assert "<script>alert(1)" not in body
    assert "<b>failed" not in body
    assert "83.3%" in body
    assert "src=" not in body


def test_without_a_finished_training_there_is_no_report(result):
    out = f"memory://{secrets.token_hex(4)}"
    empty = CrossValidationResult(LABELS, "Set", (), result.failed)
    assert write_reports(empty, CrossValidationOptions("set", None, recipe_for("lrcn")), out) is None
    assert remote.list_names(out) == frozenset()
