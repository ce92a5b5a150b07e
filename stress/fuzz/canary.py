"""Things on this machine that no input may reach: a file that tells who opens it, a port that counts its callers."""

import ctypes
import os
import socket
import struct
from pathlib import Path
from types import TracebackType

TOKEN = "canary-7f3a19c2"  # stands in the file; in nothing that comes out
_IN_OPEN, _IN_NONBLOCK = 0x20, 0x800  # of Linux's inotify
_EVENT = struct.Struct("iIII")


class Canary:
    """A watched text, a watched video, and a listener on loopback. A context manager.

    Args:
        folder: where the files are to lie.
        video: bytes of an intact video: a list that is followed would show it.
    """

    def __init__(self, folder: Path, video: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.text, self.video = folder / "secret.txt", folder / "secret.mp4"
        self.text.write_text(f"{TOKEN}\n" * 50)
        self.video.write_bytes(video)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.setblocking(False)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/{TOKEN}.mp4"
        self._watch = _watch([self.text, self.video])

    def __enter__(self) -> "Canary":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.close()
        os.close(self._watch)

    def touched(self) -> list[str]:
        """What has been reached since the last call."""
        told = []
        try:
            data = os.read(self._watch, 1 << 16)
            told += ["a planted file was opened"] * bool(data)
        except BlockingIOError:
            pass
        try:
            while True:
                self._door.accept()[0].close()
                told.append("a planted address was asked")
        except BlockingIOError:
            pass
        return told


def _watch(paths: list[Path]) -> int:
    """A descriptor from which Linux tells that one of the files was opened, by whichever process."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = int(libc.inotify_init1(_IN_NONBLOCK))
    for path in paths:
        if descriptor < 0 or libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify")
    return descriptor
