"""Labels in characters that can be drawn: no font has them all, and an empty box says nothing.

The renderer draws what the font of this package lacks with fonts of the system. What those lack as well is spelled in
Latin letters.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from unicodedata import category

import numpy as np

from har.render.ass_pictures import CENTRE, drawing
from har.render.text import font_has

_SPELLED = "No font on this machine has all characters of the labels: the {} spells them in Latin letters."
SPELLED_REMARK, SPELLED_FILM_REMARK = _SPELLED.format("labelled video"), _SPELLED.format("film")

_SIZE = 48  # pixels a side of the picture of one character
_BRIGHT = 64
_MISSING = re.compile(r"failed to find any fallback with glyph 0x(?P<code>[0-9A-F]+)")
_EMOJI = re.compile(r":(\w+):")


def drawable_labels(labels: Sequence[str]) -> list[str]:
    """Labels in characters that can be drawn here, all different if they were.

    Characters that cannot be drawn are spelled in Latin letters; a label of which nothing is left becomes its number.
    """
    missing = _without_glyph(_doubtful(labels))
    if not missing:
        return list(labels)
    spelled: list[str] = []
    for number, label in enumerate(labels, 1):
        text = (_spell(label, missing) or f"label {number}") if missing.intersection(label) else label
        spelled.append(text if text not in spelled else f"{text} ({number})")
    return spelled


def _spell(label: str, missing: frozenset[str]) -> str:
    from anyascii import anyascii  # only for such labels

    text = "".join(
        anyascii(character) if character in missing else character for character in label if _is_visible(character)
    )
    return " ".join(_EMOJI.sub(lambda name: f" ({name[1].replace('_', ' ')}) ", text).split())


def _doubtful(labels: Iterable[str]) -> frozenset[str]:
    """Characters that the font of this package lacks."""
    used = {character for label in labels if not label.isascii() for character in label}
    return frozenset(character for character in used if _is_visible(character) and not font_has(character))


def _is_visible(character: str) -> bool:
    """Whether it is more than a joiner, direction mark or variation selector."""
    return category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f"


@lru_cache(maxsize=8)
def _without_glyph(characters: frozenset[str]) -> frozenset[str]:
    """Those that no font of this machine can draw: the renderer draws each one alone, and says which it lacks.

    Fonts of coloured pictures have glyphs that the renderer cannot draw, so that nothing is seen.
    """
    if not characters:
        return characters
    order, missing = sorted(characters), set[str]()

    def note(line: str) -> bool:
        if match := _MISSING.search(line):
            missing.add(chr(int(match["code"], 16)))
        return False

    with drawing(order, _SIZE, _SIZE, CENTRE, keep=note) as ffmpeg:
        pictures = np.frombuffer(b"".join(ffmpeg.chunks()), np.uint8).reshape(-1, _SIZE * _SIZE)
        ffmpeg.finish()
    blank = np.flatnonzero(pictures.max(axis=1, initial=0) < _BRIGHT)
    return frozenset(missing.union(order[number] for number in blank))
