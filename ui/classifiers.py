"""The classifiers that a visitor may choose from: bundled, trained on this server, or their own."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from har.classifier import Card, list_cards, read_card
from har.errors import ClassifierError
from har.runs import Run, list_runs
from ui import visitor


def known(more: Iterable[Run] = ()) -> tuple[dict[str | Path, Card], dict[str | Path, str]]:
    """The cards and display names of classifiers, by the name or folder that loads them."""
    cards: dict[str | Path, Card] = {card.name: card for card in list_cards()}
    names = {where: card.title for where, card in cards.items()}
    theirs = {run.id: run for run in [*list_runs(visitor.known_owner()), *more] if run.outcome is not None}
    for run in theirs.values():
        with suppress(ClassifierError):
            cards[run.classifier] = read_card(run.classifier)
            names[run.classifier] = f"Yours: {run.name}"
    return cards, names
