"""Changes to JSON: wrong types, huge numbers, deep nesting, paths in place of names."""

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


def change(tree: Any, rng: random.Random) -> Any:
    """A copy with one to three changes."""
    tree = json.loads(json.dumps(tree))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        tree = _change_once(tree, rng)
    return tree


def to_json(tree: Any, rng: random.Random) -> bytes:
    """Mostly valid JSON, with `NaN` and lone surrogates as Python writes them."""
    text = json.dumps(tree)
    return rng.choice(
        (
            text, text, text, text, text, text, text, text, "[" * 100_000, '{"a":' * 50_000, text[: len(text) // 2],
            text + text, "\ufeff" + text,
            text.replace("0.", "9" * 4500 + "."), text.replace("{", '{"labels": 1, ', 1), text.replace(":",
            ":" + "9" * 5000, 1), "",
        )
    ).encode(rng.choice(("utf-8",) * 9 + ("utf-16",)), "replace")  # fmt: skip


def _change_once(tree: Any, rng: random.Random) -> Any:
    if rng.random() < 0.02:
        return rng.choice(_ODD)
    holder, key = rng.choice(_positions(tree))
    match rng.randrange(8):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 0:
            holder.pop(key)
        case 1 if isinstance(holder, dict):
            holder[rng.choice(_KEYS)] = rng.choice(_ODD)
        case 1:
            holder.insert(key, rng.choice(_ODD))
        case 2 if isinstance(holder[key], list) and len(holder[key]) < 50:
            holder[key] = holder[key] * rng.choice((2, 100))
        case 3:
            holder[key] = _nest(holder[key], rng.choice((3, 400)))
        case 4 if isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = rng.choice(
                (-holder[key], holder[key] * 1000, holder[key] + 1, str(holder[key]), float(holder[key]))
            )
        case _:
            holder[key] = rng.choice(_ODD)
    return tree


def _nest(inner: Any, depth: int) -> Any:
    for _ in range(depth):
        inner = [inner]
    return inner


def _positions(tree: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys. The few near the root occur several times."""
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
