"""Keeps the app's files from other users of the machine."""

import os
import stat

from har.settings import settings
from har.storage import quota

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@quota.raising_disk_full()
def make_home_private() -> None:
    """Create `HAR_HOME` if necessary, and let only its user read it, also if it was created with wider access."""
    home = settings().home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & _OTHERS and home.stat().st_uid == os.getuid():
        home.chmod(mode & ~_OTHERS)


def hide_new_files() -> None:
    """Let only this user read the files that this process and its children create."""
    os.umask(_OTHERS)
