"""`python -m benchmarks.accuracy [NAME …] [--table]`: networks measured on recordings, or people, they never saw.

Each training is stored as it ends in `benchmarks/accuracy.jsonl`, under its protocol, seed, fold and recipe; what is
there is not trained again, so the command can be ended and called again. At its end, and with `--table` at once, it
prints every protocol's mean and worst seed. Intervals are Wilson's, of the mean and of as many clips as there are: that
several seeds are tested on the same clips makes those no more.

Data sets lie in `--data` (`../shared/data` by default) or in the folder of data sets.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from har.crossvalidation import Pooled, facts_of
from har.datasets import Dataset, open_dataset, splits
from har.datasets.splits import Split
from har.recipe import Recipe, recipe_for
from har.training import train

STORE = Path(__file__).parent / "accuracy.jsonl"
DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Protocol:
    """What is trained on which part of what."""

    data: str
    network: str
    preset: str
    test: tuple[str, ...] | None  # groups; None: each group in its turn
    seeds: int
    span_sec: float | None = None  # of a clip, where the data's is not the network's usual one

    def recipe(self, seed: int = 0) -> Recipe:
        """With a seed."""
        recipe = recipe_for(self.network, self.preset, seed=seed)
        return recipe if self.span_sec is None else replace(recipe, spec=replace(recipe.spec, span_sec=self.span_sec))


# 30 frames spread over the whole of each clip, about 7 s: their files say 5 frames a second, which is nominal.
UCF_SPAN_SEC = 7.0
UCF, YOGA = ("g11", "g12", "g13", "g14"), ("g12", "g13", "g14", "g15", "g16")
PROTOCOLS = {
    "ucf-lrcn": Protocol("ucf101_10", "lrcn", "own", UCF, 5, UCF_SPAN_SEC),
    "ucf-lrcn-tutorial": Protocol("ucf101_10", "lrcn", "tutorial", UCF, 5, UCF_SPAN_SEC),
    "ucf-convlstm": Protocol("ucf101_10", "convlstm", "own", UCF, 3, UCF_SPAN_SEC),
    "ucf-lite0": Protocol("ucf101_10", "lrcn-lite0", "own", UCF, 5, UCF_SPAN_SEC),
    "weizmann-lrcn": Protocol("weizmann_silhouettes", "lrcn", "own", None, 1),
    "weizmann-lite0": Protocol("weizmann_silhouettes", "lrcn-lite0", "own", None, 1),
    "yoga-lrcn": Protocol("yoga6", "lrcn", "own", YOGA, 5),
    "yoga-lite0": Protocol("yoga6", "lrcn-lite0", "own", YOGA, 5),
    "figures-lrcn": Protocol("figures", "lrcn", "figures", (), 3),
    "figures-convlstm": Protocol("figures", "convlstm", "figures", (), 1),
}


def opened(protocol: Protocol, data: Path) -> Dataset:
    """The data set, from beside the checkout if it is there."""
    beside = data / protocol.data
    return open_dataset(str(beside) if beside.is_dir() else protocol.data)


def parts(protocol: Protocol, dataset: Dataset, recipe: Recipe) -> Iterator[tuple[str, Split]]:
    """The folds of a protocol with their names."""
    if protocol.test is None:
        yield from zip(dataset.groups, splits.folds(dataset, recipe.seed, 0.12), strict=True)
    elif protocol.test:
        yield "", splits.held_out(dataset, protocol.test, recipe.seed, 0.12)
    else:
        yield "", splits.divide(dataset, "grouped", recipe.seed, recipe.validation_share, recipe.test_share)


def mark(protocol: Protocol) -> str:
    """Tells recipes apart: another one is another experiment."""
    text = json.dumps(asdict(protocol.recipe()), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def stored() -> list[dict[str, Any]]:
    """Every training that has ended."""
    lines = STORE.read_text("utf-8").splitlines() if STORE.exists() else []
    return [json.loads(line) for line in lines]


def measure(name: str, protocol: Protocol, data: Path) -> None:
    """Train what is missing of a protocol."""
    done = {(row["name"], row["mark"], row["seed"], row["fold"]) for row in stored()}
    dataset = opened(protocol, data)
    for seed in range(protocol.seeds):
        recipe = protocol.recipe(seed)
        for fold, split in parts(protocol, dataset, recipe):
            if (name, mark(protocol), seed, fold) in done:
                continue
            began = time.perf_counter()
            result = train(dataset, recipe, split=split)
            if result.examination is None:
                raise SystemExit("stopped")
            row = {"name": name, "mark": mark(protocol), "seed": seed, "fold": fold}
            row |= facts_of(result, time.perf_counter() - began)
            with STORE.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            where = f", {fold}" if fold else ""
            print(f"{name}, seed {seed}{where}: {row['right']} of {row['count']}, {row['seconds']} s", flush=True)


def measured(name: str) -> Pooled | None:
    """What is stored of a protocol, with the recipe as it is now; None: nothing yet."""
    rows = [row for row in stored() if (row["name"], row["mark"]) == (name, mark(PROTOCOLS[name]))]
    return Pooled(rows) if rows else None


def table() -> None:
    """What is stored, of the recipes as they are now."""
    print(f"{'protocol':20} {'trainings':>9} {'mean':>6} {'worst':>6}  95 % interval    shuffled  s each")
    for name in PROTOCOLS:
        found = measured(name)
        if found is None:
            print(f"{name:20} {'not yet':>9}")
            continue
        low, high = found.interval
        print(
            f"{name:20} {len(found.rows):9} {mean(found.shares):6.3f} {min(found.shares):6.3f}  "
            f"{low:.3f} to {high:.3f}  {found.shuffled:8.3f}  {mean(row['seconds'] for row in found.rows):6.0f}"
        )


def main() -> None:
    """Measure what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(PROTOCOLS), metavar="NAME", help=", ".join(PROTOCOLS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PROTOCOLS):
        parser.error(f"{', '.join(unknown)}: none of {', '.join(PROTOCOLS)}")
    for name in [] if arguments.table else arguments.names:
        measure(name, PROTOCOLS[name], arguments.data)
    table()


if __name__ == "__main__":
    main()
