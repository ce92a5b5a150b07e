"""From a video's frames to a network's input, the same for training, evaluation and recognition."""

from har.clips.cache import decode_cached, find_cached
from har.clips.center import CenterClip, center_clip
from har.clips.samples import (
    ClipSpec,
    Samples,
    Shot,
    back_and_forth,
    decode,
    read_for_spec,
    stride_samples,
    window_starts,
    windows,
)

__all__ = [
    "CenterClip",
    "ClipSpec",
    "Samples",
    "Shot",
    "back_and_forth",
    "center_clip",
    "decode",
    "decode_cached",
    "find_cached",
    "read_for_spec",
    "stride_samples",
    "window_starts",
    "windows",
]
