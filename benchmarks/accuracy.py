"""`python -m benchmarks.accuracy [NAME …] [--table]`: accuracy on recordings, or people, not used in training.

Each training is stored in `benchmarks/accuracy.jsonl` with its protocol, seed, fold and recipe, and is not repeated, so
the command can be interrupted and resumed. At the end, or at once with `--table`, it prints the mean and the worst seed
of each protocol. Intervals are Wilson's, of the mean; each clip counts once, however many seeds were tested on it.

Data sets are in `--data` (`../shared/data` by default) or in the folder of data sets.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from numpy.random import default_rng

from har.crossvalidation import Pooled, summarise_training
from har.datasets import Dataset, open_dataset, splits
from har.datasets.splits import Split
from har.recipe import Recipe, recipe_for
from har.training_pipeline import train_and_save

STORE = Path(__file__).parent / "accuracy.jsonl"
DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Protocol:
    """Which network is trained on which part of which data set."""

    data: str
    network: str
    preset: str
    test: tuple[str, ...] | None  # groups; None: each group in turn
    seeds: int
    span_sec: float | None = None  # of a clip, if the data set needs another than the network's
    train_groups: int | None = None  # of the others, drawn with the seed; None: all

    def recipe(self, seed: int = 0) -> Recipe:
        """The recipe with a seed."""
        recipe = recipe_for(self.network, self.preset, seed=seed)
        return recipe if self.span_sec is None else replace(recipe, spec=replace(recipe.spec, span_sec=self.span_sec))


# Clips have 30 frames spread over about 7 s; the 5 frames per second in their files are nominal.
UCF_SPAN_SEC = 7.0
UCF, YOGA = ("g11", "g12", "g13", "g14"), ("g12", "g13", "g14", "g15", "g16")
PROTOCOLS = {
    "ucf-lrcn": Protocol("ucf101_10", "lrcn", "own", UCF, 5, UCF_SPAN_SEC),
    "ucf-lrcn-tutorial": Protocol("ucf101_10", "lrcn", "tutorial", UCF, 5, UCF_SPAN_SEC),
    "ucf-convlstm": Protocol("ucf101_10", "convlstm", "own", UCF, 3, UCF_SPAN_SEC),
    "ucf-lite0": Protocol("ucf101_10", "lrcn-lite0", "own", UCF, 5, UCF_SPAN_SEC),
    "ucf-movinet": Protocol("ucf101_10", "movinet-head", "own", UCF, 5),
    "ucf-movinet-long": Protocol("ucf101_10", "movinet-head", "long", UCF, 5),
    "ucf-movinet-six": Protocol("ucf101_10", "movinet-head", "own", UCF, 5, train_groups=6),
    "weizmann-lrcn": Protocol("weizmann_silhouettes", "lrcn", "own", None, 1),
    "weizmann-lite0": Protocol("weizmann_silhouettes", "lrcn-lite0", "own", None, 1),
    "weizmann-movinet": Protocol("weizmann_silhouettes", "movinet-head", "own", None, 1),
    "yoga-lrcn": Protocol("yoga6", "lrcn", "own", YOGA, 5),
    "yoga-lite0": Protocol("yoga6", "lrcn-lite0", "own", YOGA, 5),
    "yoga-movinet": Protocol("yoga6", "movinet-head", "own", YOGA, 5),
    "figures-lrcn": Protocol("figures", "lrcn", "figures", (), 3),
    "figures-convlstm": Protocol("figures", "convlstm", "figures", (), 1),
}


def open_protocol_dataset(protocol: Protocol, data: Path) -> Dataset:
    """The data set of a protocol, from the folder `data` if it is there."""
    local = data / protocol.data
    return open_dataset(str(local) if local.is_dir() else protocol.data)


def named_splits(protocol: Protocol, dataset: Dataset, recipe: Recipe) -> Iterator[tuple[str, Split]]:
    """The folds of a protocol, by name."""
    if protocol.test is None:
        yield from zip(dataset.groups, splits.folds(dataset, recipe.seed, 0.12), strict=True)
    elif protocol.test:
        yield "", splits.held_out(_with_few_groups(protocol, dataset, recipe.seed), protocol.test, recipe.seed, 0.12)
    else:
        yield "", splits.split_dataset(dataset, "grouped", recipe.seed, recipe.validation_share, recipe.test_share)


def _with_few_groups(protocol: Protocol, dataset: Dataset, seed: int) -> Dataset:
    if protocol.train_groups is None or protocol.test is None:
        return dataset
    others = [group for group in dataset.groups if group not in protocol.test]
    kept = {*protocol.test, *default_rng(seed).choice(others, protocol.train_groups, replace=False)}
    return replace(dataset, videos=tuple(video for video in dataset.videos if video.group in kept))


def recipe_hash(protocol: Protocol) -> str:
    """A hash of the recipe: results of other recipes do not count."""
    text = json.dumps(asdict(protocol.recipe()), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def read_store() -> list[dict[str, Any]]:
    """All stored trainings."""
    lines = STORE.read_text("utf-8").splitlines() if STORE.exists() else []
    return [json.loads(line) for line in lines]


def measure(name: str, protocol: Protocol, data: Path) -> None:
    """Run the trainings of a protocol that are not stored yet."""
    done = {(row["name"], row["mark"], row["seed"], row["fold"]) for row in read_store()}
    dataset = open_protocol_dataset(protocol, data)
    for seed in range(protocol.seeds):
        recipe = protocol.recipe(seed)
        for fold, split in named_splits(protocol, dataset, recipe):
            if (name, recipe_hash(protocol), seed, fold) in done:
                continue
            outcome = train_and_save(dataset, recipe, split=split).outcome
            row = {"name": name, "mark": recipe_hash(protocol), "seed": seed, "fold": fold}
            row |= summarise_training(outcome)
            with STORE.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            in_fold = f", {fold}" if fold else ""
            print(f"{name}, seed {seed}{in_fold}: {row['right']} of {row['count']}, {row['seconds']} s", flush=True)


def read_results(name: str) -> Pooled | None:
    """The stored trainings of a protocol with its current recipe; None if there are none."""
    rows = [row for row in read_store() if (row["name"], row["mark"]) == (name, recipe_hash(PROTOCOLS[name]))]
    return Pooled(rows) if rows else None


def print_table() -> None:
    """Print the results of all protocols with their current recipes."""
    print(f"{'protocol':20} {'trainings':>9} {'mean':>6} {'worst':>6}  95 % interval    shuffled  s each")
    for name in PROTOCOLS:
        results = read_results(name)
        if results is None:
            print(f"{name:20} {'none yet':>9}")
            continue
        low, high = results.interval
        print(
            f"{name:20} {len(results.rows):9} {mean(results.shares):6.3f} {min(results.shares):6.3f}  "
            f"{low:.3f} to {high:.3f}  {results.shuffled:8.3f}  {mean(row['seconds'] for row in results.rows):6.0f}"
        )


def main() -> None:
    """Run the trainings of the given protocols, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(PROTOCOLS), metavar="NAME", help=", ".join(PROTOCOLS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PROTOCOLS):
        parser.error(f"no protocol {', '.join(unknown)}; there are {', '.join(PROTOCOLS)}")
    for name in [] if arguments.table else arguments.names:
        measure(name, PROTOCOLS[name], arguments.data)
    print_table()


if __name__ == "__main__":
    main()
