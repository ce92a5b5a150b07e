"""`python -m benchmarks.memory [--minutes 1 10]`: peak memory of a process that annotates a 1080p video with I3D."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from har.annotation import annotate
from har.video import run_ffmpeg
from har.video.write import h264_arguments

# An hour is long, and some minutes of 1080p are large.
LIMITS = {
    "HAR_MAX_VIDEO_SEC": str(2 * 3600),
    "HAR_MAX_VIDEO_BYTES": str(4 << 30),
    "HAR_FFMPEG_OUTPUT_BYTES": str(4 << 30),
}


def make_video(path: Path, minutes: int) -> None:
    """1080p, 25 frames a second; ten seconds that come again and again, so that making it is quick."""
    part = path.with_name("part.mp4")
    run_ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=10", *h264_arguments(), "-y", str(part)])
    run_ffmpeg(["-stream_loop", str(6 * minutes - 1), "-i", str(part), "-c", "copy", "-y", str(path)])


def measure(video: Path, stride_sec: float | None) -> None:
    """Annotate in this process, and print its peak in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        annotate(video, Path(folder), "i3d-kinetics400", stride_sec=stride_sec)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    """Annotate videos of different length, each in a process of its own, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--stride", type=float, help="seconds between windows; a larger one is quicker")
    parser.add_argument("--video", type=Path, help="used by this command itself")
    chosen = parser.parse_args()
    if chosen.video:
        measure(chosen.video, chosen.stride)
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in chosen.minutes:
            video = Path(folder) / f"{minutes}.mp4"
            make_video(video, minutes)
            command = [sys.executable, "-m", "benchmarks.memory", "--video", str(video)]
            command += ["--stride", str(chosen.stride)] if chosen.stride else []
            environment = LIMITS | os.environ
            peak = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
            peaks.append(int(peak))
            print(f"{minutes} min of 1080p: peak {int(peak)} MiB", flush=True)
    print(f"longest over shortest: {peaks[-1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
