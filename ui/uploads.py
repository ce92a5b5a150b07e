"""Uploads: copied to disk within a limit, then dropped from the web process's memory.

Only the ending of a file's name is kept. The type is detected later from the content, by ffmpeg or the archive reader.
"""

import io
import re
from collections.abc import Sequence
from pathlib import Path

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.settings import MIB, settings
from har.storage import quota

_ENDING = re.compile(r"[.][a-z0-9]{1,5}")


def limit_mb(limit_bytes: int) -> int:
    """The limit of an upload box, which Streamlit takes in whole megabytes and shows."""
    return max(1, limit_bytes // MIB)


def save(upload: UploadedFile, folder: Path, stem: str, limit_bytes: int) -> Path:
    """Copy an upload into a folder.

    Args:
        upload: from an upload box.
        folder: must exist.
        stem: the file's name; the ending is the upload's, if it is valid.
        limit_bytes: its maximum size.

    Raises:
        UploadTooLarge: it is larger; nothing of it is left.
        DiskFull: the disk is full.
    """
    ending = Path(upload.name).suffix.lower()
    path = folder / f"{stem}{ending if _ENDING.fullmatch(ending) else ''}"
    quota.save_upload(io.BytesIO(upload.getvalue()), path, limit_bytes)  # two threads may read the same upload
    return path


@quota.raising_disk_full()
def save_all(uploads: Sequence[UploadedFile], folder: Path) -> list[tuple[str, Path]]:
    """Copy uploads into a new folder, and return the original names and the new paths.

    Raises:
        UploadTooLarge: one is larger than a video may be.
        DiskFull: the disk is full.
    """
    folder.mkdir(parents=True)
    limit_bytes = settings().max_video_bytes
    return [(upload.name, save(upload, folder, str(number), limit_bytes)) for number, upload in enumerate(uploads)]


def release(*uploads: UploadedFile) -> None:
    """Free the memory of uploads, which Streamlit would keep for as long as the visitor's tab is open."""
    context = get_script_run_ctx()
    for upload in uploads:
        remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)
        if context and remove:  # a test that runs the page has none
            remove(session_id=context.session_id, file_id=upload.file_id)
