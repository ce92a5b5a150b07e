"""Generated videos, made once per run."""

import shutil
from pathlib import Path

from benchmarks.table.rows import Bench
from har.video import run_ffmpeg
from har.video.write import h264_arguments

SMALL, LARGE = (320, 240), (1920, 1080)
FPS = 25
_PART_SEC = 20  # longer videos repeat this part


def make_video(bench: Bench, size: tuple[int, int], seconds: int, noise: int = 4) -> Path:
    """A video of moving patterns with some noise at 25 frames per second, which repeats its first part."""
    width, height = size
    path = bench.folder / f"make_video-{width}x{height}-{seconds}-{noise}.mp4"
    if not path.exists():
        part = min(_PART_SEC, seconds)
        source = f"testsrc2=s={width}x{height}:r={FPS}:d={part},noise=alls={noise}:allf=t"
        unfinished = path.with_name(f"part-{path.name}")
        run_ffmpeg(["-f", "lavfi", "-i", source, *h264_arguments(), "-y", str(unfinished)])
        if part == seconds:
            return unfinished.rename(path)
        again = ["-stream_loop", str(-(-seconds // part) - 1), "-i", str(unfinished), "-t", str(seconds)]
        run_ffmpeg([*again, "-c", "copy", "-y", str(path)])
        unfinished.unlink()
    return path


def clips(bench: Bench, count: int) -> list[Path]:
    """Short videos of 320×240, three to five seconds each."""
    folder = bench.folder / "clips"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        if not (copy := folder / f"{number:03}.mp4").exists():
            shutil.copy(make_video(bench, SMALL, 3 + number % 3), copy)
    return sorted(folder.iterdir())[:count]
