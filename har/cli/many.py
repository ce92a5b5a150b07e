"""`har annotate` for many videos: which ones, and what is told of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from har.batch import MANIFEST, BatchOptions, annotate_many
from har.cli.progress import progress, tally
from har.errors import OptionsError, StopRequested
from har.progress import Progress
from har.storage import remote
from har.youtube import is_address

_LONGEST_LINE = 4096  # bytes: no path is longer on the systems that there are
_MOST_BYTES = 1 << 30  # of a list
_MOST_NUMBERS = 20  # of lines, in a message


def are_many(videos: Sequence[str], listed_in: Path | None, out: str | None) -> bool:
    """Whether this is more than one video, or one whose files are to come from elsewhere, or to go there."""
    elsewhere = [text for text in (*videos, out or "") if remote.is_url(text) and not is_address(text)]
    return listed_in is not None or len(videos) > 1 or bool(elsewhere)


def annotate_listed(
    videos: Sequence[str], listed_in: Path | None, out: str | None, options: BatchOptions, workers: int
) -> None:
    """Annotate them, and tell on standard output how many are done; exit code 2 if any failed."""
    if out is None:
        raise OptionsError(
            "Many videos were given, and no --out.", "Each gets a folder of its own in it.", "Give --out DIR."
        )
    if any(is_address(video) and not Path(video).exists() for video in videos):
        raise OptionsError(
            "A YouTube address was given among others.", "YouTube is asked for one video at a time.", "Give it alone."
        )
    unusable: list[str] = []
    if listed_in is not None:
        more, unusable = read_list(listed_in)
        videos = [*videos, *more]
    for told in unusable:
        click.echo(f"har: {told}", err=True)
    if not videos:
        raise OptionsError("There is no video to annotate.", "At least one was expected.", "Name some.")
    try:
        with progress(_annotating) as on_event:
            found = annotate_many(videos, out, options, workers, on_event)
    except StopRequested:
        click.echo("har: the same command goes on from here.", err=True)
        raise
    click.echo(f"{found.done} done, {found.before} done before, {found.failed} failed; see {MANIFEST} in {out}")
    if found.failed or unusable:
        raise click.exceptions.Exit(2)


def read_list(path: Path) -> tuple[list[str], list[str]]:
    """The videos of a list, one a line, and what is to be told of lines that cannot be used.

    Such lines are told by number alone: whatever file was taken for a list, none of it is printed.

    Raises:
        OptionsError: no such file, or far too large a one.
    """
    videos: list[str] = []
    wrong: dict[str, list[int]] = {}
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OptionsError("The list is too large.", f"At most {_MOST_BYTES >> 20} MiB are read.", "Divide it.")
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file), start=1):
                video, reason = _video(line)
                if reason:
                    wrong.setdefault(reason, []).append(number)
                elif video:
                    videos.append(video)
    except OSError as error:
        raise OptionsError(
            f"The list cannot be read ({error.strerror}).", "A text with a video a line was expected.", "Name one."
        ) from error
    return videos, [_told(reason, numbers) for reason, numbers in wrong.items()]


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines, of which the end is left out where they are too long."""
    while line := file.readline(_LONGEST_LINE + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST_LINE)
        yield line.rstrip(b"\r\n")


def _video(line: bytes) -> tuple[str, str]:
    """What a line names, or why it cannot be used."""
    if len(line) > _LONGEST_LINE:
        return "", f"longer than {_LONGEST_LINE} bytes"
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", "not UTF-8"
    if not text.isprintable():
        return "", "signs that no name has"
    if text and not remote.is_url(text) and not Path(text).exists():
        return "", "no such file"
    return text, ""


def _told(reason: str, numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_NUMBERS])) + (" …" if len(numbers) > _MOST_NUMBERS else "")
    return f"lines of the list that cannot be used ({reason}): {shown}"


def _annotating(event: Progress) -> tuple[float, str]:
    return tally(event, "videos")
