"""`python -m benchmarks.burn_in [VIDEO] [--rounds N]`: the cost of burning in labels, compared with a plain transcode.

It is also compared with a transcode that has the same options, among them a coarser motion search. They take turns, so
that a machine that slows down slows all. Without a VIDEO, a noisy one of 1080p is generated.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from har.render import burn_in
from har.timeline import FrameLabels, TimelineOptions, WindowScores, label_frames
from har.video import VideoInfo, input_arguments, probe, read_frames, run_ffmpeg
from har.video.write import h264_arguments, transcoding_arguments

_NAMES = ("playing squash or racquetball", "bench pressing", "squat", "tai chi", "jumping jacks")


def make_video(path: Path, seconds: int = 12) -> None:
    """Moving shapes and some noise: neither trivial nor impossible to compress."""
    source = f"testsrc2=s=1920x1080:r=30000/1001:d={seconds},noise=alls=12:allf=t"
    run_ffmpeg(["-f", "lavfi", "-i", source, *h264_arguments(), "-y", str(path)])


def make_labels(info: VideoInfo) -> FrameLabels:
    """Labels from probabilities that change all the time."""
    with read_frames(info, size=(2, 2), collect_times=True) as reader:
        for _ in reader:
            pass
    start_sec = np.arange(0.0, info.duration_sec, 0.25)
    rows = np.random.default_rng(0).dirichlet(np.full(len(_NAMES), 0.2), len(start_sec)).astype(np.float32)
    scores = WindowScores(_NAMES, start_sec, start_sec + 2.0, rows)
    return label_frames(scores, reader.times_sec, TimelineOptions(threshold=0.2, min_sec=0.0))


def transcode(info: VideoInfo, out: Path) -> None:
    """A copy without labels, as usual: preset and quality of `burn_in`, all else as ffmpeg has it."""
    _transcode(info, out, [], ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"])


def transcode_like_burn_in(info: VideoInfo, out: Path) -> None:
    """As `burn_in` in all but the labels."""
    _transcode(info, out, *transcoding_arguments())


def _transcode(info: VideoInfo, out: Path, decode: list[str], encode: list[str]) -> None:
    times = ["-fps_mode", "passthrough", "-enc_time_base", "demux", "-movflags", "+faststart"]
    run_ffmpeg([*input_arguments(info.path, *decode), "-map", "0:V:0", *encode, *times, "-y", f"file:{out}"])


def timed(run: Callable[[], None]) -> float:
    """The duration of a call in seconds."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.video is None:
            make_video(folder / "generated.mp4")
        info = probe(chosen.video or folder / "generated.mp4")
        labels = make_labels(info)
        rounds = [
            (
                timed(lambda: burn_in(info, labels, folder / "burned.mp4")),
                timed(lambda: transcode(info, folder / "plain.mp4")),
                timed(lambda: transcode_like_burn_in(info, folder / "like-burn-in.mp4")),
            )
            for _ in range(chosen.rounds)
        ]
    frames = len(labels.times_sec)
    print(f"{info.width}×{info.height}, {frames} frames, median of {chosen.rounds} rounds")
    for name, times in zip(("with labels", "plain transcode", "same options"), zip(*rounds, strict=True), strict=True):
        print(f"{name:15} {median(times):6.2f} s  {frames / median(times):6.1f} frames a second")
    print(f"ratio to a plain transcode {median(one / other for one, other, _ in rounds):.2f}")
    print(f"to one with the same options {median(one / other for one, _, other in rounds):.2f}")


if __name__ == "__main__":
    main()
