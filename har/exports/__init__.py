"""What people take away beside the video, as text: tables, captions, documents of our own and of other programs.

What other programs hold of a video comes back by the same way: `read_label_studio`, `read_activitynet`, `read_json`.
"""

from har.exports.activitynet import read_activitynet, to_activitynet
from har.exports.bringing import read_any
from har.exports.label_studio import read_label_studio, to_label_studio
from har.exports.reading import MOST_BYTES
from har.exports.texts import one_line, read_json, to_captions, to_csv, to_json

__all__ = [
    "MOST_BYTES",
    "one_line",
    "read_activitynet",
    "read_any",
    "read_json",
    "read_label_studio",
    "to_activitynet",
    "to_captions",
    "to_csv",
    "to_json",
    "to_label_studio",
]
