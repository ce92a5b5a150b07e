"""One run of ffmpeg with limits on time, memory and output, and without pipes that can deadlock."""

import math
import os
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
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

import imageio_ffmpeg

from har.errors import FfmpegMissing
from har.settings import MIB, settings
from har.video.decoders import DECODERS

ONE_THREAD = ("-threads", "1")  # of an input with little to decode: starting several takes longer than they save
CONTAINERS = ("mov", "matroska", "avi", "mpeg", "mpegts", "mpegvideo", "gif", "ogg", "asf", "flv")

_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_FILE")  # no keys, no cookies
_KEPT_LINES = 40  # at the beginning and at the end of what ffmpeg prints; a damaged file may cause millions
_NO_MEMORY = ("cannot allocate memory", "out of memory", "malloc of size")  # in its messages


@cache
def executable() -> str:
    """Path of the ffmpeg binary in the imageio-ffmpeg wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def input_arguments(path: Path, *before: str, containers: Sequence[str] = CONTAINERS) -> list[str]:
    """Arguments that make a file ffmpeg's next input, and nothing but that file.

    A file may be a list of other files or URLs; only `containers` (demuxers) that hold their own frames are allowed.
    The absolute path after `file:` keeps names that start with a dash or look like a URL from having another meaning.
    `before` are further options of this input, such as `-ss`.
    """
    allowed = ["-protocol_whitelist", "file,pipe", "-format_whitelist", ",".join(containers)]
    allowed += ["-codec_whitelist", ",".join(DECODERS)]
    limits = ["-max_pixels", str(settings().max_frame_pixels)]
    return [*allowed, *limits, *before, "-i", f"file:{path.absolute()}"]


class FirstAndLastLines:
    """The first and the last of many lines."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)

    def add(self, line: str) -> None:
        """Add a line."""
        kept = self._first if len(self._first) < _KEPT_LINES else self._last
        kept.append(line)

    def lines(self) -> list[str]:
        """The lines kept."""
        return [*self._first, *self._last]


class Messages:
    """What ffmpeg prints on standard error, read in a thread. Keeps the first and last lines that pass a filter."""

    def __init__(self, stream: IO[bytes], keep: Callable[[str], bool] = lambda line: True) -> None:
        self._kept = FirstAndLastLines()
        self._stream = stream
        self._keep = keep
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        for raw in iter(lambda: self._stream.readline(1 << 16), b""):
            line = raw.decode(errors="replace").rstrip("\r\n")
            if self._keep(line):
                self._kept.add(line)

    def lines(self) -> list[str]:
        """The lines kept; call after the process has ended."""
        self._thread.join()
        return self._kept.lines()


@runtime_checkable
class Aside(Protocol):
    """A further output of ffmpeg, through a pipe of its own."""

    ended: bool

    def fileno(self) -> int:
        """Of the pipe."""

    def read(self) -> None:
        """Read what is in the pipe; at its end, set `ended`."""


