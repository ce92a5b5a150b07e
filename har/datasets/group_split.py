"""Dealing groups of videos to the parts of a split, so that each part has its share of every label."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64, Int

_STARTS = 40  # orders of the groups to begin with; the first that ends fair is taken
_FAIR = 2.0  # clips of a label that a part may have too many or too few
_MISSING = 1e9  # what a part without a label weighs
_UNFAIR = 1e3  # what a clip beyond the fair two weighs, squared
_WITHIN = 1e-3  # what a clip weighs, squared, while it is fair
_MOST_SWAPPED = 200  # groups: with more, moving single ones comes near enough


def apart(counts: Int[np.ndarray, "groups labels"]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups and labels that have nothing to do with the others, which can be dealt by themselves."""
    linked = counts > 0
    left: Bool[np.ndarray, "labels"] = np.ones(counts.shape[1], bool)
    while left.any():
        labels: Bool[np.ndarray, "labels"] = np.asarray(np.arange(len(left)) == np.argmax(left))
        while True:
            groups = linked[:, labels].any(axis=1)
            reached: Bool[np.ndarray, "labels"] = np.asarray(linked[groups].any(axis=0))
            if (reached == labels).all():
                break
            labels = reached
        left &= ~labels
        yield np.nonzero(groups)[0], np.nonzero(labels)[0]


def deal(
    counts: Int[np.ndarray, "groups labels"], shares: tuple[float, ...], random: np.random.Generator
) -> Int[np.ndarray, "groups"]:
    """A part for each group: dealt in random order, then bettered by moves and swaps while that helps."""
    wanted = np.array([1 - sum(shares), *shares])[:, None] * counts.sum(axis=0)  # (parts, labels)
    best, least = np.zeros(len(counts), int), np.inf
    for _ in range(_STARTS):
        parts = _dealt_once(counts, random.permutation(len(counts)), wanted)
        cost = _bettered(counts, parts, wanted)
        if cost < least:
            best, least = parts, cost
        if least <= _WITHIN * _FAIR**2 * wanted.size:  # nothing is missing, and nothing beyond two clips
            break
    return best


def _dealt_once(
    counts: Int[np.ndarray, "groups labels"],
    order: Int[np.ndarray, "groups"],
    wanted: Float64[np.ndarray, "parts labels"],
) -> Int[np.ndarray, "groups"]:
    """Go through the groups in order; test, then validation, take those that bring them nearer to their share."""
    parts = np.zeros(len(counts), int)
    for part in reversed(range(1, len(wanted))):
        held = np.zeros(counts.shape[1])
        for group in order:
            with_it = held + counts[group]
            if parts[group] == 0 and _costs(with_it, wanted[part]) < _costs(held, wanted[part]):
                parts[group], held = part, with_it
    return parts


def _bettered(
    counts: Int[np.ndarray, "groups labels"],
    parts: Int[np.ndarray, "groups"],
    wanted: Float64[np.ndarray, "parts labels"],
) -> float:
    """Move a group to another part, or let two change places, as long as it helps; what it costs in the end."""
    everyone = np.arange(len(counts))
    while True:
        held = np.stack([counts[parts == part].sum(axis=0) for part in range(len(wanted))])
        now = _costs(held, wanted)  # (parts,)
        without = _costs(held[parts] - counts, wanted[parts])  # (groups,)
        moved = _costs(held + counts[:, None], wanted) - now + (without - now[parts])[:, None]  # (groups, parts)
        moved[everyone, parts] = 0.0
        group, part = np.unravel_index(moved.argmin(), moved.shape)
        gain, change = moved[group, part], [(group, part)]
        if len(counts) <= _MOST_SWAPPED:
            exchanged = held[parts][:, None] - counts[:, None] + counts[None]  # (groups, groups, labels)
            mine = _costs(exchanged, wanted[parts][:, None]) - now[parts][:, None]
            swapped = np.where(parts[:, None] == parts[None], 0.0, mine + mine.T)
            one, other = np.unravel_index(swapped.argmin(), swapped.shape)
            if swapped[one, other] < gain:
                gain, change = swapped[one, other], [(one, parts[other]), (other, parts[one])]
        if gain > -1e-9:
            return float(now.sum())
        for group, part in change:
            parts[group] = part


def _costs(
    held: Int[np.ndarray, "*some labels"] | Float64[np.ndarray, "*some labels"], wanted: Float64[np.ndarray, "*_"]
) -> Float64[np.ndarray, "*some"]:
    """How far parts are from their shares of each label; one without any of it is far indeed."""
    off = held - wanted
    beyond = np.maximum(np.abs(off) - _FAIR, 0.0)
    return np.asarray((_WITHIN * off**2 + _UNFAIR * beyond**2 + _MISSING * (held == 0)).sum(axis=-1), np.float64)
