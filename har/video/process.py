"""One run of ffmpeg, at arm's length: it cannot wait for us for ever, nor we for it, nor take more than it may."""

import math
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO

import imageio_ffmpeg

from har.errors import FfmpegMissing
from har.settings import MIB, settings

CONTAINERS = ("mov", "matroska", "avi", "mpeg", "mpegts", "mpegvideo", "gif", "ogg", "asf", "flv")

_KEPT_MESSAGES = 40  # first and last lines of what ffmpeg prints; a damaged file can make it print millions
_NO_MEMORY = ("cannot allocate memory", "out of memory", "malloc of size")  # what it says where it was refused some


@cache
def executable() -> str:
    """Path of the ffmpeg binary that the imageio-ffmpeg wheel carries."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def input_arguments(path: Path, *before: str, containers: Sequence[str] = CONTAINERS) -> list[str]:
    """Arguments that make a file ffmpeg's next input, and nothing but that file.

    A file may be a list of other files or addresses; only containers that hold their own frames are let through. The
    absolute path behind `file:` keeps names that begin with a dash or look like an address from meaning anything else.

    Args:
        path: the file.
        before: further options of this input, such as `-ss`.
        containers: ffmpeg's names of the demuxers that may open it.
    """
    allowed = ["-protocol_whitelist", "file,pipe", "-format_whitelist", ",".join(containers)]
    limits = ["-max_pixels", str(settings().max_frame_pixels)]
    return [*allowed, *limits, *before, "-i", f"file:{path.absolute()}"]


class Ends:
    """The first and the last of many lines."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_KEPT_MESSAGES)

    def add(self, line: str) -> None:
        """Take one more."""
        kept = self._first if len(self._first) < _KEPT_MESSAGES else self._last
        kept.append(line)

    def lines(self) -> list[str]:
        """Those that were kept."""
        return [*self._first, *self._last]


class Messages:
    """What ffmpeg prints on standard error, drained as it comes. Keeps the first and last lines of those worth it."""

    def __init__(self, stream: IO[bytes], worth: Callable[[str], bool] = lambda line: True) -> None:
        self._kept = Ends()
        self._stream = stream
        self._worth = worth
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        for raw in iter(lambda: self._stream.readline(1 << 16), b""):
            line = raw.decode(errors="replace").rstrip("\r\n")
            if self._worth(line):
                self._kept.add(line)

    def lines(self) -> list[str]:
        """All lines kept; call after the process has ended."""
        self._thread.join()
        return self._kept.lines()


