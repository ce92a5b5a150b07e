"""The classifier that is used where none is chosen: the best one whose files are available.

`PREFERRED` runs a file that is downloaded on first use. Where that fails, `SHIPPED` is used, which needs none.
"""

from dataclasses import dataclass
from pathlib import Path

from har.classifier.card import Card, read_card
from har.errors import HarError
from har.networks import NETWORKS, published
from har.progress import OnProgress, ignore

PREFERRED, SHIPPED = "movinet-kinetics600", "i3d-kinetics400"
DESCRIPTION = f"by default {PREFERRED}, or {SHIPPED} where it cannot be downloaded"  # for help texts


@dataclass(frozen=True)
class Chosen:
    """A classifier whose files are here."""

    where: str | Path  # its name or folder
    card: Card
    failure: HarError | None = None  # why the preferred one could not be downloaded

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for users: that it is not the preferred one, and why."""
        if self.failure is None:
            return ()
        asked, used = (NETWORKS[card.network].title for card in (read_card(PREFERRED), self.card))
        return (f"{asked} could not be downloaded, so {used} was used. {self.failure.received}",)


def expected_default() -> str:
    """Which one `choose` will probably take, as far as is known without a connection."""
    file = _published_file(read_card(PREFERRED))
    return PREFERRED if file is None or published.is_expected(file) else SHIPPED


def choose(classifier: str | Path | None, on_progress: OnProgress = ignore) -> Chosen:
    """The classifier, or without one the default, with its published file, which is fetched if it is not here.

    Raises:
        ClassifierMissing, ClassifierDamaged: no such classifier, or its card cannot be read.
        DownloadFailed, DownloadDamaged, DiskFull: its file cannot be fetched. Not for the default.
    """
    if classifier is not None:
        card = read_card(classifier)
        fetch_file(card, on_progress)
        return Chosen(classifier, card)
    card, shipped = read_card(PREFERRED), read_card(SHIPPED)
    file = _published_file(card)
    if file is not None and not published.is_available(file):
        return Chosen(SHIPPED, shipped)  # as the operator has decided
    try:
        fetch_file(card, on_progress)
    except HarError as error:
        return Chosen(SHIPPED, shipped, error)
    return Chosen(PREFERRED, card)


def fetch_file(card: Card, on_progress: OnProgress = ignore) -> None:
    """Fetch the published file that a classifier needs, if it needs one that is not here.

    Raises:
        DownloadFailed, DownloadDamaged, DiskFull: it cannot be fetched.
    """
    if (file := _published_file(card)) is not None:
        published.fetch(file, on_progress)


def _published_file(card: Card) -> str | None:
    entry = NETWORKS.get(card.network)
    return entry.published.file if entry is not None and entry.published is not None else None
