"""`python -m benchmarks.weights [NAME …] [--figures | --graphs]`, or `make weights`: trains the bundled classifiers.

They are trained on all groups of their data sets, some of which are used for validation. No test clips are left, so the
accuracy on their cards is that of `benchmarks.accuracy`, where the same recipe was trained without the test groups.
`--figures` only updates the accuracy on existing cards, `--graphs` only what LiteRT runs, of all classifiers.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from benchmarks import accuracy
from har.classifier import Card, Figure, folder_of, graphs, list_cards, read_card, save
from har.classifier.card import write_card
from har.classifier.stored import WEIGHTS, read_model
from har.datasets import splits
from har.datasets.splits import Split
from har.progress import Progress
from har.settings import settings
from har.training import EpochRecord, train

_UCF_TITLE = "10 classes of UCF101"
_UCF_LICENCE = (
    "Weights: MIT. Trained on clips of UCF101 (K. Soomro, A. R. Zamir, M. Shah, 2012), which its authors offer for "
    "research; the clips themselves are not part of this project."
)


@dataclass(frozen=True)
class Bundled:
    """A bundled classifier, and the protocol that tests its recipe."""

    protocol: str
    title: str
    licence: str | None = None  # the data set's own


BUNDLED = {
    "lrcn-ucf101-10": Bundled("ucf-lrcn", f"LRCN, {_UCF_TITLE}", _UCF_LICENCE),
    "convlstm-ucf101-10": Bundled("ucf-convlstm", f"ConvLSTM, {_UCF_TITLE}", _UCF_LICENCE),
    "movinet-ucf101-10": Bundled("ucf-movinet", f"MoViNet with a new head, {_UCF_TITLE}", _UCF_LICENCE),
    "lrcn-lite0-ucf101-10": Bundled("ucf-lite0", f"LRCN on EfficientNet-Lite0, {_UCF_TITLE}", _UCF_LICENCE),
}


def figures_of(name: str) -> tuple[Figure, ...]:
    """The results of a protocol of `benchmarks.accuracy`, for a card."""
    results = accuracy.read_results(name)
    if results is None:
        return ()
    protocol = accuracy.PROTOCOLS[name]
    low, high = results.interval
    groups = ", ".join(protocol.test or ())
    description = (
        f"{protocol.data}: not these weights, but {len(results.rows)} trainings of this recipe without the groups they "
        f"were tested on ({groups}; {results.clips} clips); worst {min(results.shares):.3f}, 95 % interval "
        f"{low:.3f} to {high:.3f}"
    )
    return (Figure("accuracy", round(mean(results.shares), 4), description),)


def train_bundled(name: str, data: Path) -> None:
    """Train a bundled classifier and write its folder."""
    bundled = BUNDLED[name]
    protocol = accuracy.PROTOCOLS[bundled.protocol]
    dataset, recipe = accuracy.open_protocol_dataset(protocol, data), protocol.recipe()
    parts = splits.split_dataset(dataset, "grouped", 0, 0.12, 0.12)
    split = Split(parts.train + parts.test, parts.validation, (), None)

    def print_epoch(progress: Progress) -> None:
        if isinstance(progress.event, EpochRecord):
            print(f"{name}: {progress.text}", flush=True)

    result = train(dataset, recipe, print_epoch, split=split)
    card = with_figures(result.classifier.card, bundled)
    card = replace(card, title=bundled.title, licence=bundled.licence or card.licence)
    folder = settings().weights / name
    save(folder, card, result.classifier.model, overwrite=True)
    print(f"{name}: saved in {folder}", flush=True)


def with_figures(card: Card, bundled: Bundled) -> Card:
    """The card with the results of its protocol, and its accuracy on validation clips."""
    return replace(card, figures=(*figures_of(bundled.protocol), card.figures[-1]))


def update_card(name: str) -> None:
    """Update the accuracy on the card of a bundled classifier."""
    folder = settings().weights / name
    write_card(folder / "card.json", with_figures(read_card(folder), BUNDLED[name]))
    print(f"{name}: {read_card(folder).figures[0].value}", flush=True)


def convert_all() -> None:
    """Write the files in `weights/graphs` for all bundled classifiers, and remove others."""
    folder = settings().weights / "graphs"
    folder.mkdir(exist_ok=True)
    needed = set()
    for card in list_cards():
        home = folder_of(card.name)
        if home.parent == settings().weights and (home / WEIGHTS).is_file():  # not of a network that is published whole
            graphs.prepare(home, card, read_model(home, card), shipped=True)
            needed |= set(graphs.prepared(home, card).values())
    for path in set(folder.iterdir()) - needed:
        path.unlink()
    print("\n".join(f"{path.stat().st_size:>10,} {path.name}" for path in sorted(needed)))


def main() -> None:
    """Train, or update, the given classifiers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(BUNDLED), metavar="NAME")
    parser.add_argument("--data", type=Path, default=accuracy.DATA)
    parser.add_argument("--figures", action="store_true", help="only update the cards")
    parser.add_argument("--graphs", action="store_true", help="only convert the classifiers for LiteRT")
    arguments = parser.parse_args()
    if arguments.graphs:
        convert_all()
        return
    for name in arguments.names:
        if name not in BUNDLED:
            parser.error(f"no classifier {name!r}; there are {', '.join(BUNDLED)}")
        if arguments.figures:
            update_card(name)
        else:
            train_bundled(name, arguments.data)
    convert_all()


if __name__ == "__main__":
    main()
