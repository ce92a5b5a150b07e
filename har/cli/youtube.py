"""`har youtube`: download a section of a YouTube video."""

from pathlib import Path

import click

from har.cli.options import FILE, remark
from har.cli.progress import show_progress
from har.errors import OptionsError
from har.settings import settings
from har.youtube import VideoAddress, fetch_section, look_up, parse_address, parse_seconds


@click.command()
@click.argument("address", metavar="URL")
@click.option(
    "--start", metavar="TIME", help="Start of the section, in seconds or as m:ss; by default from the link, or 0."
)
@click.option(
    "--end", metavar="TIME", help="End of the section; by default the end of the video, or the longest section allowed."
)
@click.option("--output", type=FILE, metavar="FILE", help="The file to write; by default ID.mp4.")
def youtube(address: str, start: str | None, end: str | None, output: Path | None) -> None:
    """Download a section of a YouTube video as H.264, at most 480 lines high."""
    video = parse_address(address)
    click.echo(download_section(video, start, end, output or Path(f"{video.video_id}.mp4")))


def download_section(address: VideoAddress, start: str | None, end: str | None, target: Path) -> Path:
    """Look up a video and download a section of it to a file.

    Raises:
        OptionsError: invalid times; otherwise as `har.youtube.look_up` and `fetch_section`.
    """
    start_sec, end_sec = _time("--start", start), _time("--end", end)
    remark("looking up the video …")
    details = look_up(address)
    remark(f"{details.title} ({details.channel or 'unknown channel'}), {details.duration_sec:g} s")
    if start_sec is None:
        start_sec = address.start_sec if address.start_sec < details.duration_sec else 0.0
    if end_sec is None:
        end_sec = min(details.duration_sec, start_sec + settings().max_video_sec)
    with show_progress() as on_progress:
        return fetch_section(details, start_sec, end_sec, target, on_progress)


def _time(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    if (seconds := parse_seconds(text)) is not None:
        return seconds
    raise OptionsError(f"{option} is {text!r}.", "Seconds, m:ss or h:mm:ss are expected.", "Correct the time.")
