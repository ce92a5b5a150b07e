"""The first sample as a finished result: its video and its scores are shipped, so a page opens it and computes nothing.

`make pictures` makes both; a test holds them against what the shipped classifier says today.
"""

import secrets
import shutil
from pathlib import Path

from har.classifier import folder_of, read_card
from har.results.options import Annotation, LabelOptions, label
from har.results.samples import sample_path
from har.results.store import PLAYED, SCORES, write_notes, write_texts
from har.timeline import TimelineOptions, load_scores, save_scores
from har.video import probe

SAMPLE, CLASSIFIER = "six-actions", "lrcn-figures"
_FOLDER = Path(__file__).parent / "shipped"
VIDEO, STORED = _FOLDER / f"{SAMPLE}.mp4", _FOLDER / f"{SAMPLE}.npz"


def open_sample(folder: Path) -> None:
    """Put the sample's result into a job's folder, from where `open_annotation` opens it.

    Args:
        folder: made if need be.

    Raises:
        OSError: there is no room for it.
    """
    video = sample_path(SAMPLE)
    if not video.exists():
        _copy(VIDEO, video)
    card, scored = read_card(CLASSIFIER), load_scores(STORED)
    timeline = TimelineOptions() if card.threshold is None else TimelineOptions(threshold=card.threshold)
    options = LabelOptions(timeline=timeline)
    folder.mkdir(parents=True, exist_ok=True)
    info = probe(video)
    result = Annotation(folder, info, card, options, scored, label(scored, options))
    _copy(VIDEO, folder / PLAYED[0])  # drawn by this program: its file says nothing of anybody
    save_scores(folder / SCORES, scored)
    write_texts(result)
    write_notes(folder, info, card, options, folder_of(CLASSIFIER).absolute())


def _copy(source: Path, target: Path) -> None:
    """There whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
