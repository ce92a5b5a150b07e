"""The visitor's name for an uploaded video, and ours."""

from dataclasses import replace
from pathlib import Path

from har.results import Annotation
from har.video.formats import VIDEO_SUFFIXES

NAME = "name.txt"  # in the result's folder: the visitor's name for the video
VIDEO = "video"  # our name for it, without the ending


def given_name(folder: Path) -> str:
    """The visitor's name for the video: one line without control characters, and never used as a path."""
    name = folder / NAME
    return name.read_text(encoding="utf-8") or "Your video" if name.exists() else "A generated sample"


def stored_name(folder: Path) -> str:
    """`given_name` of an uploaded video, as the name of a file; empty for others."""
    return given_name(folder).replace("/", "_") if (folder / NAME).exists() else ""


def under_given_name(shown: Annotation) -> Annotation:
    """A result for downloads: an uploaded video has the visitor's name in them, not ours."""
    path, name = shown.info.path, stored_name(shown.folder)
    if not name:
        return shown
    suffix = "" if name.lower().endswith(VIDEO_SUFFIXES) else path.suffix
    return replace(shown, info=replace(shown.info, path=path.with_name(name + suffix)))
