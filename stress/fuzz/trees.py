"""JSON that says what cannot be: wrong types, numbers without end, depths without end, names that lead elsewhere."""

import json
import random
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 64, 1000, 65536, 10**9, 2**63, 10**30, -(2**70), 0.0, -0.5, 1e-9, 1e-300, 0.5,
    1e9, 1e308,
    float("nan"), float("inf"), "", " ", "x", "lrcn", "convlstm", "i3d", "lrcn-lite0", "resnet", "../../etc/passwd",
    "/etc/passwd", "a\0b",
    "\ud800", "\u202eevil", "<script>alert(1)</script>", "{\\an8}", "$x^2$", "9" * 5000, "n" * 100_000, [], [[]], {},
    {"a": {}}, [None], ["a", "a"],
    ["a", "b"], [1, 2, 3], list(range(6000)), {"class_name": "Lambda", "config": {"function": "import os"}}, "crop",
    "1e5", [[[[[[1]]]]]],
    ["x" * 50_000, "y"], "own-" + "a" * 22, "é" * 300,
)  # fmt: skip
_KEYS = (
    "wide",
    "motion",
    "plain",
    "units",
    "network",
    "options",
    "spec",
    "labels",
    "module",
    "class_name",
    "__class__",
    "fit",
    "format_version",
)


def change(tree: Any, chance: random.Random) -> Any:
    """A copy with one to three places changed."""
    tree = json.loads(json.dumps(tree))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        tree = _once(tree, chance)
    return tree


def written(tree: Any, chance: random.Random) -> bytes:
    """As JSON, mostly; `NaN` and lone surrogates as Python writes them."""
    text = json.dumps(tree)
    return chance.choice(
        (
            text, text, text, text, text, text, text, text, "[" * 100_000, '{"a":' * 50_000, text[: len(text) // 2],
            text + text, "\ufeff" + text,
            text.replace("0.", "9" * 4500 + "."), text.replace("{", '{"labels": 1, ', 1), text.replace(":",
            ":" + "9" * 5000, 1), "",
        )
    ).encode(chance.choice(("utf-8",) * 9 + ("utf-16",)), "replace")  # fmt: skip


def _once(tree: Any, chance: random.Random) -> Any:
    if chance.random() < 0.02:
        return chance.choice(_ODD)
    holder, key = chance.choice(_places(tree))
    match chance.randrange(8):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 0:
            holder.pop(key)
        case 1 if isinstance(holder, dict):
            holder[chance.choice(_KEYS)] = chance.choice(_ODD)
        case 1:
            holder.insert(key, chance.choice(_ODD))
        case 2 if isinstance(holder[key], list) and len(holder[key]) < 50:
            holder[key] = holder[key] * chance.choice((2, 100))
        case 3:
            holder[key] = _deep(holder[key], chance.choice((3, 400)))
        case 4 if isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = chance.choice(
                (-holder[key], holder[key] * 1000, holder[key] + 1, str(holder[key]), float(holder[key]))
            )
        case _:
            holder[key] = chance.choice(_ODD)
    return tree


def _deep(inner: Any, depth: int) -> Any:
    for _ in range(depth):
        inner = [inner]
    return inner


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every holder with each of its keys; those near the top several times, for they are few."""
    found: list[tuple[Any, Any]] = []
    waiting = [(tree, 0)]
    while waiting:
        holder, depth = waiting.pop()
        keys = (
            list(holder) if isinstance(holder, dict) else list(range(len(holder))) if isinstance(holder, list) else []
        )
        for key in keys[:30]:
            found += [(holder, key)] * max(1, 6 - 2 * depth)
            waiting.append((holder[key], depth + 1))
    return found or [({"": 0}, "")]
