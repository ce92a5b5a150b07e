"""A classifier's card: everything that is known about it except its weights. Read without TensorFlow."""

import json
import logging
import re
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from har.classifier.novelty import Novelty
from har.clips import ClipSpec
from har.errors import ClassifierDamaged, ClassifierMissing, OptionsError
from har.labels import title_labels
from har.settings import settings

FORMAT_VERSION = 2  # increased if an older program would misread a newer card; added keys do not count

# Far above any card that this program writes; a malicious one could request any amount of memory.
_MAX_CARD_BYTES = 32 << 20
_MAX_LABELS = 5_000
_MAX_CLIP_PIXELS = 1 << 23
_MAX_FRAMES = 256  # of a clip: some networks are built frame by frame
_MAX_RATE = 1000  # samples per second of video
_MAX_TEXT = 5_000  # characters
_MAX_KNOWN = 50_000  # training clips that are described
_MAX_LABEL = 200

_OLD_TITLE = " on own"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_log = logging.getLogger(__name__)


class SeenVideo(NamedTuple):
    """A video that was used in training; in the card, a list of four."""

    content: str  # har.datasets.dataset.content_hash
    group: str | None
    label: str
    path: str  # inside its data set


class Figure(NamedTuple):
    """A measurement: ('accuracy', 0.97, 'figures, groups g21-g25, never trained on')."""

    metric: str
    value: float
    data: str


@dataclass(frozen=True)
class TrainingData:
    """What a classifier was trained on. Pretrained ones, whose videos are not known, have only a name."""

    name: str
    trained: tuple[SeenVideo, ...] = ()  # set the weights
    validated: tuple[SeenVideo, ...] = ()  # chose the best epoch

    @property
    def seen(self) -> tuple[SeenVideo, ...]:
        """All of them."""
        return self.trained + self.validated


@dataclass(frozen=True)
class Card:
    """Everything needed to rebuild a classifier and to assess it."""

    name: str  # of its folder
    title: str  # for users
    description: str  # a sentence or two for users who choose
    network: str  # a key of har.networks.NETWORKS
    labels: tuple[str, ...]  # in the order of the outputs
    spec: ClipSpec
    stride_sec: float  # between two windows, by default
    licence: str
    data: TrainingData
    options: dict[str, bool | int | float | str] = field(default_factory=dict)  # of the network's builder
    base: str = ""  # sha256 of the published file that its encoder runs from; empty: there is none
    recipe: dict[str, Any] = field(default_factory=dict)  # how it was trained, if known
    figures: tuple[Figure, ...] = ()
    temperature: float = 1.0  # of the softmax, which calibrates the probabilities
    threshold: float | None = None  # probability below which 'unsure' is better; None: not measured
    novelty: Novelty | None = None  # what is none of the labels; None: every window gets one of them
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        """Replace 'LRCN on own', the title that earlier versions gave to every classifier of a visitor's clips."""
        if self.title.endswith(_OLD_TITLE):
            title = f"{title_labels(self.labels)} ({self.title.removesuffix(_OLD_TITLE)})"
            object.__setattr__(self, "title", title)


_CARD = TypeAdapter(Card)


