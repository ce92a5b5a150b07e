"""Probabilities of windows, and the times of frames: all that recognition stores."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64

from har.errors import LabelsError, ScoresDamaged
from har.storage import atomic
from har.storage.arrays import READING

_PROBABILITY_SLACK = 1e-3  # a softmax in float32 may pass 1 by a rounding error


@dataclass(frozen=True)
class WindowScores:
    """A probability for every label in every window `[start_sec, end_sec)`.

    A row of zeros means none of these labels. Starts ascend, ends never decrease. No window crosses a cut.

    Raises:
        ValueError: shapes, order or values that break these rules.
    """

    labels: tuple[str, ...]
    start_sec: Float64[np.ndarray, "windows"]
    end_sec: Float64[np.ndarray, "windows"]
    probabilities: Float32[np.ndarray, "windows labels"]
    # Where shots begin but the first.
    cuts_sec: Float64[np.ndarray, "cuts"] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        count = len(self.start_sec)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must be distinct, at least one")
        if count == 0 or self.end_sec.shape != (count,) or self.probabilities.shape != (count, len(self.labels)):
            raise ValueError(
                f"{count} starts, {self.end_sec.shape} ends, {self.probabilities.shape} probabilities, "
                f"{len(self.labels)} labels are inconsistent"
            )
        if not (np.isfinite(self.start_sec).all() and np.isfinite(self.end_sec).all()):
            raise ValueError("a window's time is not a finite number")
        if (np.diff(self.start_sec) <= 0).any() or (np.diff(self.end_sec) < 0).any():
            raise ValueError("windows must ascend")
        if (self.end_sec <= self.start_sec).any():
            raise ValueError("a window ends before it starts")
        if not np.isfinite(self.cuts_sec).all() or (np.diff(self.cuts_sec) <= 0).any():
            raise ValueError("cuts must ascend")
        if (
            np.searchsorted(self.cuts_sec, self.start_sec, "right") != np.searchsorted(self.cuts_sec, self.end_sec)
        ).any():
            raise ValueError("a window reaches over a cut")
        # A NaN fails both comparisons.
        if not ((self.probabilities >= 0) & (self.probabilities <= 1 + _PROBABILITY_SLACK)).all():
            raise ValueError("a probability is not within 0 and 1")

    def shot_of(self, time_sec: Float64[np.ndarray, "times"] | float) -> Int64[np.ndarray, "times"] | np.intp:
        """The number of the shot that is shown at a time, from 0."""
        return np.searchsorted(self.cuts_sec, time_sec, side="right")

    def shots(
        self, times_sec: Float64[np.ndarray, "frames"]
    ) -> "Iterator[tuple[WindowScores, Float64[np.ndarray, 'shot_frames']]]":
        """For each shot that has frames: its windows, and when its frames are shown, of the times of all the video's.

        A shot without windows gets one of zeros, in which none of its frames is.
        """
        frames = np.split(times_sec, np.searchsorted(times_sec, self.cuts_sec))
        bounds = [0, *np.searchsorted(self.start_sec, self.cuts_sec).tolist(), len(self.start_sec)]
        for times, first, last in zip(frames, bounds, bounds[1:], strict=False):
            if not len(times):
                continue
            rows = (self.start_sec[first:last], self.end_sec[first:last], self.probabilities[first:last])
            if first == last:
                rows = (times[-1:] + 1, times[-1:] + 2, np.zeros_like(self.probabilities[:1]))
            yield WindowScores(self.labels, *rows), times


@dataclass(frozen=True)
class Scored:
    """What is stored of a scored video; later steps need no network."""

    scores: WindowScores
    times_sec: Float64[np.ndarray, "frames"]  # when each frame of the video is shown
    duration_sec: float  # to the end of the last frame
    stopped: bool = False  # on request: all of the above ends there
    warning: str | None = None  # about what could not be read


def save_scores(path: Path, scored: Scored) -> None:
    """Write scores as a NumPy archive.

    Raises:
        OSError: no room. What was there before stays.
    """
    scores = scored.scores
    texts = {"labels": scores.labels, "stopped": scored.stopped, "warning": scored.warning}
    with atomic.replacing(path) as temporary, temporary.open("xb") as file:
        np.savez_compressed(
            file,
            texts=np.array(json.dumps(texts)),  # NumPy's own strings drop trailing NULs
            start_sec=scores.start_sec,
            end_sec=scores.end_sec,
            probabilities=scores.probabilities,
            cuts_sec=scores.cuts_sec,
            times_sec=scored.times_sec,
            duration_sec=scored.duration_sec,
        )


def load_scores(path: Path) -> Scored:
    """Read what `save_scores` wrote. Nothing in the file is executed.

    Raises:
        ScoresDamaged: no such file, or not scores.
    """
    try:
        # Opened here, since np.load leaves open a file that it cannot read.
        with READING, path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            texts = json.loads(str(file["texts"]))
            scores = WindowScores(
                labels=tuple(str(label) for label in texts["labels"]),
                start_sec=file["start_sec"].astype(np.float64),
                end_sec=file["end_sec"].astype(np.float64),
                probabilities=file["probabilities"].astype(np.float32),
                # Earlier versions did not look for cuts.
                cuts_sec=file["cuts_sec"].astype(np.float64) if "cuts_sec" in file else np.empty(0),
            )
            times_sec = file["times_sec"].astype(np.float64)
            return Scored(scores, times_sec, float(file["duration_sec"]), bool(texts["stopped"]), texts["warning"])
    except (OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ScoresDamaged(
            f"{path.name} cannot be read as scores.",
            "The scores.npz of an earlier annotation was expected.",
            "Annotate the video again.",
        ) from error


def restrict(scores: WindowScores, labels: Sequence[str], floor_share: float = 0.2) -> WindowScores:
    """The scores as if the classifier knew only the chosen labels: each window's probabilities renormalised to them.

    Four labels of 400 would make anything certain. So a window whose chosen labels together had less than `floor_share`
    of their chance level (chosen / all) becomes a row of zeros: none of these. The labels get the order in which they
    are chosen.

    Raises:
        LabelsError: no label, or one that the scores lack.
    """
    chosen = tuple(dict.fromkeys(labels))
    check_labels(chosen, scores.labels)
    if chosen == scores.labels:
        return scores
    selected = scores.probabilities[:, [scores.labels.index(label) for label in chosen]].astype(np.float64)
    share = selected.sum(axis=1, keepdims=True)
    floor = floor_share * len(chosen) / len(scores.labels)
    valid = (share >= floor) & (share > 0)
    renormalised = np.divide(selected, share, out=np.zeros_like(selected), where=valid)
    return replace(scores, labels=chosen, probabilities=renormalised.astype(np.float32))


def verdict(scores: WindowScores, count: int = 3) -> list[tuple[str, float]]:
    """The labels with the highest mean probability over all windows, highest first."""
    mean = scores.probabilities.mean(axis=0, dtype=np.float64)
    order = np.argsort(-mean, kind="stable")[:count]
    return [(scores.labels[index], float(mean[index])) for index in order]


def check_labels(chosen: Sequence[str], known: Sequence[str]) -> None:
    """Check that a classifier has the chosen labels.

    Raises:
        LabelsError: no label, or one that the classifier lacks.
    """
    if not chosen:
        raise LabelsError("No label was chosen.", "At least one is needed.", "Choose a label, or leave the option out.")
    unknown = [label for label in chosen if label not in known]
    if not unknown:
        return
    plain = {label.casefold(): label for label in known}
    close = [plain[name] for name in get_close_matches(unknown[0].strip().casefold(), plain, n=3, cutoff=0.5)]
    remedy = (
        "Did you mean " + " or ".join(f"‘{name}’" for name in close) + "?" if close else "See the list of its labels."
    )
    raise LabelsError(
        "This classifier has no label " + ", ".join(f"‘{label}’" for label in unknown) + ".",
        f"It has {len(known)} labels, spelt as in its card.",
        remedy,
    )
