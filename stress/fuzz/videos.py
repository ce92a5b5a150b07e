"""Mutated videos, on the road that an upload takes: looked at, sampled, shown small, annotated, written anew."""

import random
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from har.annotation import annotate
from har.classifier import Card, TrainingData
from har.classifier.card import write_card
from har.clips import ClipSpec, Samples
from har.datasets import LabelledVideo
from har.datasets.previews import playable, strip
from har.settings import settings
from har.video import probe
from stress.fuzz import damage, fields, lists, seeds
from stress.fuzz.canary import Canary
from stress.fuzz.case import Case

_ENDINGS = (
    "mp4", "mov", "avi", "mkv", "webm", "mpg", "gif", "ts", "wmv", "flv", "ogv", "3gp", "m3u8", "txt", "jpg", "mpd",
    "sdp",
)  # fmt: skip
_SMALL, _LARGE = ClipSpec(20, 64, 64, 2.0), ClipSpec(16, 224, 224, 1.28, "crop")  # of LRCN, of I3D
_CARD = Card("standin", "S", "", "lrcn", ("a", "b"), _SMALL, 0.5, "MIT", TrainingData("none"))


@dataclass
class _StandIn:
    """Answers as a classifier would, without a network."""

    card: Card
    has_halves: bool = False
    moment_frames: int = 1

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        share = np.full((len(clips), 1), 0.7, np.float32)
        return np.concatenate([share, 1 - share], axis=1)


class Videos:
    """Cases of the kind `video`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seeds = seeds.videos(folder / "seeds")
        self._seed = seed
        self.canary = Canary(folder / "planted", self._seeds["h264.mp4"])
        write_card((folder / "standin").joinpath("card.json"), _CARD) if _new(folder / "standin") else None
        self._classifier = folder / "standin"

    def make(self, index: int) -> tuple[str, str, bytes]:
        """What was done, a file's name, and its bytes."""
        chance = random.Random(f"{self._seed} video {index}")
        if chance.random() < 0.07:
            told, data = lists.make(self.canary, self._seeds, chance)
            return told, f"video.{chance.choice(_ENDINGS)}", data
        name = chance.choice(list(self._seeds))
        data, ending, steps = self._seeds[name], name.rsplit(".", 1)[1], []
        others = list(self._seeds.values())
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            if not data:
                break
            if chance.random() < 0.6:
                data = fields.structured(data, ending, others, chance)
                steps.append("fields")
            else:
                change = chance.choice(damage.ALL)
                data = change(data, others, chance)
                steps.append(change.__name__)
        if chance.random() < 0.1:
            ending = chance.choice(_ENDINGS)
        return f"{name}: {', '.join(steps)}", f"video.{ending}", data

    def run(self, index: int, folder: Path) -> Case:
        """Take one along the road."""
        told, name, data = self.make(index)
        path = folder / name
        path.write_bytes(data)
        return Case(told, lambda: self._road(index, path), {name})

    def _road(self, index: int, path: Path) -> list[object]:
        info = probe(path)
        said: list[object] = [replace(info, path=Path())]
        samples = Samples(info, _LARGE if index % 10 == 5 else _SMALL, collect_times=True)
        for frame in samples:
            if frame.shape != samples.spec.shape[1:]:
                raise TypeError(f"a frame of {frame.shape}")
        said.append(samples.warning)
        if index % 8 == 3:
            video = LabelledVideo(path, "a", None)
            strip(video)
            playable(video)
        if index % 12 == 7:
            said.append(self._annotated(path))
        return said

    def _annotated(self, path: Path) -> list[str]:
        out = settings().home / "jobs" / "case"
        with patch("har.classifier.load_cached", lambda classifier: _StandIn(_CARD)):
            result = annotate(path, out, self._classifier, for_page=True)
        if result.labelled.timeline.segments[-1].end_sec < result.labelled.timeline.segments[0].start_sec:
            raise TypeError("a timeline that runs backwards")
        return [(out / name).read_text() for name in ("timeline.json", "captions.vtt", "notes.json")]


def _new(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return not (folder / "card.json").exists()
