"""From a video's frames to a network's input, in one place for training, evaluation and recognition."""

from har.clips.cache import cached, find_cached
from har.clips.center import MiddleClip, middle_clip
from har.clips.samples import ClipSpec, Fit, Samples, decode, read_as, stride_samples, window_starts, windows

__all__ = [
    "ClipSpec",
    "Fit",
    "MiddleClip",
    "Samples",
    "cached",
    "decode",
    "find_cached",
    "middle_clip",
    "read_as",
    "stride_samples",
    "window_starts",
    "windows",
]
