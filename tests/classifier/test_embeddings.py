"""What is kept of training clips beside a classifier: small, whole, and never taken for what it is not."""

import pickle
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Card, SeenVideo, TrainingData, save
from har.classifier import embeddings as module
from har.classifier.embeddings import EMBEDDINGS, are_small, read_embeddings, write_embeddings
from har.errors import ClassifierDamaged
from tests.classifier.conftest import CARD

WIDTHS = {"frame_labels": 4, "motion_labels": 2}


def card_of(clip_count: int) -> Card:
    clips = tuple(SeenVideo(f"{number:032x}", "g01", "jump", f"jump/{number}.mp4") for number in range(clip_count))
    return replace(CARD, data=TrainingData("clips", clips))


def arrays(clip_count: int = 3, **more: np.ndarray) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    made = {name: rng.normal(0, 1, (clip_count, width)).astype(np.float32) for name, width in WIDTHS.items()}
    return made | more


def test_what_is_written_is_read_in_half_precision(tmp_path: Path) -> None:
    written = arrays(frame_labels=np.full((3, 4), 1e6, np.float32))  # more than half precision can say
    write_embeddings(tmp_path, written)
    found = read_embeddings(tmp_path, card_of(3), WIDTHS)
    assert found is not None
    assert {name: (rows.shape, rows.dtype) for name, rows in found.items()} == {
        name: ((3, width), np.float32) for name, width in WIDTHS.items()
    }
    np.testing.assert_allclose(found["motion_labels"], written["motion_labels"], rtol=1e-3)
    assert found["frame_labels"].max() == np.finfo(np.float16).max
    assert (tmp_path / EMBEDDINGS).stat().st_size < 2 * 3 * 6 + 700
    assert [path.name for path in tmp_path.iterdir()] == [EMBEDDINGS]


def test_where_there_is_no_file_there_are_none(tmp_path: Path) -> None:
    assert read_embeddings(tmp_path, card_of(3), WIDTHS) is None


def pickled(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in WIDTHS:
            archive.writestr(f"{name}.npy", pickle.dumps([1.0]))


def announced(path: Path) -> None:
    """Arrays whose headers promise much more than is there."""
    header = b"{'descr': '<f2', 'fortran_order': False, 'shape': (3, 4000000000), }".ljust(117) + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in WIDTHS:
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: write_embeddings(path.parent, arrays(4)),  # a clip more than the card has
        lambda path: write_embeddings(path.parent, arrays(motion_labels=np.zeros((3, 5)))),
        lambda path: write_embeddings(path.parent, arrays(labels=np.zeros((3, 1)))),
        lambda path: write_embeddings(path.parent, {"frame_labels": np.zeros((3, 4))}),
        lambda path: write_embeddings(path.parent, arrays(motion_labels=np.full((3, 2), np.nan))),
        lambda path: np.savez(path, **arrays(motion_labels=np.zeros((3, 2), np.float64))),
        lambda path: path.write_bytes(path.read_bytes()[:-40]),
        lambda path: path.write_bytes(b""),
        pickled,
        announced,
    ],
)
def test_what_does_not_fit_card_and_network_is_refused(tmp_path: Path, damage) -> None:
    write_embeddings(tmp_path, arrays())
    damage(tmp_path / EMBEDDINGS)
    with pytest.raises(ClassifierDamaged):
        read_embeddings(tmp_path, card_of(3), WIDTHS)


def test_of_more_clips_than_are_kept_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card may list any number of clips: no room is made for them all."""
    write_embeddings(tmp_path, arrays())
    monkeypatch.setattr(module, "_MOST_VALUES", 17)
    assert not are_small(3, WIDTHS)
    assert read_embeddings(tmp_path, card_of(3), WIDTHS) is None


def test_other_weights_in_their_place_take_them_away(saved: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(saved, tmp_path / "tiny")
    write_embeddings(folder, arrays())
    save(folder, CARD, networks.build(CARD.network, 3, CARD.spec), overwrite=True)
    assert not (folder / EMBEDDINGS).exists()