def folder_of(name_or_folder: str | Path) -> Path:
    """The folder of a classifier.

    Args:
        name_or_folder: a `str` is a name: first of a bundled classifier, then of one trained here; it never leads to
            another folder. A `Path` is the folder itself.

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
        f"A folder with a card.json was expected, or one of: {', '.join(folder.name for folder in _folders())}.",
        "Choose another classifier, or train one.",
    )


def place_of(text: str | Path) -> str | Path:
    """What a person means who may give a folder as a text: a bundled classifier, else a folder, else one trained here.

    Texts from addresses and pages are names alone: see `folder_of`.
    """
    path = Path(text).expanduser()
    is_bundled = path.name == text and (settings().weights / path / "card.json").is_file()
    is_folder = path.name != text or (path / "card.json").is_file()
    return path if is_folder and not is_bundled else text


def list_cards() -> list[Card]:
    """The cards of bundled classifiers, then of those trained here. Damaged ones are logged and skipped."""
    cards = []
    for folder in _folders():
        try:
            cards.append(read_card(folder))
        except ClassifierDamaged as error:
            _log.warning("%s", error)
    return cards


def read_card(name_or_folder: str | Path) -> Card:
    """Read a card without the weights.

    Raises:
        ClassifierMissing: no such classifier.
        ClassifierDamaged: the card cannot be read, is invalid, or has a newer format.
    """
    path = folder_of(name_or_folder) / "card.json"
    try:
        status = path.stat()
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    return _read_version(path, (status.st_mtime_ns, status.st_size, status.st_ino))


@lru_cache(maxsize=64)
def _read_version(path: Path, state: tuple[int, int, int]) -> Card:
    """Cached, because pages read all cards on every interaction, and large ones take a while to validate."""
    try:
        if state[1] > _MAX_CARD_BYTES:
            raise _damaged(path, f"is longer than {_MAX_CARD_BYTES >> 20} MiB")
        text = path.read_text("utf-8")
        _check_version(path, text)
        card = _CARD.validate_json(text, strict=True)
    except OptionsError as error:  # of the ClipSpec in it
        raise _damaged(path, f"has an invalid clip spec: {error.received}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, f"is invalid: {place}: {first['msg']}") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    _check(path, card)
    return replace(card, name=path.parent.name)


def write_card(path: Path, card: Card) -> None:
    """Write a card as readable JSON, with one line per video."""
    path.write_text(_pretty(asdict(card)) + "\n", "utf-8")


def _folders() -> list[Path]:
    """Every folder with a card; a trained classifier does not hide a bundled one of the same name."""
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
            f"{path} has format {version}.",
            f"This version of the program reads formats up to {FORMAT_VERSION}.",
            "Update the program, or use another classifier.",
        )


def _check(path: Path, card: Card) -> None:
    frames, height, width, _ = card.spec.shape
    texts = [card.title, card.description, card.licence, card.data.name, card.base]
    texts += [text for figure in card.figures for text in (figure.metric, figure.data)]
    problems = {
        "has fewer than two labels": len(card.labels) < 2,
        "has an empty label": not all(label.strip() for label in card.labels),
        "has a label twice": len(set(card.labels)) < len(card.labels),
        f"has more than {_MAX_LABELS} labels": len(card.labels) > _MAX_LABELS,
        f"has a label of more than {_MAX_LABEL} characters": any(len(label) > _MAX_LABEL for label in card.labels),
        f"has a text of more than {_MAX_TEXT} characters": any(len(text) > _MAX_TEXT for text in texts),
        "has a clip spec that is too large": frames * height * width > _MAX_CLIP_PIXELS or frames > _MAX_FRAMES,
        f"has a clip spec of more than {_MAX_RATE} frames per second": card.spec.rate > _MAX_RATE,
        "has a stride that is not between 0 and 3600 s": not 0 < card.stride_sec < 3600,
        "has a temperature that is not between 0.01 and 100": not 0.01 <= card.temperature <= 100,
        "has a threshold that is not a probability": not 0 <= (card.threshold or 0) <= 1,
        "has an invalid description of its training clips": not _is_valid(card.novelty, len(card.labels)),
    }
    for problem, present in problems.items():
        if present:
            raise _damaged(path, problem)


def _is_valid(novelty: Novelty | None, label_count: int) -> bool:
    return novelty is None or (
        novelty.limit > 0
        and 0 < len(novelty.clips) <= _MAX_KNOWN
        and all(
            0 <= clip.label < label_count
            and 0 < len(clip.published) == len(clip.probabilities)
            and all(0 <= place < _MAX_LABELS for place in clip.published)
            and all(0 < probability <= 1 for probability in clip.probabilities)
            for clip in novelty.clips
        )
    )


def _damaged(path: Path, problem: str) -> ClassifierDamaged:
    return ClassifierDamaged(
        f"{path} {problem}.", "A valid classifier card was expected.", "Download or train the classifier again."
    )


def _pretty(value: Any, indent: str = "") -> str:
    """JSON in which everything that fits is on one line; of numbers, three times as much."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple) or len(flat) + len(indent) <= (110 if '"' in flat else 330):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}}}"
    rows = [_pretty(item, inner) for item in value]
    return "[\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}]"
