"""A generated sample with its finished result: video and scores are bundled, so a page opens it without computing.

`make pictures` generates both; a test compares them with what the bundled classifier returns today.
"""

import shutil
from pathlib import Path

from har.classifier import folder_of, read_card
from har.results.options import Annotation, LabelOptions, label_scores
from har.results.samples import sample_path
from har.results.store import PLAYER_FILES, SCORES, write_exports, write_notes
from har.storage import atomic
from har.timeline import TimelineOptions, load_scores, save_scores
from har.video import probe

SAMPLE, CLASSIFIER = "six-actions", "lrcn-figures"
_FOLDER = Path(__file__).parent / "bundled"
VIDEO_FILE, SCORES_FILE = _FOLDER / f"{SAMPLE}.mp4", _FOLDER / f"{SAMPLE}.npz"


def copy_bundled_sample(folder: Path) -> None:
    """Write the sample's result into a folder, created if need be, where `open_annotation` opens it.

    Raises:
        OSError: no room for it.
    """
    video = sample_path(SAMPLE)
    if not video.exists():
        _copy(VIDEO_FILE, video)
    card, scored = read_card(CLASSIFIER), load_scores(SCORES_FILE)
    timeline = TimelineOptions() if card.threshold is None else TimelineOptions(threshold=card.threshold)
    options = LabelOptions(timeline=timeline)
    folder.mkdir(parents=True, exist_ok=True)
    info = probe(video)
    _copy(VIDEO_FILE, folder / PLAYER_FILES[0])  # drawn by this program, so it has no private metadata
    save_scores(folder / SCORES, scored)
    write_exports(Annotation(folder, info, card, options, scored, label_scores(scored, options)))
    write_notes(folder, info, card, options, folder_of(CLASSIFIER).absolute())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic.replacing(target) as temporary:
        shutil.copyfile(source, temporary)
