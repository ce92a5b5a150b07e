"""`har annotate` for many videos: which ones, and how they ended."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from har.batch import MANIFEST, BatchOptions, annotate_many
from har.cli.options import remark
from har.cli.progress import show_progress
from har.errors import OptionsError, StopRequested
from har.storage import remote
from har.youtube import is_address

_MAX_LINE_BYTES = 4096  # no file system has longer paths
_MAX_LIST_BYTES = 1 << 30
_MAX_LINE_NUMBERS = 20  # in a message
_MAX_SHOWN = 10  # videos with a number in their folder's name


def annotate_batch(
    videos: Sequence[str], list_file: Path | None, out: str | None, options: BatchOptions, workers: int
) -> None:
    """Annotate videos, and print how many are done; exit code 2 if any failed."""
    if out is None:
        raise OptionsError(
            "Many videos were given, without --out.", "Each video needs a folder for its results.", "Add --out DIR."
        )
    if any(is_address(video) and not Path(video).exists() for video in videos):
        raise OptionsError(
            "A YouTube link was given together with other videos.",
            "Links are annotated one at a time.",
            "Use a separate command for the link.",
        )
    invalid: list[str] = []
    if list_file is not None:
        more, invalid = read_list(list_file)
        videos = [*videos, *more]
    for message in invalid:
        remark(message)
    if not videos:
        raise OptionsError(
            "There is no video to annotate.", "At least one was expected.", "Add a video to the command or the list."
        )
    try:
        with show_progress() as on_progress:
            result = annotate_many(videos, out, options, workers, on_progress)
    except StopRequested:
        remark("run the same command again to resume.")
        raise
    for video, folder in result.numbered[:_MAX_SHOWN]:
        remark(f"the results of {video} are in {folder}, because another video has its name.")
    if (more_count := len(result.numbered) - _MAX_SHOWN) > 0:
        remark(f"so are those of {more_count} more videos; see {MANIFEST}.")
    click.echo(f"{result.done} done, {result.earlier} done before, {result.failed} failed; see {MANIFEST} in {out}")
    if result.failed or invalid:
        raise click.exceptions.Exit(2)


def read_list(path: Path) -> tuple[list[str], list[str]]:
    """The videos of a list, one per line, and messages about invalid lines.

    Messages contain line numbers only: if the wrong file is given, none of its content is printed.

    Raises:
        OptionsError: no such file, or much too large.
    """
    videos: list[str] = []
    invalid: dict[str, list[int]] = {}
    try:
        if path.stat().st_size > _MAX_LIST_BYTES:
            raise OptionsError(
                "The list is too large.",
                f"At most {_MAX_LIST_BYTES >> 20} MiB are accepted.",
                "Split it into several lists.",
            )
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file), start=1):
                video, problem = _parse_line(line)
                if problem:
                    invalid.setdefault(problem, []).append(number)
                elif video:
                    videos.append(video)
    except OSError as error:
        raise OptionsError(
            f"The list cannot be read ({error.strerror}).",
            "A text file with one video per line was expected.",
            "Check the path after --list.",
        ) from error
    return videos, [_describe(problem, numbers) for problem, numbers in invalid.items()]


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_MAX_LINE_BYTES + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(_MAX_LINE_BYTES)
        yield line.rstrip(b"\r\n")


def _parse_line(line: bytes) -> tuple[str, str]:
    if len(line) > _MAX_LINE_BYTES:
        return "", f"longer than {_MAX_LINE_BYTES} bytes"
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", "not UTF-8"
    if not text.isprintable():
        return "", "unprintable characters"
    if text and not remote.is_url(text) and not Path(text).exists():
        return "", "no such file"
    return text, ""


def _describe(problem: str, numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MAX_LINE_NUMBERS])) + (" …" if len(numbers) > _MAX_LINE_NUMBERS else "")
    return f"invalid lines of the list ({problem}): {shown}"
