"""Labels as people read them. Stored labels and exported files keep the names of the data set."""

import re
from collections.abc import Iterable, Sequence

_CAMEL_CASE = re.compile(r"(?:[A-Z][a-z]+){2,}")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAX_NAMED = 3  # labels in a title


def display_name(label: str) -> str:
    """'Put down' for 'PutDown', 'brush hair' for 'brush_hair'; other labels stay as they are."""
    if _CAMEL_CASE.fullmatch(label):
        return _WORD_START.sub(" ", label).capitalize()
    return label.replace("_", " ")


def title_labels(labels: Sequence[str]) -> str:
    """Labels as a short title: 'Cobra · Triangle'; of more than three, two and how many more: 'Cobra · Plank · +4'."""
    named = labels if len(labels) <= _MAX_NAMED else labels[: _MAX_NAMED - 1]
    rest = [f"+{len(labels) - len(named)}"] if len(labels) > len(named) else []
    return " · ".join([*map(display_name, named), *rest])


def join_labels(labels: Iterable[str]) -> str:
    """Labels in one line, as `--labels` takes them: those that contain a comma are in quotes."""
    return ", ".join(f'"{label}"' if "," in label else label for label in labels)
