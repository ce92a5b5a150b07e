"""The colour of each label of a video: the same on its timeline and in its charts."""

from collections.abc import Iterable

from har.colours import PALETTE, label_colours
from har.timeline.frame_labels import FrameLabels


def timeline_colours(frames: FrameLabels, also: Iterable[str | None] = ()) -> dict[str | None, str]:
    """Colours of labels among the three most probable of any frame, and of further ones; None is unsure."""
    by_index = label_colours(frames.ranked_labels())
    colours = {None if index < 0 else frames.labels[index]: colour for index, colour in by_index.items()}
    for label in also:
        free = [colour for colour in PALETTE if colour not in colours.values()]
        colours.setdefault(label, free[0] if free else PALETTE[len(colours) % len(PALETTE)])
    return colours
