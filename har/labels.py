"""Labels as people read them. Stored labels and exported files keep the names of the data set."""

import re
from collections.abc import Iterable

_CAMEL_CASE = re.compile(r"(?:[A-Z][a-z]+){2,}")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


def display_name(label: str) -> str:
    """'Put down' for 'PutDown', 'brush hair' for 'brush_hair'; other labels stay as they are."""
    if _CAMEL_CASE.fullmatch(label):
        return _WORD_START.sub(" ", label).capitalize()
    return label.replace("_", " ")


def join_labels(labels: Iterable[str]) -> str:
    """Labels in one line, as `--labels` takes them: those that contain a comma are in quotes."""
    return ", ".join(f'"{label}"' if "," in label else label for label in labels)
