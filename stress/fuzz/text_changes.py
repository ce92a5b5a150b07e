"""Text that was never meant: characters that turn, vanish, end lines or lead elsewhere."""

import random
import string
from collections.abc import Sequence

_ODD = "\x00\x07\x1b\u202e\u200b\u3002\uff05\u017fK\u00df\ud800\u2026\\@#?&=:/[]%.;'\"<>`$*|~ \t\r\n" + string.printable
_PIECES = (
    "../",
    "..\\",
    "%2e%2e%2f",
    "%00",
    "file:///etc/passwd",
    "http://",
    "//evil.test",
    "@evil.test",
    "own-",
    "{{7*7}}",
    "${x}",
    "<b>",
    "9" * 400,
)


def change(text: str, others: Sequence[str], rng: random.Random) -> str:
    """Make one to three changes."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        characters = "".join(rng.choice(_ODD) for _ in range(rng.randint(0, 3)))
        match rng.randrange(8):
            case 0:
                text = text[:at] + characters + text[at:]
            case 1:
                text = text[:at] + characters + text[at + rng.randint(0, 4) :]
            case 2:
                text = text[:at] + rng.choice(others)[: rng.randint(1, 40)] + text[at:]
            case 3:
                text = (text[:at] + text[:at])[:20_000]
            case 4:
                text = text.replace(rng.choice((".", "/", ":", "=", "-", "a")), characters)
            case 5:
                text = "".join(
                    f"%{ord(character):02x}" if rng.random() < 0.1 and ord(character) < 256 else character
                    for character in text
                )
            case 6:
                text = text[:at] + rng.choice(_PIECES) + text[at:]
            case _:
                text = text[: rng.choice((0, 1, at))] * rng.choice((1, 1, 300))
    return text
