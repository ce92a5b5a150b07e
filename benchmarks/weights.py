"""`python -m benchmarks.weights [NAME …] [--figures]`, or `make weights`: trains what is shipped, into `weights/`.

What ships is trained on all groups of its data, some of which validate; so nothing is left to measure it on, and the
figures on its card are those of `benchmarks.accuracy`, where the same recipe was trained without the test groups.
`--figures` trains nothing, and brings the cards that are there up to date.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from benchmarks import accuracy
from har.classifier import Card, Figure, read_card, save
from har.classifier.card import write_card
from har.datasets import splits
from har.datasets.splits import Split
from har.settings import settings
from har.training import EpochDone, TrainingEvent, train

_UCF_TITLE = "10 classes of UCF101"
_UCF_LICENCE = (
    "Weights: MIT. Trained on clips of UCF101 (K. Soomro, A. R. Zamir, M. Shah, 2012), which its authors offer for "
    "research; the clips themselves are not part of this project."
)


@dataclass(frozen=True)
class Shipped:
    """A classifier, and the protocol that measures its recipe."""

    protocol: str
    title: str
    licence: str | None = None  # the data set's own


SHIPPED = {
    "lrcn-ucf101-10": Shipped("ucf-lrcn", f"LRCN, {_UCF_TITLE}", _UCF_LICENCE),
    "convlstm-ucf101-10": Shipped("ucf-convlstm", f"ConvLSTM, {_UCF_TITLE}", _UCF_LICENCE),
    "lrcn-lite0-ucf101-10": Shipped("ucf-lite0", f"LRCN on EfficientNet-Lite0, {_UCF_TITLE}", _UCF_LICENCE),
}


def figures_of(name: str) -> tuple[Figure, ...]:
    """What `benchmarks.accuracy` has stored of a protocol, as it goes onto a card."""
    found = accuracy.measured(name)
    if found is None:
        return ()
    protocol = accuracy.PROTOCOLS[name]
    low, high = found.interval
    groups = ", ".join(protocol.test or ())
    told = (
        f"{protocol.data}: not these weights, but {len(found.rows)} trainings of this recipe without the groups they "
        f"were then tested on ({groups}; {found.clips} clips); worst {min(found.shares):.3f}, 95 % interval "
        f"{low:.3f} to {high:.3f}"
    )
    return (Figure("accuracy", round(mean(found.shares), 4), told),)


def make(name: str, data: Path) -> None:
    """Train one and write its folder."""
    shipped = SHIPPED[name]
    protocol = accuracy.PROTOCOLS[shipped.protocol]
    dataset, recipe = accuracy.opened(protocol, data), protocol.recipe()
    divided = splits.divide(dataset, "grouped", 0, 0.12, 0.12)
    split = Split(divided.train + divided.test, divided.validation, (), None)

    def tell(event: TrainingEvent) -> None:
        if isinstance(event, EpochDone):
            print(f"{name}: epoch {event.epoch}, validation {event.validation_accuracy:.3f}", flush=True)

    result = train(dataset, recipe, tell, split=split)
    card = with_figures(result.classifier.card, shipped)
    card = replace(card, title=shipped.title, licence=shipped.licence or card.licence)
    folder = settings().weights / name
    save(folder, card, result.classifier.model, overwrite=True)
    print(f"{name}: saved in {folder}", flush=True)


def with_figures(card: Card, shipped: Shipped) -> Card:
    """The card with what the protocol says now, before what its own validation clips say."""
    return replace(card, figures=(*figures_of(shipped.protocol), card.figures[-1]))


def renew(name: str) -> None:
    """Bring the figures of one that is there up to date."""
    folder = settings().weights / name
    write_card(folder / "card.json", with_figures(read_card(folder), SHIPPED[name]))
    print(f"{name}: {read_card(folder).figures[0].value}", flush=True)


def main() -> None:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(SHIPPED), metavar="NAME")
    parser.add_argument("--data", type=Path, default=accuracy.DATA)
    parser.add_argument("--figures", action="store_true", help="only bring the cards up to date")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in SHIPPED:
            parser.error(f"{name!r} is none of {', '.join(SHIPPED)}")
        if arguments.figures:
            renew(name)
        else:
            make(name, arguments.data)


if __name__ == "__main__":
    main()
