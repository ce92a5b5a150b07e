"""Runs the chosen rows and prints them as a Markdown table."""

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
from benchmarks.table.environment import describe, summarise
from benchmarks.table.rows import Bench, Figure, Measurement, Row

# For an hour of video, and for minutes of 1080p.
LIMITS = {
    "HAR_MAX_VIDEO_SEC": str(2 * 3600),
    "HAR_MAX_VIDEO_BYTES": str(4 << 30),
    "HAR_FFMPEG_OUTPUT_BYTES": str(4 << 30),
}

ROWS = (
    Row("clips-short", "clips of 20 frames of 64×64 from short files of 320×240", "decoding:short"),
    Row("clips-1080p", "the same from a file of 20 s of 1080p", "decoding:large"),
    Row("train-lrcn", "training LRCN, the same network, batches of 4", "training:lrcn"),
    Row("train-convlstm", "training ConvLSTM, the same network, batches of 4", "training:convlstm"),
    Row("score-lrcn", "scoring with LRCN, every frame, the same network", "recognition:every_frame"),
    Row("score-i3d", "scoring with I3D", "recognition:i3d"),
    Row("annotate-1080p", "a whole job with LRCN and labels burned_in in, 1080p", "recognition:whole_large"),
    Row("annotate-320x240", "the same at 320×240", "recognition:whole_small"),
    Row("command", "`har annotate --no-video`, 10 s of 320×240 with LRCN", "startup:command"),
    Row("command-1080p", "`har annotate` with LRCN, labels burned in, 20 s of 1080p", "startup:short_job"),
    Row("command-1080p-long", "the same, five minutes", "startup:long_job"),
    Row("burn-1080p", "burning labels in at 1080p", "recognition:burned_in"),
    Row("web-start", "start of the web process", "startup:web"),
    Row("memory-i3d", "peak memory of a long job with I3D", "memory:peak"),
    Row("memory-lrcn", "peak memory of the app, a minute of 1080p with LRCN", "memory:lrcn"),
    Row("memory-small-host", "the same from its start, with I3D and then LRCN", "memory:small_host"),
    Row("rest", "the app at rest", "memory:rest"),
    Row("growth", "cost by length of the video", "recognition:growth"),
    Row("growth-training", "cost of an epoch by number of clips", "training:growth"),
)


def table_lines(row: Row, measurement: Measurement) -> Iterator[str]:
    """A Markdown table row for each figure."""
    for figure in measurement.figures:
        against = f"against {figure.name}" if figure.unit == "×" else figure.name
        what = f"{row.what}, {against} (`{row.key}`)"
        claim = f"{figure.bound} {_number(figure, figure.worst)}"
        yield f"| {what} | {_number(figure, figure.measured)} | {claim} | {measurement.note} |"


def measure_in_process(row: Row, bench: Bench) -> Measurement:
    """Measure in a new process, so that no row profits from what another has loaded."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(row.measure, bench).result()


def _number(figure: Figure, value: float) -> str:
    return f"{value:.3g} {figure.unit}".strip() if figure.unit != "" else f"{value:.4f}"


def main() -> None:
    """Measure the chosen rows and print them."""
    parser = argparse.ArgumentParser(description=table.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    keys = [row.key for row in ROWS]
    parser.add_argument("--only", action="append", choices=keys, metavar="ROW", help="can be repeated")
    parser.add_argument("--list", action="store_true", help="only list the rows")
    parser.add_argument("--quick", action="store_true", help="one round on tiny inputs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single time")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{row.key:20}{row.what}" for row in ROWS))
        return
    for name, limit in LIMITS.items():
        os.environ.setdefault(name, limit)
    machine = describe()
    print(f"{summarise(machine)}\n\n| what | measured | claim | how |\n|---|---|---|---|", flush=True)
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.quick, 1 if options.quick else options.rounds)
        for row in ROWS:
            if options.only and row.key not in options.only:
                continue
            measurement = row.measure(bench) if bench.quick else measure_in_process(row, bench)
            print("\n".join(table_lines(row, measurement)), flush=True)
            rows[row.key] = asdict(measurement)
            if options.json:
                document = {"machine": machine, "quick": options.quick, "rounds": bench.rounds, "rows": rows}
                options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