class Ffmpeg:
    """A running ffmpeg. A context manager: leaving it kills the process if it still runs.

    Every run of ffmpeg in this project goes through here. It is killed when a read or write waits longer than
    `settings().ffmpeg_stall_sec`, or all of them together longer than `settings().ffmpeg_sec`. On Linux the kernel also
    limits its memory, processor time and output.

    Args:
        arguments: without the program's name.
        pipe_in: whether `write` will be used.
        cwd: working folder.
        limit_sec: kill it after this time, whatever it does.
        patient: output that arrives does not count as progress; only `reset_stall` does.
        keep: which of its messages are kept.
        inherit: file descriptors that it gets besides its standard streams.
        tied: kill it when the thread that started it ends, as when this process is killed. For runs without a pipe to
            us, whose breaking would end them. On Linux, by util-linux's setpriv.

    Raises:
        FfmpegMissing: the program does not exist.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        pipe_in: bool = False,
        cwd: Path | None = None,
        limit_sec: float | None = None,
        patient: bool = False,
        keep: Callable[[str], bool] = lambda line: True,
        inherit: Sequence[int] = (),
        tied: bool = False,
    ) -> None:
        self.stalled = False  # killed by one of the limits on time
        self._stall_sec = settings().ffmpeg_stall_sec
        self._left_sec = settings().ffmpeg_sec  # of waiting
        self._check_every_sec = min(1.0, self._stall_sec / 4, (limit_sec or 4.0) / 4)
        self._end_at = time.monotonic() + (limit_sec or float("inf"))
        self._patient = patient
        self._waited_sec = 0.0  # before this read or write, if patient
        self._stalled_since: float | None = None
        self._waiting_since: float | None = None
        self._closed = threading.Event()
        self._process = _start([*([] if pipe_in else ["-nostdin"]), *arguments], pipe_in, cwd, inherit, tied)
        _limit_resources(self._process.pid)
        self.messages = Messages(_opened(self._process.stderr), keep)
        self._watchdog = threading.Thread(target=self._kill_when_stalled, daemon=True)
        self._watchdog.start()

    def __enter__(self) -> "Ffmpeg":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _kill_when_stalled(self) -> None:
        while not self._closed.wait(self._check_every_sec):
            stalled, waiting, now = self._stalled_since, self._waiting_since, time.monotonic()
            too_long = waiting is not None and now - waiting > self._left_sec
            if now > self._end_at or too_long or (stalled is not None and now - stalled > self._stall_sec):
                self.stalled = True
                self._process.kill()
                return

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Time spent in this block counts towards the limits; the time a consumer takes in between does not."""
        started = self._waiting_since = time.monotonic()
        self._stalled_since = started - self._waited_sec
        try:
            yield
        finally:
            stalled, self._stalled_since, self._waiting_since = self._stalled_since, None, None
            now = time.monotonic()
            self._waited_sec = now - stalled if self._patient else 0.0
            self._left_sec -= now - started

    def reset_stall(self) -> None:
        """Restart the stall limit: there was progress."""
        self._waited_sec = 0.0
        if self._stalled_since is not None:
            self._stalled_since = time.monotonic()

    def read_into(self, buffer: memoryview, aside: Aside | None = None) -> int:
        """Fill a buffer from standard output; a count below its size means the end of the output.

        A further output is read whenever there is something in it: if its pipe is full, ffmpeg waits.
        """
        stream = _opened(self._process.stdout)
        filled = 0
        with self.waiting():
            while filled < len(buffer):
                while aside is not None and not aside.ended and stream.fileno() not in self._read_aside(aside, stream):
                    pass
                count = stream.readinto(buffer[filled:])  # type: ignore[attr-defined]  # bufsize=0 gives a FileIO
                if not count:
                    break
                filled += count
                self.reset_stall()
        return filled

    def read_rest(self, aside: Aside) -> None:
        """Read a further output to its end."""
        with self.waiting():
            while not aside.ended:
                self._read_aside(aside)

    def _read_aside(self, aside: Aside, *others: IO[bytes]) -> list[Any]:
        """Wait until one of them can be read, and read the further output if it can; return those that can."""
        ready = wait([aside.fileno(), *(other.fileno() for other in others)])
        if aside.fileno() in ready:
            aside.read()
            self.reset_stall()
        return ready

    def chunks(self) -> Iterator[bytes]:
        """Standard output, piece by piece."""
        stream = _opened(self._process.stdout)
        while True:
            with self.waiting():
                chunk = stream.read(1 << 16)
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

    def exceeded_limit(self) -> str | None:
        """Which limit ended it, as the predicate of 'ffmpeg …'; None if none did. Call after `finish`."""
        chosen, status = settings(), self._process.returncode
        if self.stalled:
            minutes = chosen.ffmpeg_sec / 60
            return f"made no progress for {chosen.ffmpeg_stall_sec:g} seconds, or took more than {minutes:g} minutes"
        if status == -signal.SIGXFSZ:
            return f"wrote more than {chosen.ffmpeg_output_bytes / MIB:.0f} MiB (HAR_FFMPEG_OUTPUT_BYTES)"
        if status == -signal.SIGKILL:
            return f"took more than {chosen.ffmpeg_sec / 60:g} minutes of processor time, or memory ran out"
        if status and any(phrase in line.lower() for line in self.messages.lines() for phrase in _NO_MEMORY):
            return f"needed more than {chosen.ffmpeg_memory_bytes / MIB:.0f} MiB of memory (HAR_FFMPEG_MEMORY_BYTES)"
        return None

    def close(self) -> None:
        """Kill the process if it still runs. May be called twice."""
        self._closed.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._watchdog.join()
        self.messages.lines()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


@cache
def _prefix(tied: bool) -> tuple[str, ...]:
    """A command prefix that prevents new privileges, and with `tied` kills the command when this process ends.

    Empty where the system has none.
    """
    prefix = ("setpriv", "--no-new-privs", *(("--pdeathsig", "KILL") if tied else ()), "--")
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return prefix


def _start(
    arguments: Sequence[str], pipe_in: bool, cwd: Path | None, inherit: Sequence[int], tied: bool
) -> "subprocess.Popen[bytes]":
    try:
        if shutil.which(executable()) is None:  # behind a prefix, Popen would not notice
            raise FileNotFoundError
        return subprocess.Popen(
            [*_prefix(tied), executable(), "-hide_banner", *arguments],
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            stdin=subprocess.PIPE if pipe_in else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            pass_fds=inherit,
            bufsize=0,
            process_group=0,  # Ctrl-C reaches the command alone, which then ends ffmpeg
        )
    except (OSError, RuntimeError) as error:  # imageio-ffmpeg raises RuntimeError where it finds none
        raise FfmpegMissing(
            "The program that reads and writes videos, ffmpeg, could not be started.",
            "It is part of the package imageio-ffmpeg, unless IMAGEIO_FFMPEG_EXE is set to another file.",
            "The operator of this app must reinstall that package or unset IMAGEIO_FFMPEG_EXE.",
        ) from error


def _limit_resources(pid: int) -> None:
    """Let the kernel enforce the limits. On Linux; elsewhere only times are limited.

    Memory is limited as data: address space is also taken by threads that never use it.
    """
    chosen = settings()
    limits = {
        "RLIMIT_DATA": chosen.ffmpeg_memory_bytes,
        "RLIMIT_CPU": math.ceil(chosen.ffmpeg_sec),
        "RLIMIT_FSIZE": chosen.ffmpeg_output_bytes,
        "RLIMIT_CORE": 0,
    }
    if not hasattr(resource, "prlimit"):
        return
    with suppress(ProcessLookupError):  # it has ended already
        for name, limit in limits.items():
            _, hard = resource.prlimit(pid, getattr(resource, name))
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.prlimit(pid, getattr(resource, name), (limit, limit))


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("This ffmpeg was started without that pipe.")
    return stream
