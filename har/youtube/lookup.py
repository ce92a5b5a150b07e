"""Look up a video on YouTube, in a separate process.

yt-dlp takes tens of megabytes, runs YouTube's player in a JavaScript engine, and has no overall time limit; so it is
not loaded into the web process, and the process that runs it is killed at `settings().youtube_look_sec`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter

from har import errors
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from har.youtube import failures
from har.youtube.address import VideoAddress
from har.youtube.details import VideoDetails

_DETAILS = TypeAdapter(VideoDetails)
_REPORT_EVERY_SEC = 0.2
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def look_up(address: VideoAddress, on_progress: OnProgress = ignore) -> VideoDetails:
    """Find a video's title, channel, length and streams. None of the video itself is fetched.

    `on_progress` is called several times a second; whatever it raises, such as `StopRequested`, cancels the lookup.

    Raises:
        YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable, ExtractorOutdated: as their names say.
        SettingsError: the file of cookies in the settings does not exist.
    """
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    changes = {"PYTHONPATH": path, "YTDLP_NO_PLUGINS": "1", "DENO_DIR": str(settings().youtube / "deno")}
    with tempfile.TemporaryDirectory(prefix="har-lookup-") as folder:  # a killed process leaves its copy of the cookies
        process = subprocess.Popen(
            [sys.executable, "-m", "har.youtube.ytdlp", address.video_id],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | changes | {"TMPDIR": folder},
            start_new_session=True,  # so that it can be killed together with its children
        )
        try:
            return _parse(_wait(process, on_progress))
        finally:
            _kill(process)


def _wait(process: "subprocess.Popen[str]", on_progress: OnProgress) -> str:
    """What the process prints, once it has ended."""
    started_at, limit_sec = time.monotonic(), settings().youtube_look_sec
    while True:
        left_sec = limit_sec - (time.monotonic() - started_at)
        try:
            return process.communicate(timeout=max(0.0, min(_REPORT_EVERY_SEC, left_sec)))[0]
        except subprocess.TimeoutExpired as error:
            if time.monotonic() - started_at >= limit_sec:
                raise failures.timed_out(limit_sec) from error
            on_progress(Progress(Stage.LOOK_UP))


def _kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _parse(output: str) -> VideoDetails:
    lines = output.splitlines()
    answer = json.loads(lines[-1]) if lines else {}
    if "error" in answer:
        raise getattr(errors, answer["error"])(*answer["arguments"])
    if "details" not in answer:
        raise errors.ExtractorOutdated(
            "yt-dlp ended without an answer.", "It may have run out of memory.", "Try again, or upload the video."
        )
    return _DETAILS.validate_python(answer["details"])
