"""Generated videos, made once a run."""

import shutil
from pathlib import Path

from benchmarks.table.rows import Bench
from har.video import run_ffmpeg
from har.video.write import h264_arguments

SMALL, LARGE = (320, 240), (1920, 1080)
FPS = 25
_PART_SEC = 20  # that are made; longer videos repeat them


def film(bench: Bench, size: tuple[int, int], seconds: int, noise: int = 4) -> Path:
    """A video with patterns that move and some noise, at 25 frames a second; its beginning again and again."""
    width, height = size
    path = bench.folder / f"film-{width}x{height}-{seconds}-{noise}.mp4"
    if not path.exists():
        part = min(_PART_SEC, seconds)
        source = f"testsrc2=s={width}x{height}:r={FPS}:d={part},noise=alls={noise}:allf=t"
        begun = path.with_name(f"part-{path.name}")
        run_ffmpeg(["-f", "lavfi", "-i", source, *h264_arguments(), "-y", str(begun)])
        if part == seconds:
            return begun.rename(path)
        again = ["-stream_loop", str(-(-seconds // part) - 1), "-i", str(begun), "-t", str(seconds)]
        run_ffmpeg([*again, "-c", "copy", "-y", str(path)])
        begun.unlink()
    return path


def clips(bench: Bench, count: int) -> list[Path]:
    """Short ones of 320×240, three to five seconds each, every one a file of its own."""
    folder = bench.folder / "clips"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        if not (copy := folder / f"{number:03}.mp4").exists():
            shutil.copy(film(bench, SMALL, 3 + number % 3), copy)
    return sorted(folder.iterdir())[:count]
