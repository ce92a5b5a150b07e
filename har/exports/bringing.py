"""A file that somebody brings, of whichever of the known forms it is."""

from collections.abc import Collection
from fractions import Fraction
from typing import Any

from pydantic import TypeAdapter

from har.exports.activitynet import read_activitynet
from har.exports.label_studio import read_label_studio
from har.exports.reading import parsed
from har.exports.texts import read_json
from har.timeline import Timeline

_ANY = TypeAdapter(list[Any] | dict[str, Any])


def read_any(
    text: str | bytes, fps: Fraction, duration_sec: float, name: str = "", known: Collection[str] = ()
) -> Timeline:
    """A timeline out of Label Studio's JSON, ActivityNet's, or that of `to_json`.

    Args:
        text: of the file.
        fps: of the video.
        duration_sec: of the video.
        name: of the video without its ending, where a file has several.
        known: the classifier's labels, which are taken whatever they look like.

    Raises:
        CorrectionsRefused: it is none of these, or no timeline of this video.
    """
    document = parsed(text, _ANY.validate_json, "Label Studio, ActivityNet or this program")
    if isinstance(document, list) or "data" in document:
        return read_label_studio(text, fps, duration_sec, name, known)
    if "database" in document:
        return read_activitynet(text, duration_sec, name, known)
    return read_json(text, duration_sec, known)
