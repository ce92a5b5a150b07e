"""A classifier's card: all that is known of it beside its weights. Read without TensorFlow."""

import json
import logging
import re
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from har.clips import ClipSpec
from har.errors import ClassifierDamaged, ClassifierMissing, OptionsError
from har.settings import settings

FORMAT_VERSION = 2  # raised when an older program would misread a newer card; keys that are only added do not count

# No card that this program writes comes near these; a made-up one could ask for any amount of memory.
_MOST_CARD_BYTES = 32 << 20
_MOST_LABELS = 5_000
_MOST_CLIP_PIXELS = 1 << 23
_MOST_FRAMES = 256  # of a clip: some networks are built frame by frame
_MOST_RATE = 1000  # samples a second of video
_LONGEST_TEXT = 5_000  # letters; of a label:
_LONGEST_LABEL = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_log = logging.getLogger(__name__)


class SeenVideo(NamedTuple):
    """A video that training looked at; a row of four in the card."""

    content: str  # har.datasets.dataset.content_hash
    group: str | None
    label: str
    path: str  # inside its data set


class Figure(NamedTuple):
    """Something measured: ('accuracy', 0.97, 'figures, groups g21-g25, never trained on')."""

    metric: str
    value: float
    data: str


@dataclass(frozen=True)
class TrainingData:
    """What a classifier has seen. Pretrained ones, whose videos nobody can list, have a name only."""

    name: str
    trained: tuple[SeenVideo, ...] = ()  # moved the weights
    validated: tuple[SeenVideo, ...] = ()  # chose among epochs

    @property
    def seen(self) -> tuple[SeenVideo, ...]:
        """Both."""
        return self.trained + self.validated


@dataclass(frozen=True)
class Card:
    """Everything needed to rebuild a classifier, and to judge it."""

    name: str  # its folder's
    title: str  # for people
    description: str  # a sentence or two for people who choose
    network: str  # a key of har.networks.NETWORKS
    labels: tuple[str, ...]  # in the order of the outputs
    spec: ClipSpec
    stride_sec: float  # between two windows, unless told otherwise
    licence: str
    data: TrainingData
    options: dict[str, bool | int | float | str] = field(default_factory=dict)  # of the network's builder
    recipe: dict[str, Any] = field(default_factory=dict)  # how it was trained, as far as known
    figures: tuple[Figure, ...] = ()
    temperature: float = 1.0  # of the softmax: with it, probabilities say how often the classifier is right
    threshold: float | None = None  # below it, better 'unsure'; None: nobody has measured it
    format_version: int = FORMAT_VERSION


_CARD = TypeAdapter(Card)


def folder_of(name_or_folder: str | Path) -> Path:
    """Where a classifier lies.

    Args:
        name_or_folder: a `str` is a name and is looked up among the shipped ones, then among those trained here; it
            never leads to another folder. A `Path` is the folder itself.

    Raises:
        ClassifierMissing: there is none.
    """
    if isinstance(name_or_folder, Path):
        candidates = [name_or_folder]
    elif _NAME.fullmatch(name_or_folder):
        candidates = [settings().weights / name_or_folder, settings().classifiers / name_or_folder]
    else:
        candidates = []
    for folder in candidates:
        if (folder / "card.json").is_file():
            return folder
    raise ClassifierMissing(
        f"There is no classifier {str(name_or_folder)!r}.",
        f"There are: {', '.join(folder.name for folder in _folders())}; a folder with a card.json would do as well.",
        "Choose one of them, or train one.",
    )


def list_cards() -> list[Card]:
    """The shipped classifiers' cards, then those trained here. Damaged ones are logged and left out."""
    cards = []
    for folder in _folders():
        try:
            cards.append(read_card(folder))
        except ClassifierDamaged as error:
            _log.warning("%s", error)
    return cards


def read_card(name_or_folder: str | Path) -> Card:
    """A card alone, without the weights.

    Raises:
        ClassifierMissing: no such classifier.
        ClassifierDamaged: the card cannot be read, says something impossible, or is of a newer format.
    """
    path = folder_of(name_or_folder) / "card.json"
    try:
        status = path.stat()
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    return _read_once(path, (status.st_mtime_ns, status.st_size, status.st_ino))


@lru_cache(maxsize=64)
def _read_once(path: Path, state: tuple[int, int, int]) -> Card:
    """Pages ask for all cards whenever anything is pressed; those of large classifiers take a while to check."""
    try:
        if state[1] > _MOST_CARD_BYTES:
            raise _damaged(path, f"is longer than {_MOST_CARD_BYTES >> 20} MiB")
        text = path.read_text("utf-8")
        _check_version(path, text)
        card = _CARD.validate_json(text, strict=True)
    except OptionsError as error:  # of the ClipSpec in it
        raise _damaged(path, f"has a spec that cannot be: {error.received}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, f"does not hold: {place}: {first['msg']}") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    _check(path, card)
    return replace(card, name=path.parent.name)


def write_card(path: Path, card: Card) -> None:
    """The card as JSON that a person can read: a line for each video it has seen."""
    path.write_text(_pretty(asdict(card)) + "\n", "utf-8")


def _folders() -> list[Path]:
    """Every folder that holds a card; a trained one does not hide a shipped one of its name."""
    found: dict[str, Path] = {}
    for home in (settings().weights, settings().classifiers):
        for path in sorted(home.glob("*/card.json")):
            found.setdefault(path.parent.name, path.parent)
    return [folder for name, folder in found.items() if _NAME.fullmatch(name)]


def _check_version(path: Path, text: str) -> None:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise _damaged(path, f"is not JSON ({error})") from error
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ClassifierDamaged(
            f"{path} is written in format {version}.",
            f"This program reads formats up to {FORMAT_VERSION}.",
            "Update the program, or use another classifier.",
        )


def _check(path: Path, card: Card) -> None:
    """What types alone do not say."""
    frames, height, width, _ = card.spec.shape
    told = [text for figure in card.figures for text in (figure.metric, figure.data)]
    texts = (card.title, card.description, card.licence, card.data.name, *told)
    problems = {
        "has fewer than two labels": len(card.labels) < 2,
        "has a label without text": not all(label.strip() for label in card.labels),
        "has a label twice": len(set(card.labels)) < len(card.labels),
        f"has more than {_MOST_LABELS} labels": len(card.labels) > _MOST_LABELS,
        "has a label too long to be read": any(len(label) > _LONGEST_LABEL for label in card.labels),
        "has a text too long to be read": any(len(text) > _LONGEST_TEXT for text in texts),
        "asks for clips too large to be meant": frames * height * width > _MOST_CLIP_PIXELS or frames > _MOST_FRAMES,
        "asks for more frames a second than any video has": card.spec.rate > _MOST_RATE,
        "has a stride that is not a positive number": not 0 < card.stride_sec < 3600,
        "has a temperature that is not a positive number": not 0.01 <= card.temperature <= 100,
        "has a threshold that is not a probability": not 0 <= (card.threshold or 0) <= 1,
    }
    for problem, present in problems.items():
        if present:
            raise _damaged(path, problem)


def _damaged(path: Path, problem: str) -> ClassifierDamaged:
    return ClassifierDamaged(
        f"{path} {problem}.", "A classifier's card was expected.", "Fetch or train the classifier again."
    )


def _pretty(value: Any, indent: str = "") -> str:
    """JSON in which whatever fits a line stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple) or len(flat) + len(indent) <= 110:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}}}"
    rows = [_pretty(item, inner) for item in value]
    return "[\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}]"
