"""Where a training stands after an epoch, on disk: one that is cut off goes on from there as if nothing had been."""

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from har.training.events import EpochDone

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next epoch depends on."""

    steps: list[np.ndarray]  # of `Steps.state`
    best_weights: list[np.ndarray]
    random: dict[str, Any]  # state of the generator that draws clips
    history: tuple[EpochDone, ...]

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        arrays = {
            f"{name}{place:04}": array
            for name in ("steps", "best_weights")
            for place, array in enumerate(getattr(self, name))
        }
        notes = json.dumps({"random": self.random, "history": [asdict(epoch) for epoch in self.history]})
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with beside.open("wb") as file:
                np.savez(file, notes=np.frombuffer(notes.encode(), np.uint8), **arrays)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The last one that was saved; None if there is none that can be read: training then begins anew."""
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


def read_history(path: Path) -> tuple[EpochDone, ...]:
    """The epochs that are over, without the rest."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return _history(json.loads(file["notes"].tobytes()))
    except _UNREADABLE:
        return ()


def _history(notes: dict[str, Any]) -> tuple[EpochDone, ...]:
    return tuple(EpochDone(**epoch) for epoch in notes["history"])
