"""Things on this machine that no input may reach: watched files, and a port that counts connections."""

import ctypes
import os
import socket
import struct
from pathlib import Path
from types import TracebackType

TOKEN = "tripwire-7f3a19c2"  # the content of the file; must not appear in any output
_IN_OPEN, _IN_NONBLOCK = 0x20, 0x800  # of Linux's inotify
_EVENT = struct.Struct("iIII")


class Tripwire:
    """A watched text, a watched video, and a listener on loopback. A context manager.

    Args:
        folder: where the files are written.
        video: content of a valid video, so that a followed playlist would show it.
    """

    def __init__(self, folder: Path, video: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.text, self.video = folder / "secret.txt", folder / "secret.mp4"
        self.text.write_text(f"{TOKEN}\n" * 50)
        self.video.write_bytes(video)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/{TOKEN}.mp4"
        self._inotify = _watch([self.text, self.video])

    def __enter__(self) -> "Tripwire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        os.close(self._inotify)

    def triggered(self) -> list[str]:
        """What was reached since the last call."""
        reached = []
        try:
            data = os.read(self._inotify, 1 << 16)
            reached += ["a planted file was opened"] * bool(data)
        except BlockingIOError:
            pass
        try:
            while True:
                self._listener.accept()[0].close()
                reached.append("the planted port was connected to")
        except BlockingIOError:
            pass
        return reached


def _watch(paths: list[Path]) -> int:
    """A descriptor that becomes readable when any process opens one of the files (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = int(libc.inotify_init1(_IN_NONBLOCK))
    for path in paths:
        if descriptor < 0 or libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify")
    return descriptor
