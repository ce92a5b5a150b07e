"""The state of a training after an epoch, on disk: an interrupted training resumes from it with the same result."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from har.storage import atomic
from har.training.records import EpochRecord

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next epoch depends on."""

    steps: list[np.ndarray]  # of `Steps.state`
    best_weights: list[np.ndarray]
    random: dict[str, Any]  # state of the generator that draws clips
    history: tuple[EpochRecord, ...]

    def save(self, path: Path) -> None:
        """Write it, replacing the one before."""
        arrays = {
            f"{name}{index:04}": array
            for name in ("steps", "best_weights")
            for index, array in enumerate(getattr(self, name))
        }
        notes = json.dumps({"random": self.random, "history": [asdict(epoch) for epoch in self.history]})
        with atomic.replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, notes=np.frombuffer(notes.encode(), np.uint8), **arrays)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The last checkpoint; None if there is none that can be read: training then starts over."""
    try:
        with np.load(path, allow_pickle=False) as file:
            notes = json.loads(file["notes"].tobytes())
            arrays = {
                name: [file[key] for key in sorted(file.files) if key[:-4] == name]
                for name in ("steps", "best_weights")
            }
            return Checkpoint(random=notes["random"], history=_history(notes), **arrays)
    except _UNREADABLE:
        return None


def read_history(path: Path) -> tuple[EpochRecord, ...]:
    """The epochs of a checkpoint, without loading its weights."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return _history(json.loads(file["notes"].tobytes()))
    except _UNREADABLE:
        return ()


def _history(notes: dict[str, Any]) -> tuple[EpochRecord, ...]:
    return tuple(EpochRecord(**epoch) for epoch in notes["history"])
