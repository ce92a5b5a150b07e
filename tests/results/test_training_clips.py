"""Training clips from corrected segments."""

import pytest

from har import results
from har.datasets import open_dataset
from har.errors import AnnotationMissing, CorrectionsInvalid, StopRequested
from har.progress import Progress, Stage
from har.results import SavedClips, select_clips
from har.settings import settings
from har.timeline import Piece, Segment, Timeline
from tests.browser.made import FPS, make_result
from tests.datasets.conftest import files
from tests.video.conftest import read_numbers

pytestmark = pytest.mark.media


def at(frame):
    return float(frame / FPS)


PIECES = (
    Piece(0.0, "squat"),
    Piece(at(60), "wave", "corrected"),
    Piece(at(180), None, "corrected"),
    Piece(at(200), "juggling", "confirmed"),
    Piece(at(203), "walk", "corrected"),
)


@pytest.fixture
def result():
    made = make_result(settings().home, [0] * 17)
    result = results.open_annotation(made.folder)
    results.replace_segments(result, PIECES)
    return result


def parts(*lengths, mark="corrected", label="wave"):
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    return Timeline(
        tuple(Segment(end - length, end, label, 1.0, 1, mark) for end, length in zip(ends, lengths, strict=True))
    )


@pytest.mark.parametrize(
    ("length", "clips"),
    [
        (0.1, []),
        (0.5, [(0, 0.5)]),
        (2.0, [(0, 2)]),
        (3.9, [(0, 3.9)]),
        (4.0, [(0, 2), (2, 4)]),
        (5.0, [(0, 2.5), (2.5, 5)]),
    ],
)
def test_segments_give_as_many_clips_as_spans_fit(length, clips):
    assert [(start, end) for _, start, end in select_clips(parts(length), 2.0)] == clips


def test_only_reviewed_segments_with_a_label_are_selected():
    assert select_clips(parts(2.0, mark=None), 2.0) == []
    assert len(select_clips(parts(2.0, mark=None), 2.0, every=True)) == 1
    assert select_clips(parts(2.0, label=None), 2.0, every=True) == []
    assert len(select_clips(parts(2.0, mark="confirmed"), 2.0)) == 1


def test_clips_have_the_frames_of_their_segments(result, tmp_path):
    events = []
    saved = results.save_training_clips(result.folder, tmp_path / "set", on_progress=events.append)
    span_sec = result.card.spec.span_sec
    assert saved == SavedClips("g01", {"wave": int(at(120) / span_sec + 1e-6), "walk": 1}, 1)
    clips = {video.label: [] for video in open_dataset(str(tmp_path / "set")).videos}
    for video in open_dataset(str(tmp_path / "set")).videos:
        clips[video.label] += read_numbers(video.path)
    assert clips == {"wave": list(range(60, 180)), "walk": list(range(203, 250))}
    assert events[-1] == Progress(Stage.CUT_CLIPS, 3, 3)


def test_stopping_leaves_the_data_set_unchanged(result, tmp_path):
    results.save_training_clips(result.folder, tmp_path / "set")
    before = files(tmp_path / "set")

    def stop(progress):
        if progress.done == 1:
            raise StopRequested

    results.replace_segments(result, (Piece(0.0, "walk", "corrected"),))
    with pytest.raises(StopRequested):
        results.save_training_clips(result.folder, tmp_path / "set", on_progress=stop)
    assert files(tmp_path / "set") == before
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_invalid_requests_are_refused(result, tmp_path, override):
    override(max_kept_clips=2)
    with pytest.raises(CorrectionsInvalid, match="3 clips"):
        results.save_training_clips(result.folder, tmp_path / "set")
    override(max_kept_clips=200)
    results.replace_segments(result, None)
    with pytest.raises(CorrectionsInvalid, match="corrected or confirmed"):
        results.save_training_clips(result.folder, tmp_path / "set")
    result.info.path.unlink()
    with pytest.raises(AnnotationMissing, match="moved or deleted"):
        results.save_training_clips(result.folder, tmp_path / "set", every=True)
    assert not (tmp_path / "set").exists()
