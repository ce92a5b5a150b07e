"""Mutated videos, processed as an upload is: probed, sampled, previewed, annotated, re-encoded."""

import random
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from har.annotation import annotate
from har.classifier import Card, Classifier, TrainingData
from har.classifier.card import write_card
from har.clips import ClipSpec, Samples
from har.datasets import LabelledVideo
from har.datasets.previews import playable_copy, sprite_sheet
from har.networks.parts import NETWORK
from har.settings import settings
from har.video import probe
from stress.fuzz import byte_changes, container_fields, playlists, seeds
from stress.fuzz.case import Case
from stress.fuzz.tripwire import Tripwire

_SUFFIXES = (
    "mp4", "mov", "avi", "mkv", "webm", "mpg", "gif", "ts", "wmv", "flv", "ogv", "3gp", "m3u8", "txt", "jpg", "mpd",
    "sdp",
)  # fmt: skip
_SMALL, _LARGE = ClipSpec(20, 64, 64, 2.0), ClipSpec(16, 224, 224, 1.28, "crop")  # of LRCN, of I3D
_CARD = Card("standin", "S", "", "lrcn", ("a", "b"), _SMALL, 0.5, "MIT", TrainingData("none"))


class _FakeNetwork:
    """Always the same probabilities."""

    input_shape: tuple[int, ...] = _SMALL.shape

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        share = np.full((len(clips), 1), 0.7, np.float32)
        return np.concatenate([share, 1 - share], axis=1)


class Videos:
    """Cases of the kind `video`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seeds = seeds.videos(folder / "seeds")
        self._seed = seed
        self.tripwire = Tripwire(folder / "planted", self._seeds["h264.mp4"])
        write_card((folder / "standin").joinpath("card.json"), _CARD) if _is_new(folder / "standin") else None
        self._classifier = folder / "standin"

    def generate(self, index: int) -> tuple[str, str, bytes]:
        """A description, a file name and the content."""
        rng = random.Random(f"{self._seed} video {index}")
        if rng.random() < 0.07:
            description, data = playlists.make(self.tripwire, self._seeds, rng)
            return description, f"video.{rng.choice(_SUFFIXES)}", data
        name = rng.choice(list(self._seeds))
        data, suffix, steps = self._seeds[name], name.rsplit(".", 1)[1], []
        others = list(self._seeds.values())
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            if not data:
                break
            if rng.random() < 0.6:
                data = container_fields.structured(data, suffix, others, rng)
                steps.append("fields")
            else:
                change = rng.choice(byte_changes.ALL)
                data = change(data, others, rng)
                steps.append(change.__name__)
        if rng.random() < 0.1:
            suffix = rng.choice(_SUFFIXES)
        return f"{name}: {', '.join(steps)}", f"video.{suffix}", data

    def make_case(self, index: int, folder: Path) -> Case:
        """Write it to the folder; the target processes it."""
        description, name, data = self.generate(index)
        path = folder / name
        path.write_bytes(data)
        return Case(description, lambda: self._process(index, path), {name})

    def _process(self, index: int, path: Path) -> list[object]:
        info = probe(path)
        results: list[object] = [replace(info, path=Path())]
        samples = Samples(info, _LARGE if index % 10 == 5 else _SMALL, collect_times=True)
        for frame in samples:
            if frame.shape != samples.spec.shape[1:]:
                raise TypeError(f"a frame of {frame.shape}")
        results.append(samples.warning)
        if index % 8 == 3:
            video = LabelledVideo(path, "a", None)
            sprite_sheet(video)
            playable_copy(video)
        if index % 12 == 7:
            results.append(self._annotate(path))
        return results

    def _annotate(self, path: Path) -> list[str]:
        out = settings().home / "jobs" / "case"
        with patch("har.annotation.load", lambda classifier: Classifier(_CARD, {NETWORK: _FakeNetwork()})):
            result = annotate(path, out, self._classifier, with_player_copy=True, partial=True)
        if result.labelled.timeline.segments[-1].end_sec < result.labelled.timeline.segments[0].start_sec:
            raise TypeError("a timeline that runs backwards")
        return [(out / name).read_text() for name in ("timeline.json", "captions.vtt", "notes.json")]


def _is_new(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return not (folder / "card.json").exists()
