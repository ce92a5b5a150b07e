"""`har youtube`: a stretch of a video on YouTube as a file."""

from pathlib import Path

import click

from har.cli.progress import progress
from har.errors import OptionsError
from har.settings import MIB, settings
from har.youtube import Fetching, VideoAddress, get, look, parse, seconds


@click.command()
@click.argument("address", metavar="URL")
@click.option("--start", metavar="TIME", help="In seconds or as m:ss; by default what the address says, or the start.")
@click.option("--end", metavar="TIME", help="By default the end, or as much as is allowed.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="By default ID.mp4.")
def youtube(address: str, start: str | None, end: str | None, output: Path | None) -> None:
    """Fetch a stretch of a YouTube video: H.264, and no larger than recognising needs."""
    video = parse(address)
    click.echo(fetched(video, start, end, output or Path(f"{video.video_id}.mp4")))


def fetched(address: VideoAddress, start: str | None, end: str | None, target: Path) -> Path:
    """Look at a video, and fetch a stretch of it into a file.

    Raises:
        OptionsError: times that cannot be understood; all else as `har.youtube.look` and `get`.
    """
    start_sec, end_sec = _time("--start", start), _time("--end", end)
    click.echo("har: asking YouTube …", err=True)
    listing = look(address)
    click.echo(f"har: {listing.title} ({listing.channel or 'no channel'}), {listing.duration_sec:g} s", err=True)
    if start_sec is None:
        start_sec = address.start_sec if address.start_sec < listing.duration_sec else 0.0
    if end_sec is None:
        end_sec = min(listing.duration_sec, start_sec + settings().max_video_sec)
    with progress(_fetching) as on_event:
        return get(listing, start_sec, end_sec, target, on_event)


def _time(option: str, text: str | None) -> float | None:
    if text is None or (found := seconds(text)) is not None:
        return None if text is None else found
    raise OptionsError(f"{option} is {text!r}.", "Seconds, m:ss or h:mm:ss are expected.", "Correct it.")


def _fetching(event: Fetching) -> tuple[float, str]:
    left = "" if event.left_sec is None else f", {event.left_sec:.0f} s left"
    return event.done, f"fetching, {event.bytes_per_sec / MIB:.1f} MB/s{left}"
