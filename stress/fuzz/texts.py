"""Text that was never meant: signs that turn, vanish, end lines or lead elsewhere."""

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


def change(text: str, others: Sequence[str], chance: random.Random) -> str:
    """The text with one to three changes."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        signs = "".join(chance.choice(_ODD) for _ in range(chance.randint(0, 3)))
        match chance.randrange(8):
            case 0:
                text = text[:at] + signs + text[at:]
            case 1:
                text = text[:at] + signs + text[at + chance.randint(0, 4) :]
            case 2:
                text = text[:at] + chance.choice(others)[: chance.randint(1, 40)] + text[at:]
            case 3:
                text = (text[:at] + text[:at])[:20_000]
            case 4:
                text = text.replace(chance.choice((".", "/", ":", "=", "-", "a")), signs)
            case 5:
                text = "".join(
                    f"%{ord(sign):02x}" if chance.random() < 0.1 and ord(sign) < 256 else sign for sign in text
                )
            case 6:
                text = text[:at] + chance.choice(_PIECES) + text[at:]
            case _:
                text = text[: chance.choice((0, 1, at))] * chance.choice((1, 1, 300))
    return text
