"""Finding out what is behind an address, in a process of its own.

yt-dlp takes tens of megabytes, runs YouTube's player in a JavaScript engine, and has no time limit as a whole; so it is
neither kept in the web process nor waited for without end.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter

from har import errors
from har.settings import settings
from har.youtube import failures
from har.youtube.address import VideoAddress
from har.youtube.listing import Listing

_LISTING = TypeAdapter(Listing)
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def look(address: VideoAddress) -> Listing:
    """What is behind an address: title, channel, length, and where its streams are. Nothing of the video is fetched.

    Raises:
        YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable, ExtractorOutdated: as their names say.
        SettingsError: the owner's file of cookies is not there.
    """
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONPATH": path, "YTDLP_NO_PLUGINS": "1", "DENO_DIR": str(settings().youtube / "deno")}
    process = subprocess.Popen(
        [sys.executable, "-m", "har.youtube.ask", address.video_id],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | own,
        start_new_session=True,  # with whatever it starts it can be ended as one
    )
    try:
        printed, _ = process.communicate(timeout=settings().youtube_look_sec)
    except subprocess.TimeoutExpired as error:
        raise failures.timed_out(settings().youtube_look_sec) from error
    finally:
        _end(process)
    return _understood(printed)


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
