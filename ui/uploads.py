"""Files that visitors bring: copied to the disk within a limit, and then dropped from the memory of the web process.

What a file is, its content tells later, to ffmpeg or to the reader of archives; of its name only the ending is kept.
"""

import re
from pathlib import Path

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.settings import MIB
from har.storage import quota

_ENDING = re.compile(r"[.][a-z0-9]{1,5}")


def box_mb(limit_bytes: int) -> int:
    """The limit of a box, which Streamlit wants in whole megabytes, and shows."""
    return max(1, limit_bytes // MIB)


def keep(upload: UploadedFile, folder: Path, stem: str, limit_bytes: int) -> Path:
    """Copy an upload into a folder.

    Args:
        upload: as a box gave it.
        folder: is there.
        stem: what to call the file; the ending is the upload's, if it can be one.
        limit_bytes: that it may have.

    Raises:
        UploadRefused: it has more; nothing of it is left.
        DiskFull: there is no room for it.
    """
    ending = Path(upload.name).suffix.lower()
    path = folder / f"{stem}{ending if _ENDING.fullmatch(ending) else ''}"
    quota.copy_in(upload, path, limit_bytes)
    return path


def drop(*uploads: UploadedFile) -> None:
    """Let go of uploads now: Streamlit would keep them for as long as the visitor's tab is open."""
    context = get_script_run_ctx()
    for upload in uploads:
        remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)
        if context and remove:  # not where a test runs the page
            remove(session_id=context.session_id, file_id=upload.file_id)
