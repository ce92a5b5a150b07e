"""From a video's frames to a network's input, the same for training, evaluation and recognition."""

from har.clips.cache import decode_cached, find_cached
from har.clips.center import CenterClip, center_clip
from har.clips.samples import (
    ClipSpec,
    Samples,
    back_and_forth,
    decode,
    read_for_spec,
    stride_samples,
    window_starts,
    windows,
)
