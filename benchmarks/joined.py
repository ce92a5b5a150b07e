"""`python -m benchmarks.joined [--recipe NAME] [--data DIR]`: frame accuracy on videos joined from clips.

A head on MoViNet is trained on ten classes of UCF101 without the groups 11 to 14. Twenty videos are joined from 4 to 12
clips of these groups each, never two of a class in a row, and annotated like any video, including the search for cuts.
They are joined almost without loss: at the default quality, encoding 64×64 pixels a second time hides what is in them.
"""

import argparse
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import mean

import numpy as np

from benchmarks import accuracy
from har.api import annotate
from har.clips import ClipSpec, decode
from har.datasets import LabelledVideo
from har.networks.network import OWN
from har.settings import override_settings
from har.timeline import Segment, Timeline, frame_accuracy
from har.training_pipeline import train_and_save
from har.video import probe, write_video

_VIDEOS, _FEWEST, _MOST = 20, 4, 12
_FPS = 5  # nominal, of the clips
_CLIP_FRAMES = 30
_SIDE = 64
_CRF = 1  # almost lossless


def join(path: Path, videos: tuple[LabelledVideo, ...], random: np.random.Generator) -> Timeline:
    """Write a joined video; returns what happens in it."""
    spec = ClipSpec(_CLIP_FRAMES, _SIDE, _SIDE, _CLIP_FRAMES / _FPS)
    chosen: list[LabelledVideo] = []
    for _ in range(int(random.integers(_FEWEST, _MOST + 1))):
        others = [video for video in videos if not chosen or video.label != chosen[-1].label]
        chosen.append(others[int(random.integers(len(others)))])
    clips = [decode(probe(video.path), spec)[:_CLIP_FRAMES] for video in chosen]
    with override_settings(encoder_crf=_CRF):
        write_video(path, np.concatenate(clips), Fraction(_FPS))
    ends = np.cumsum([len(clip) for clip in clips]) / _FPS
    starts = [0.0, *ends[:-1]]
    rows = zip(starts, ends, chosen, strict=True)
    return Timeline(tuple(Segment(float(start), float(end), video.label) for start, end, video in rows))


def main() -> None:
    """Print the accuracy of each video, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=accuracy.DATA)
    parser.add_argument("--recipe", default=OWN)
    options = parser.parse_args()
    protocol = replace(accuracy.PROTOCOLS["ucf-movinet"], preset=options.recipe)
    dataset, recipe = accuracy.open_protocol_dataset(protocol, options.data), protocol.recipe()
    ((_, split),) = accuracy.named_splits(protocol, dataset, recipe)
    classifier = train_and_save(dataset, recipe, split=split).classifier
    random, shares, unsure = np.random.default_rng(0), [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(_VIDEOS):
            path = Path(folder) / f"{number}.mp4"
            truth = join(path, split.test, random)
            frames = annotate(path, classifier=classifier).frames
            shares.append(frame_accuracy(frames, truth))
            unsure.append(float((frames.label_index < 0).mean()))
            print(f"{len(truth.segments):2} clips: {shares[-1]:.3f} right, {unsure[-1]:.3f} unsure", flush=True)
    print(f"{_VIDEOS} videos: {mean(shares):.3f} right, worst {min(shares):.3f}; {mean(unsure):.3f} unsure")


if __name__ == "__main__":
    main()
