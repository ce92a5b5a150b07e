from pathlib import Path

import pytest

from har import networks
from har.classifier import Card, Figure, SeenVideo, TrainingData, save
from har.clips import ClipSpec

CARD = Card(
    name="tiny",
    title="A tiny one",
    description="For tests.",
    network="lrcn",
    labels=("jump", "run", "wäve"),
    spec=ClipSpec(frames=2, height=64, width=64, span_sec=0.2),
    stride_sec=0.1,
    licence="MIT",
    data=TrainingData(
        "two clips",
        trained=(SeenVideo("00ff", "g01", "jump", "jump/v_jump_g01_c01.mp4"),),
        validated=(SeenVideo("11ee", None, "run", "run/a [b] {c}.mp4"),),
    ),
    recipe={"epochs": 3, "spec": {"frames": 2}},
    figures=(Figure("accuracy", 0.5, "two clips"),),
)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small classifier on disk; copy it before changing it."""
    folder = tmp_path_factory.mktemp("classifiers") / "tiny"
    save(folder, CARD, networks.build(CARD.network, len(CARD.labels), CARD.spec))
    return folder
