from pathlib import Path

import pytest

from har.classifier import list_cards, read_card
from har.classifier.card import write_card
from har.errors import RunMissing
from har.runs import MAX_NAME, list_runs, new_run, open_run, rename_run
from har.runs.naming import name_classifier
from har.runs.store import Run
from har.settings import settings
from tests.classifier.conftest import CARD
from tests.ui.train_pages import OWNER, finished, plan


def trained(**changes: object) -> Run:
    """A finished run with the card of its classifier."""
    run = finished(**changes)
    write_card(run.classifier / "card.json", CARD)
    return run


def test_a_run_is_named_after_its_labels_and_network() -> None:
    assert new_run(OWNER, plan(("Cobra", "Triangle"), "mine")).name == "Cobra · Triangle (LRCN)"
    assert (
        new_run(OWNER, plan(("Cobra", "Plank", "Tree", "Triangle"), "mine", seed=2)).name
        == "Cobra · Plank · +2 (LRCN, seed 2)"
    )


def test_a_new_name_is_that_of_the_run_and_its_classifier() -> None:
    run = trained(owner="naming-owner-000000000")
    (run.folder / "report.html").write_text("<h1>Kick · Wave (LRCN)</h1>")
    renamed = rename_run(run.id, "  For the\n gym\u2028")
    assert renamed.name == open_run(run.id).name == "For the gym"
    assert [each.name for each in list_runs("naming-owner-000000000")] == ["For the gym"]
    assert read_card(run.classifier).title == "For the gym"
    assert not (run.folder / "report.html").exists()


def test_without_a_name_a_run_has_its_first_one_again() -> None:
    run = trained()
    rename_run(run.id, "Short")
    assert rename_run(run.id, " \n").name == read_card(run.classifier).title == "Kick · Wave (LRCN, recommended)"


def test_names_are_short() -> None:
    run = new_run(OWNER, plan())
    assert len(rename_run(run.id, "word " * 1000).name) <= MAX_NAME


def test_a_run_that_was_renamed_while_it_trained_names_its_classifier_when_it_ends() -> None:
    run = new_run(OWNER, plan())
    rename_run(run.id, "Named before")
    done = trained()
    (done.folder / "plan.json").write_bytes((run.folder / "plan.json").read_bytes())
    name_classifier(open_run(done.id))
    assert read_card(done.classifier).title == "Named before"


def test_a_run_that_is_gone_has_no_name() -> None:
    with pytest.raises(RunMissing):
        rename_run("a" * 22, "Anything")


def test_classifiers_that_earlier_versions_called_own_are_listed_by_their_labels(tmp_path: Path) -> None:
    folder = settings().classifiers / "lrcn-own-seed0"
    folder.mkdir(parents=True)
    write_card(folder / "card.json", CARD)
    path = folder / "card.json"
    path.write_text(path.read_text("utf-8").replace(CARD.title, "LRCN on own"), "utf-8")
    assert [card.title for card in list_cards() if card.name == folder.name] == ["jump · run · wäve (LRCN)"]
