from typing import Any

import pytest

from har.datasets import Dataset, splits
from har.recipe import recipe_for
from har.training.outcome import split_facts, training_title


@pytest.mark.parametrize("kind", ["grouped", "random"])
def test_test_clips_from_recordings_used_in_training_are_counted(squares: Dataset, kind: str) -> None:
    facts = split_facts(kind, squares, splits.split_dataset(squares, kind, 1, 0.2, 0.2))
    assert facts.train + facts.validation + facts.test == len(squares.videos)
    shared = set(facts.groups["train"]) & set(facts.groups["test"])
    assert bool(shared) == (kind == "random")
    assert (facts.leaked > 0) == bool(shared)


@pytest.mark.parametrize(
    ("dataset", "changes", "title"),
    [
        ("figures", {"preset": "figures"}, "Kick · Put down (LRCN)"),
        ("figures", {"preset": "own"}, "Kick · Put down (LRCN, recommended)"),
        ("mine", {"preset": "own"}, "Kick · Put down (LRCN)"),
        (
            "mine",
            {"preset": "tutorial", "split": "random", "seed": 3},
            "Kick · Put down (LRCN, tutorial, random split, seed 3)",
        ),
    ],
)
def test_titles_name_what_differs_from_the_usual_choices(dataset: str, changes: dict[str, Any], title: str) -> None:
    assert training_title(recipe_for("lrcn", **changes), ("Kick", "PutDown"), dataset) == title
