"""Uploads: held on disk by Streamlit's server, copied within a limit by pages, then dropped.

Only the ending of a file's name is kept. The type is detected later from the content, by ffmpeg or the archive reader.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.errors import UploadMissing
from har.jobs import new_job_id
from har.settings import MIB, settings
from har.storage import quota

_ENDING = re.compile(r"[.][a-z0-9]{1,5}")


class OnDisk(bytes):
    """The content of an upload, in a file that is removed with the last reference to this object.

    `len` is the size of the upload. As bytes it is empty: for each run of a page Streamlit copies the bytes of uploads.

    Raises:
        OSError: for example no space.
    """

    path: Path
    _size_bytes: int

    def __new__(cls, data: bytes) -> "OnDisk":
        """Write the file."""
        settings().uploads.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=settings().uploads)
        held = super().__new__(cls)
        held.path, held._size_bytes = Path(name), len(data)
        with open(descriptor, "wb") as file:
            file.write(data)
        return held

    def __len__(self) -> int:
        return self._size_bytes

    def __del__(self) -> None:
        self.path.unlink(missing_ok=True)


def content(upload: UploadedFile) -> bytes:
    """The content of an upload, which may be an `OnDisk`. For threads of pages only.

    Raises:
        UploadMissing: it was removed.
    """
    data = upload.getvalue()
    if len(data) == upload.size:
        return data
    context = get_script_run_ctx()
    for record in context.uploaded_file_mgr.get_files(context.session_id, [upload.file_id]) if context else ():
        return record.data
    raise _missing()


def read(upload: UploadedFile, max_bytes: int) -> bytes:
    """The first bytes of an upload, at most so many.

    Raises:
        UploadMissing: it was removed.
    """
    with _open(content(upload)) as file:
        return file.read(max_bytes)


def _open(data: bytes) -> io.BufferedIOBase:
    if not isinstance(data, OnDisk):
        return io.BytesIO(data)
    try:
        return data.path.open("rb")
    except FileNotFoundError as error:
        raise _missing() from error


def _missing() -> UploadMissing:
    return UploadMissing("The uploaded file was removed.", "It is needed for this.", "Upload it again.")


def limit_mb(limit_bytes: int) -> int:
    """The limit of an upload box, which Streamlit takes in whole megabytes and shows."""
    return max(1, limit_bytes // MIB)


def save(upload: UploadedFile, folder: Path, stem: str, limit_bytes: int, data: bytes | None = None) -> Path:
    """Copy an upload into a folder.

    Args:
        upload: from an upload box.
        folder: must exist.
        stem: the file's name; the ending is the upload's, if it is valid.
        limit_bytes: its maximum size.
        data: its `content`, where this is not called by the thread of a page.

    Raises:
        UploadTooLarge: it is larger; nothing of it is left.
        UploadMissing: it was removed.
        DiskFull: the disk is full.
    """
    ending = Path(upload.name).suffix.lower()
    path = folder / f"{stem}{ending if _ENDING.fullmatch(ending) else ''}"
    with _open(content(upload) if data is None else data) as source:
        quota.save_upload(source, path, limit_bytes)
    return path


@quota.raising_disk_full()
def save_for_job(uploads: Sequence[UploadedFile]) -> tuple[str, Path, list[tuple[str, Path]]]:
    """Copy uploads into the folder of a new job.

    Returns:
        The job's id, its folder, and the original name and the new path of each upload.

    Raises:
        UploadTooLarge, UploadMissing, DiskFull: as `save`; nothing is left.
    """
    job_id, limit_bytes = new_job_id(), settings().max_video_bytes
    folder = settings().jobs / job_id
    try:
        folder.mkdir(parents=True)
        saved = [(each.name, save(each, folder, str(number), limit_bytes)) for number, each in enumerate(uploads)]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job_id, folder, saved


def release(*uploads: UploadedFile) -> None:
    """Drop uploads, which Streamlit would keep for as long as the visitor's tab is open."""
    context = get_script_run_ctx()
    for upload in uploads:
        remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)
        if context and remove:  # a test that runs the page has none
            remove(session_id=context.session_id, file_id=upload.file_id)
