"""Probabilities per window, with the times of the frames: the one thing recognition stores."""

import json
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from har.errors import LabelsError, ScoresDamaged

_PROBABILITY_SLACK = 1e-3  # a softmax in float32 may pass 1 by a rounding error


@dataclass(frozen=True)
class WindowScores:
    """A probability for every label in every window `[start_sec, end_sec)`.

    A row of zeros says: none of these labels. Starts ascend, ends never go back.

    Raises:
        ValueError: shapes, order or numbers that are not so.
    """

    labels: tuple[str, ...]
    start_sec: Float64[np.ndarray, "windows"]
    end_sec: Float64[np.ndarray, "windows"]
    probabilities: Float32[np.ndarray, "windows labels"]

    def __post_init__(self) -> None:
        count = len(self.start_sec)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must be there, each once")
        if count == 0 or self.end_sec.shape != (count,) or self.probabilities.shape != (count, len(self.labels)):
            raise ValueError(
                f"{count} starts, {self.end_sec.shape} ends, {self.probabilities.shape} probabilities, "
                f"{len(self.labels)} labels do not fit each other"
            )
        if not (np.isfinite(self.start_sec).all() and np.isfinite(self.end_sec).all()):
            raise ValueError("a window's time is not a finite number")
        if (np.diff(self.start_sec) <= 0).any() or (np.diff(self.end_sec) < 0).any():
            raise ValueError("windows must ascend")
        if (self.end_sec <= self.start_sec).any():
            raise ValueError("a window ends before it starts")
        # A NaN fails both comparisons.
        if not ((self.probabilities >= 0) & (self.probabilities <= 1 + _PROBABILITY_SLACK)).all():
            raise ValueError("a probability is not within 0 and 1")


@dataclass(frozen=True)
class Scored:
    """All that later steps need to know of a video: no network runs again after this. It is what is stored."""

    scores: WindowScores
    times_sec: Float64[np.ndarray, "frames"]  # when each frame of the video is shown
    duration_sec: float  # to the end of the last frame
    stopped: bool = False  # ended on request: all of the above holds up to there only
    warning: str | None = None  # what could not be read


def save_scores(path: Path, scored: Scored) -> None:
    """Write scores as a NumPy archive; a reader finds the whole file or none."""
    scores = scored.scores
    texts = {"labels": scores.labels, "stopped": scored.stopped, "warning": scored.warning}
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            np.savez_compressed(
                file,
                texts=np.array(json.dumps(texts)),  # NumPy's own strings drop NULs at their end
                start_sec=scores.start_sec,
                end_sec=scores.end_sec,
                probabilities=scores.probabilities,
                times_sec=scored.times_sec,
                duration_sec=scored.duration_sec,
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_scores(path: Path) -> Scored:
    """Read what `save_scores` wrote. Nothing in the file is executed.

    Raises:
        ScoresDamaged: no such file, or one that holds something else.
    """
    try:
        # Opened here, since np.load leaves open a file that it cannot read.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            texts = json.loads(str(file["texts"]))
            scores = WindowScores(
                labels=tuple(str(label) for label in texts["labels"]),
                start_sec=file["start_sec"].astype(np.float64),
                end_sec=file["end_sec"].astype(np.float64),
                probabilities=file["probabilities"].astype(np.float32),
            )
            times_sec = file["times_sec"].astype(np.float64)
            return Scored(scores, times_sec, float(file["duration_sec"]), bool(texts["stopped"]), texts["warning"])
    except (OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ScoresDamaged(
            f"{path.name} cannot be read as scores.",
            "It should be the scores.npz of an earlier annotation.",
            "Annotate the video again.",
        ) from error


def restrict(scores: WindowScores, labels: Sequence[str], floor_share: float = 0.2) -> WindowScores:
    """The scores as if the classifier knew only the chosen labels: each window's probabilities renormalised to them.

    Four labels of 400 would turn anything into certainty. So a window whose chosen labels had together less than
    `floor_share` of what chance gives them (chosen / all) becomes a row of zeros: none of these.

    Args:
        scores: of all labels.
        labels: which to keep, in the order they shall have.
        floor_share: 0 keeps every window.

    Raises:
        LabelsError: no label, or one that is not among the scores' labels.
    """
    chosen = tuple(dict.fromkeys(labels))
    check_labels(chosen, scores.labels)
    if len(chosen) == len(scores.labels):
        return scores
    kept = scores.probabilities[:, [scores.labels.index(label) for label in chosen]].astype(np.float64)
    share = kept.sum(axis=1, keepdims=True)
    floor = floor_share * len(chosen) / len(scores.labels)
    believed = (share >= floor) & (share > 0)
    renormalised = np.divide(kept, share, out=np.zeros_like(kept), where=believed)
    return WindowScores(chosen, scores.start_sec, scores.end_sec, renormalised.astype(np.float32))


def verdict(scores: WindowScores, count: int = 3) -> list[tuple[str, float]]:
    """The whole video in a few words: the labels with the highest mean over windows, highest first."""
    mean = scores.probabilities.mean(axis=0, dtype=np.float64)
    order = np.argsort(-mean, kind="stable")[:count]
    return [(scores.labels[index], float(mean[index])) for index in order]


def check_labels(chosen: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a choice of labels that a classifier does not have.

    Raises:
        LabelsError: no label, or one that is not known.
    """
    if not chosen:
        raise LabelsError("No label was chosen.", "At least one is needed.", "Choose one, or leave the choice out.")
    unknown = [label for label in chosen if label not in known]
    if not unknown:
        return
    plain = {label.casefold(): label for label in known}
    close = [plain[name] for name in get_close_matches(unknown[0].strip().casefold(), plain, n=3, cutoff=0.5)]
    remedy = (
        "Did you mean " + " or ".join(f"‘{name}’" for name in close) + "?" if close else "Look at the list of labels."
    )
    raise LabelsError(
        "Not known to this classifier: " + ", ".join(f"‘{label}’" for label in unknown) + ".",
        f"Its {len(known)} labels are spelt as in its card.",
        remedy,
    )
