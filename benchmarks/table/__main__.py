"""Runs the rows that are asked for, and prints them as a Markdown table."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from benchmarks import table
from benchmarks.table.machine import described, told
from benchmarks.table.rows import Bench, Figure, Found, Row

# An hour is long, and some minutes of 1080p are large.
LIMITS = {
    "HAR_MAX_VIDEO_SEC": str(2 * 3600),
    "HAR_MAX_VIDEO_BYTES": str(4 << 30),
    "HAR_FFMPEG_OUTPUT_BYTES": str(4 << 30),
}

ROWS = (
    Row("clips-short", "clips of 20 frames of 64×64 from short files of 320×240", "reading:short"),
    Row("clips-1080p", "the same from a file of 20 s of 1080p", "reading:large"),
    Row("train-lrcn", "training LRCN, the same network, batches of 4", "learning:lrcn"),
    Row("train-convlstm", "training ConvLSTM, the same network, batches of 4", "learning:convlstm"),
    Row("score-lrcn", "scoring with LRCN, every frame, the same network", "recognising:every_frame"),
    Row("score-i3d", "scoring with I3D", "recognising:i3d"),
    Row("annotate-1080p", "a whole job with LRCN and labels burned in, 1080p", "recognising:whole_large"),
    Row("annotate-320x240", "the same at 320×240", "recognising:whole_small"),
    Row("burn-1080p", "burning labels in at 1080p", "recognising:burned"),
    Row("web-start", "the web process, ready after its start", "starting:web"),
    Row("memory-i3d", "peak memory of a long job with I3D", "memory:peak"),
    Row("growth", "cost by length of the video", "recognising:growth"),
    Row("growth-training", "cost of an epoch by number of clips", "learning:growth"),
)


def lines_of(row: Row, found: Found) -> Iterator[str]:
    """A line of Markdown for each figure."""
    for figure in found.figures:
        against = f"against {figure.name}" if figure.unit == "×" else figure.name
        what = f"{row.what}, {against} (`{row.key}`)"
        claim = f"{figure.bound} {_number(figure, figure.worst)}"
        yield f"| {what} | {_number(figure, figure.measured)} | {claim} | {found.note} |"


def measured_apart(row: Row, bench: Bench) -> Found:
    """Measured in a process of its own, so that no row finds what another one has loaded."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(row.measure, bench).result()


def _number(figure: Figure, value: float) -> str:
    return f"{value:.3g} {figure.unit}".strip() if figure.unit != "" else f"{value:.4f}"


def main() -> None:
    """Measure, print, and keep what is wanted."""
    parser = argparse.ArgumentParser(description=table.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    keys = [row.key for row in ROWS]
    parser.add_argument("--only", action="append", choices=keys, metavar="ROW", help="may be given again")
    parser.add_argument("--list", action="store_true", help="only say which rows there are")
    parser.add_argument("--quick", action="store_true", help="one round on tiny inputs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every single time")
    chosen = parser.parse_args()
    if chosen.list:
        print("\n".join(f"{row.key:18}{row.what}" for row in ROWS))
        return
    for name, limit in LIMITS.items():
        os.environ.setdefault(name, limit)
    machine = described()
    print(f"{told(machine)}\n\n| what | measured | claim | how |\n|---|---|---|---|", flush=True)
    kept = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), chosen.quick, 1 if chosen.quick else chosen.rounds)
        for row in ROWS:
            if chosen.only and row.key not in chosen.only:
                continue
            found = row.measure(bench) if bench.quick else measured_apart(row, bench)
            print("\n".join(lines_of(row, found)), flush=True)
            kept[row.key] = asdict(found)
            if chosen.json:
                document = {"machine": machine, "quick": chosen.quick, "rounds": bench.rounds, "rows": kept}
                chosen.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
