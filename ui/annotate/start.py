"""Starting to annotate a video: one way for all screens."""

import shutil
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from har import annotation
from har.classifier import expected_default, read_card
from har.classifier.default import PREFERRED
from har.errors import HarError
from har.jobs import new_job_id
from har.results import LabelOptions, comparison_options
from har.settings import settings
from har.storage import quota
from har.youtube import clean
from ui import uploads, visitor
from ui.annotate import names, result, youtube
from ui.jobs import jobs

FOR_SAMPLES = "lrcn-figures"  # knows the actions in them

Chosen = str | UploadedFile | youtube.Section  # a sample's name, or a video


def start(chosen: Chosen) -> str:
    """Submit a job with the default classifier and its options; see `start_with`."""
    classifier = FOR_SAMPLES if isinstance(chosen, str) else expected_default()
    card = read_card(classifier)
    return start_with(chosen, classifier, comparison_options(card), card.stride_sec)


def start_with(chosen: Chosen, classifier: str | Path, options: LabelOptions, stride_sec: float) -> str:
    """Submit a job that annotates a video, and return its id. An upload is moved into its folder.

    The default classifier, unlike any other, is replaced by another one if its file cannot be downloaded.

    Raises:
        JobError: the queue is full, or the visitor has too many jobs.
        UploadTooLarge, TooMuchStored, DiskFull: the video cannot be stored.
    """
    job_id = new_job_id()
    folder = result.folder_of(job_id)
    try:
        quota.claim(job_id, visitor.visitor().id)
        jobs().submit(
            annotation.annotate_job,
            _store(chosen, folder),
            folder,
            None if _is_default(chosen, classifier) else classifier,
            options,
            stride_sec,
            False,  # the labels are written into the video afterwards, see `ui.annotate.files`
            job_id=job_id,
            visitor=visitor.visitor(),
            detached=False,
        )
    except HarError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if isinstance(chosen, UploadedFile):
        uploads.release(chosen)
    return job_id


def _is_default(chosen: Chosen, classifier: str | Path) -> bool:
    return not isinstance(chosen, str) and classifier == PREFERRED == expected_default()


@quota.raising_disk_full()
def _store(chosen: Chosen, folder: Path) -> annotation.Source:
    """Store an upload, and the name that users know a video by; no file gets this name."""
    if isinstance(chosen, str):
        return annotation.GeneratedSample(chosen)
    folder.mkdir(parents=True)
    if isinstance(chosen, youtube.Section):
        (folder / names.NAME).write_text(clean(chosen.video.title), encoding="utf-8")
        return annotation.YouTubeSection(chosen.video, chosen.start_sec, chosen.end_sec)
    (folder / names.NAME).write_text(clean(chosen.name), encoding="utf-8")
    return uploads.save(chosen, folder, names.VIDEO, settings().max_video_bytes)