class Ffmpeg:
    """A running ffmpeg. A context manager: leaving it ends the process, done or not.

    Every run of ffmpeg in this project is one of these, so that none lacks a bound on its memory, on the time of the
    processor and of those who wait for it, and on the size of a file that it writes: see `settings()`.

    Args:
        arguments: without the binary's name.
        pipe_in: whether `write` will be used.
        cwd: working folder.
        limit_sec: the process is killed after so long, whatever it does.
        patient: what arrives does not count as progress; only `still_alive` does.
        worth: which of its messages are kept.
        tied: it is killed when the thread that starts it ends, as when this process is killed: for a run that would go
            on alone. One that reads or writes a pipe of ours ends when that breaks. On Linux, by util-linux's setpriv.

    Raises:
        FfmpegMissing: there is no such program.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        pipe_in: bool = False,
        cwd: Path | None = None,
        limit_sec: float | None = None,
        patient: bool = False,
        worth: Callable[[str], bool] = lambda line: True,
        tied: bool = False,
    ) -> None:
        self.stalled = False  # killed since a read or write waited too long, or all of them together, or at limit_sec
        self._stall_sec = settings().ffmpeg_stall_sec
        self._left_sec = settings().ffmpeg_sec  # to be waited for it
        self._look_sec = min(1.0, self._stall_sec / 4, (limit_sec or 4.0) / 4)
        self._end_at = time.monotonic() + (limit_sec or float("inf"))
        self._patient = patient
        self._waited_sec = 0.0  # without progress so far, where that goes on from one read to the next
        self._waiting_since: float | None = None
        self._wait_begun: float | None = None
        self._closed = threading.Event()
        self._process = _start([*([] if pipe_in else ["-nostdin"]), *arguments], pipe_in, cwd, tied)
        _bound(self._process.pid)
        self.messages = Messages(_opened(self._process.stderr), worth)
        self._watch = threading.Thread(target=self._end_when_stalled, daemon=True)
        self._watch.start()

    def __enter__(self) -> "Ffmpeg":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_when_stalled(self) -> None:
        while not self._closed.wait(self._look_sec):
            since, begun = self._waiting_since, self._wait_begun
            now = time.monotonic()
            too_long = begun is not None and now - begun > self._left_sec
            if now > self._end_at or too_long or (since is not None and now - since > self._stall_sec):
                self.stalled = True
                self._process.kill()
                return

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Time spent in this block counts towards the stall limit; the time a consumer takes in between does not."""
        begun = self._wait_begun = time.monotonic()
        self._waiting_since = begun - self._waited_sec
        try:
            yield
        finally:
            since, self._waiting_since, self._wait_begun = self._waiting_since, None, None
            now = time.monotonic()
            self._waited_sec = now - since if self._patient else 0.0
            self._left_sec -= now - begun

    def still_alive(self) -> None:
        """Start the stall limit anew: there was progress."""
        self._waited_sec = 0.0
        if self._waiting_since is not None:
            self._waiting_since = time.monotonic()

    def read_into(self, buffer: memoryview) -> int:
        """Fill a buffer from standard output; fewer bytes than it holds means that the output has ended."""
        stream = _opened(self._process.stdout)
        filled = 0
        with self.waiting():
            while filled < len(buffer):
                count = stream.readinto(buffer[filled:])  # type: ignore[attr-defined]  # bufsize=0 gives a FileIO
                if not count:
                    break
                filled += count
                self.still_alive()
        return filled

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Standard output piece by piece."""
        stream = _opened(self._process.stdout)
        while True:
            with self.waiting():
                chunk = stream.read(size)
            if not chunk:
                return
            yield chunk

    def write(self, data: memoryview) -> None:
        """Send bytes to standard input.

        Raises:
            BrokenPipeError: the process has ended.
        """
        stream = _opened(self._process.stdin)
        while data:
            with self.waiting():
                data = data[stream.write(data) :]

    def finish(self) -> int:
        """Close standard input, wait for the end, and return the exit status."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with self.waiting():
            return self._process.wait()

    def over(self) -> str | None:
        """Which limit ended it, to stand behind 'ffmpeg'; None: none. Call after `finish`."""
        chosen, status = settings(), self._process.returncode
        if self.stalled:
            minutes = chosen.ffmpeg_sec / 60
            return f"made no progress for {chosen.ffmpeg_stall_sec:g} seconds, or took more than {minutes:g} minutes"
        if status == -signal.SIGXFSZ:
            return f"wrote more than {chosen.ffmpeg_output_bytes / MIB:.0f} MiB (HAR_FFMPEG_OUTPUT_BYTES)"
        if status == -signal.SIGKILL:
            return (
                f"took more than {chosen.ffmpeg_sec / 60:g} minutes of the processor, or the machine is out of memory"
            )
        if status and any(sign in line.lower() for line in self.messages.lines() for sign in _NO_MEMORY):
            return f"needed more than {chosen.ffmpeg_memory_bytes / MIB:.0f} MiB of memory (HAR_FFMPEG_MEMORY_BYTES)"
        return None

    def close(self) -> None:
        """End the process, whatever it is doing. May be called twice."""
        self._closed.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._watch.join()
        self.messages.lines()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


@cache
def _tie() -> tuple[str, ...]:
    """What stands before a command that is to end with us; nothing where this system knows no such thing."""
    tie = ("setpriv", "--pdeathsig", "KILL", "--")
    try:
        subprocess.run([*tie, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tie


def _start(arguments: Sequence[str], pipe_in: bool, cwd: Path | None, tied: bool) -> "subprocess.Popen[bytes]":
    try:
        if shutil.which(executable()) is None:  # what stands before it would say so in its own words
            raise FileNotFoundError
        return subprocess.Popen(
            [*(_tie() if tied else ()), executable(), "-hide_banner", *arguments],
            stdin=subprocess.PIPE if pipe_in else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            bufsize=0,
        )
    except (OSError, RuntimeError) as error:  # the latter is imageio-ffmpeg's, where it finds none
        raise FfmpegMissing(
            "The program that reads and writes videos, ffmpeg, could not be started.",
            "It comes with the package imageio-ffmpeg, or lies where IMAGEIO_FFMPEG_EXE says.",
            "Whoever runs this app has to install that package anew, or unset IMAGEIO_FFMPEG_EXE.",
        ) from error


def _bound(pid: int) -> None:
    """Have the kernel refuse or end what goes beyond the limits. On Linux; elsewhere only times are bounded.

    Memory is what counts as data: address space alone is also taken by threads that never use it.
    """
    chosen = settings()
    limits = {
        "RLIMIT_DATA": chosen.ffmpeg_memory_bytes,
        "RLIMIT_CPU": math.ceil(chosen.ffmpeg_sec),
        "RLIMIT_FSIZE": chosen.ffmpeg_output_bytes,
        "RLIMIT_CORE": 0,  # no file is left where it dies
    }
    if not hasattr(resource, "prlimit"):
        return
    with suppress(ProcessLookupError):  # it has ended already
        for name, limit in limits.items():
            _, most = resource.prlimit(pid, getattr(resource, name))
            limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.prlimit(pid, getattr(resource, name), (limit, limit))


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("This ffmpeg was started without that pipe.")
    return stream
