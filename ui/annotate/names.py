"""The visitor's name for an uploaded video, and ours."""

from pathlib import Path

NAME = "name.txt"  # in the result's folder: the visitor's name for the video
VIDEO = "video"  # our name for it, without the ending


def given_name(folder: Path) -> str:
    """The visitor's name for the video: one line without control characters, and never used as a path."""
    name = folder / NAME
    return name.read_text(encoding="utf-8") or "Your video" if name.exists() else "A generated sample"


def stored_name(folder: Path) -> str:
    """`given_name` of an uploaded video; empty for others."""
    return given_name(folder) if (folder / NAME).exists() else ""
