"""Assigning groups of videos to the parts of a split so that each part has its share of every label."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64, Int

_MAX_STARTS = 40  # random orders of the groups; the first with a fair result is used
_TOLERANCE = 2.0  # clips of a label that a part may have too many or too few
_MISSING_COST = 1e9  # of a part without a label
_UNFAIR_COST = 1e3  # of the clips beyond the tolerance, squared
_FAIR_COST = 1e-3  # of the deviation in clips, squared
_MAX_SWAPPED = 200  # groups; with more, moving single groups is good enough


def components(counts: Int[np.ndarray, "groups labels"]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Sets of groups and labels that are not connected with each other, and can be assigned independently."""
    connected = counts > 0
    remaining: Bool[np.ndarray, "labels"] = np.ones(counts.shape[1], bool)
    while remaining.any():
        labels: Bool[np.ndarray, "labels"] = np.asarray(np.arange(len(remaining)) == np.argmax(remaining))
        while True:
            groups = connected[:, labels].any(axis=1)
            reachable: Bool[np.ndarray, "labels"] = np.asarray(connected[groups].any(axis=0))
            if (reachable == labels).all():
                break
            labels = reachable
        remaining &= ~labels
        yield np.nonzero(groups)[0], np.nonzero(labels)[0]


def assign_parts(
    counts: Int[np.ndarray, "groups labels"], shares: tuple[float, ...], random: np.random.Generator
) -> Int[np.ndarray, "groups"]:
    """The part of each group: first in random order, then improved by moves and swaps."""
    targets = np.array([1 - sum(shares), *shares])[:, None] * counts.sum(axis=0)  # (parts, labels)
    best, lowest_cost = np.zeros(len(counts), int), np.inf
    for _ in range(_MAX_STARTS):
        parts = _assign_greedily(counts, random.permutation(len(counts)), targets)
        cost = _improve(counts, parts, targets)
        if cost < lowest_cost:
            best, lowest_cost = parts, cost
        if lowest_cost <= _FAIR_COST * _TOLERANCE**2 * targets.size:  # no label is missing or beyond the tolerance
            break
    return best


def _assign_greedily(
    counts: Int[np.ndarray, "groups labels"],
    order: Int[np.ndarray, "groups"],
    targets: Float64[np.ndarray, "parts labels"],
) -> Int[np.ndarray, "groups"]:
    """Test, then validation, takes each group that brings it closer to its targets."""
    parts = np.zeros(len(counts), int)
    for part in reversed(range(1, len(targets))):
        total = np.zeros(counts.shape[1])
        for group in order:
            with_group = total + counts[group]
            if parts[group] == 0 and _costs(with_group, targets[part]) < _costs(total, targets[part]):
                parts[group], total = part, with_group
    return parts


def _improve(
    counts: Int[np.ndarray, "groups labels"],
    parts: Int[np.ndarray, "groups"],
    targets: Float64[np.ndarray, "parts labels"],
) -> float:
    """Move a group to another part, or swap two, as long as that lowers the cost. Returns the final cost."""
    all_groups = np.arange(len(counts))
    while True:
        totals = np.stack([counts[parts == part].sum(axis=0) for part in range(len(targets))])
        now = _costs(totals, targets)  # (parts,)
        without = _costs(totals[parts] - counts, targets[parts])  # (groups,)
        moved = _costs(totals + counts[:, None], targets) - now + (without - now[parts])[:, None]  # (groups, parts)
        moved[all_groups, parts] = 0.0
        group, part = np.unravel_index(moved.argmin(), moved.shape)
        gain, changes = moved[group, part], [(group, part)]
        if len(counts) <= _MAX_SWAPPED:
            exchanged = totals[parts][:, None] - counts[:, None] + counts[None]  # (groups, groups, labels)
            one_sided = _costs(exchanged, targets[parts][:, None]) - now[parts][:, None]
            swapped = np.where(parts[:, None] == parts[None], 0.0, one_sided + one_sided.T)
            first, second = np.unravel_index(swapped.argmin(), swapped.shape)
            if swapped[first, second] < gain:
                gain, changes = swapped[first, second], [(first, parts[second]), (second, parts[first])]
        if gain > -1e-9:
            return float(now.sum())
        for group, part in changes:
            parts[group] = part


def _costs(
    totals: Int[np.ndarray, "*some labels"] | Float64[np.ndarray, "*some labels"], targets: Float64[np.ndarray, "*_"]
) -> Float64[np.ndarray, "*some"]:
    """How far parts are from their targets; very far if a label is missing."""
    deviation = totals - targets
    excess = np.maximum(np.abs(deviation) - _TOLERANCE, 0.0)
    cost = _FAIR_COST * deviation**2 + _UNFAIR_COST * excess**2 + _MISSING_COST * (totals == 0)
    return np.asarray(cost.sum(axis=-1), np.float64)
