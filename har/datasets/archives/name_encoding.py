"""The encoding of file names in archives that do not state it.

Names that are valid UTF-8 are UTF-8: macOS writes it without a mark. For the others, each encoding that decodes them is
rated by how common the resulting characters are in names.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

_MIN_SCORE = 0.5  # below, the names are nothing like text
_MIN_KOREAN = 6  # different characters; with fewer, they may be Chinese as well
_AFTER_LETTER = re.compile(r"[A-Za-z](?=[^\x00-\x7f])")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class _Encoding:
    name: str  # as Python knows it
    title: str  # for users
    rate: Callable[[str], float]  # how common a text is, 0 to 1: the mean over its characters that are not ASCII


def guess_encoding(names: Sequence[bytes], default: str) -> tuple[str, str]:
    """The encoding of names that are not UTF-8, as Python and users know it.

    Names of one archive say more together than each alone. `default`, if no encoding gives plausible names, must decode
    every byte.
    """
    best, highest = (default, default.upper()), _MIN_SCORE
    for encoding in _ENCODINGS:
        try:
            score = encoding.rate("/".join(name.decode(encoding.name) for name in names))
        except UnicodeDecodeError:
            continue
        if score > highest:
            best, highest = (encoding.name, encoding.title), score
    return best


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _rate_chinese_or_japanese(text: str, charset: str, common: tuple[int, int]) -> float:
    """By the rows of the character set: those from `common` have the characters of first rank.

    Next to a Latin letter, a character counts less: it may be an accented letter and the one after it.
    """
    inside = {match.start() + 1 for match in _AFTER_LETTER.finditer(text)}
    return _mean(
        [
            _rank(character, charset, common) * (0.5 if index in inside else 1.0)
            for index, character in enumerate(text)
            if ord(character) > 127
        ]
    )


def _rank(character: str, charset: str, common: tuple[int, int]) -> float:
    if "\u3041" <= character <= "\u30fe":  # kana
        return 1.0 if charset == "shift_jis" else 0.5
    try:
        row = character.encode(charset)[0]
    except UnicodeEncodeError:
        return 0.0
    if unicodedata.category(character) != "Lo" or "\uff61" <= character <= "\uff9f":
        return 0.3  # symbols, and half-width kana, which single bytes stand for
    return 1.0 if common[0] <= row <= common[1] else 0.2


def _rate_korean(text: str) -> float:
    """Chinese names decode to Korean syllables as well, if there are only a few characters."""
    characters = [character for character in text if ord(character) > 127]
    syllables = [character for character in characters if "\uac00" <= character <= "\ud7a3"]
    usual = [character for character in syllables if len(character.encode("euc_kr", errors="ignore")) == 2]
    return _mean([float(character in usual) for character in characters]) * (
        1.01 if len(set(usual)) >= _MIN_KOREAN else 0.99
    )


def _rate_letters(text: str, script: str) -> float:
    """By whole words: letters of other scripts, or capitals inside a word, are not plausible."""
    scores = [0.0 for character in text if ord(character) > 127 and not character.isalpha()]
    for word in _WORD.findall(text):
        own = [letter for letter in word if ord(letter) > 127]
        plausible = word[1:].islower() or len(word) == 1 or word.isupper()
        if script == "CYRILLIC":
            plausible = plausible and len(own) == len(word)
        else:  # accents are on a few letters of a word
            plausible = plausible and 2 * len(own) <= len(word) + 1
        scores += [float(plausible and unicodedata.name(letter, "").startswith(script)) for letter in own]
    return _mean(scores)


_ENCODINGS = (  # of equally good ones, the first
    _Encoding("gbk", "GBK (Chinese)", partial(_rate_chinese_or_japanese, charset="gb2312", common=(0xB0, 0xD7))),
    _Encoding(
        "cp932", "Shift-JIS (Japanese)", partial(_rate_chinese_or_japanese, charset="shift_jis", common=(0x88, 0x97))
    ),
    _Encoding("big5", "Big5 (Chinese)", partial(_rate_chinese_or_japanese, charset="big5", common=(0xA4, 0xC6))),
    _Encoding("cp949", "EUC-KR (Korean)", _rate_korean),
    _Encoding("cp866", "CP866 (Cyrillic)", partial(_rate_letters, script="CYRILLIC")),
    _Encoding("cp1251", "Windows-1251 (Cyrillic)", partial(_rate_letters, script="CYRILLIC")),
    _Encoding("cp437", "CP437 (Western)", partial(_rate_letters, script="LATIN")),
    _Encoding("cp850", "CP850 (Western)", partial(_rate_letters, script="LATIN")),
    _Encoding("cp1252", "Windows-1252 (Western)", partial(_rate_letters, script="LATIN")),
)
