"""Starting to annotate a video: one way for all screens."""

import shutil
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from har import annotation
from har.classifier import Card, read_card
from har.errors import HarError
from har.jobs import new_job_id
from har.results import LabelOptions
from har.settings import settings
from har.storage import quota
from har.timeline import TimelineOptions
from har.youtube import clean
from ui import uploads, visitor
from ui.annotate import names, result, youtube
from ui.jobs import jobs

FOR_SAMPLES, FOR_UPLOADS = "lrcn-figures", "i3d-kinetics400"

Chosen = str | UploadedFile | youtube.Section  # a sample's name, or a video


def default_timeline(card: Card) -> TimelineOptions:
    """What a classifier's scores are labelled with unless a visitor chooses otherwise."""
    return TimelineOptions() if card.threshold is None else TimelineOptions(threshold=card.threshold)


def start(chosen: Chosen) -> str:
    """Submit a job with the default classifier and its options; see `start_with`."""
    classifier = FOR_SAMPLES if isinstance(chosen, str) else FOR_UPLOADS
    card = read_card(classifier)
    return start_with(chosen, classifier, LabelOptions(timeline=default_timeline(card)), card.stride_sec)


def start_with(chosen: Chosen, classifier: str | Path, options: LabelOptions, stride_sec: float) -> str:
    """Submit a job that annotates a video, and return its id. An upload is moved from memory to disk.

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
            classifier,
            options,
            stride_sec,
            False,  # the labels are written into the video afterwards, see `ui.annotate.result`
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
