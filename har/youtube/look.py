"""Finding out what is behind an address, in a process of its own.

yt-dlp takes tens of megabytes, runs YouTube's player in a JavaScript engine, and has no time limit as a whole; so it is
neither kept in the web process nor waited for without end.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from har import errors
from har.settings import settings
from har.youtube import failures
from har.youtube.address import VideoAddress
from har.youtube.listing import Listing

_LISTING = TypeAdapter(Listing)
_TELL_SEC = 0.2  # between two words that there is no answer yet
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Asking:
    """YouTube has not answered yet."""

    waited_sec: float


OnAsking = Callable[[Asking], None]


def ignore(event: Asking) -> None:
    """For who does not care how long it takes."""


def look(address: VideoAddress, on_event: OnAsking = ignore) -> Listing:
    """What is behind an address: title, channel, length, and where its streams are. Nothing of the video is fetched.

    Args:
        address: of the video.
        on_event: told several times a second that there is no answer yet. `StopRequested` raised out of it ends the
            look, and is raised.

    Raises:
        YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable, ExtractorOutdated: as their names say.
        SettingsError: the owner's file of cookies is not there.
    """
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONPATH": path, "YTDLP_NO_PLUGINS": "1", "DENO_DIR": str(settings().youtube / "deno")}
    process = subprocess.Popen(
        [sys.executable, "-m", "har.youtube.ytdlp", address.video_id],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | own,
        start_new_session=True,  # with whatever it starts it can be ended as one
    )
    try:
        return _understood(_answer(process, on_event))
    finally:
        _end(process)


def _answer(process: "subprocess.Popen[str]", on_event: OnAsking) -> str:
    """What the process prints, once it has ended."""
    begun_at, limit_sec = time.monotonic(), settings().youtube_look_sec
    while True:
        left_sec = limit_sec - (time.monotonic() - begun_at)
        try:
            return process.communicate(timeout=max(0.0, min(_TELL_SEC, left_sec)))[0]
        except subprocess.TimeoutExpired as error:
            waited_sec = time.monotonic() - begun_at
            if waited_sec >= limit_sec:
                raise failures.timed_out(limit_sec) from error
            on_event(Asking(waited_sec))


def _end(process: "subprocess.Popen[str]") -> None:
    """End the process and what it started, where they still run."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _understood(printed: str) -> Listing:
    lines = printed.splitlines()
    answer = json.loads(lines[-1]) if lines else {}
    if "refused" in answer:
        raise getattr(errors, answer["kind"])(*answer["refused"])
    if "found" not in answer:
        raise errors.ExtractorOutdated(
            "yt-dlp ended without an answer.", "It may have run out of memory.", "Try again, or upload the video."
        )
    return _LISTING.validate_python(answer["found"])
