"""Two labellings of a video in step: same frames, own labels, own timelines."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from har.cli import main
from har.colours import UNSURE
from har.errors import AnnotationMissing, OptionsError, StopRequested, VideoMissing
from har.progress import Stage
from har.reels import Against, SideOptions, make_side_by_side
from har.reels.side_by_side import _layout, pair_of
from har.results import import_ground_truth, open_annotation
from har.results.store import SCORES, write_notes
from har.settings import settings
from har.timeline import save_scores
from har.video import probe
from tests.browser.made import make_result
from tests.exports.data import INFO
from tests.reels.conftest import heard_sec, number_in, result_of, with_tone
from tests.render.conftest import frames_of

pytestmark = pytest.mark.media

TRUTH = b"start_sec,end_sec,label\n1,2,wave\n2,4,walk\n"
SMALL = SideOptions(lines=360)


@pytest.fixture
def compared(made):
    """A result with ground truth."""
    import_ground_truth(made.folder, TRUTH, made.duration_sec)
    return made.folder


def add_second(folder):
    """A second classifier's labels: the first one's scores under another title."""
    first = open_annotation(folder)
    (folder / "second").mkdir()
    save_scores(folder / "second" / SCORES, first.scored)
    write_notes(folder / "second", first.info, replace(first.card, title="Another"), first.options)


def colour_at(frame, x, y):
    """A colour as `#RRGGBB`, near enough."""
    return frame[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).mean(axis=0)


def near(found, colour):
    return np.abs(found - [int(colour[at : at + 2], 16) for at in (1, 3, 5)]).max() < 30


def test_both_pictures_show_the_same_frame_and_their_own_label_and_timeline(compared, tmp_path):
    pair = make_side_by_side([compared], out := tmp_path / "film.mp4", SMALL)
    info, shown = probe(out), frames_of(out)
    layout = _layout(pair.video, 360)
    assert [side.title for side in pair.sides] == ["LRCN on figures", "Ground truth"]
    assert (info.width, info.height) == layout.size
    assert info.plays_in_browsers
    assert not info.has_audio
    assert info.duration_sec == pytest.approx(pair.duration_sec, abs=1 / 25)
    assert len(shown) == 150
    below = layout.title + layout.picture[1] + layout.gap + layout.text // 2
    strip = layout.title + layout.picture[1] + layout.label + layout.text // 2
    for number in (0, 20, 50, 80, 110, 149):
        for side, left in zip(pair.sides, (layout.gap, 2 * layout.gap + layout.width), strict=True):
            frame = shown[number]
            assert number_in(frame, left, layout.title, *layout.picture) == number
            label = side.timeline.at(number / 29.97 + 0.01).label
            assert near(colour_at(frame, left + layout.gap, below), pair.colours[label]), (number, label)
            for share in (0.05, 0.25, 0.62):
                if abs(number / 150 - share) > 0.03:  # the mark of the moment is elsewhere
                    there = side.timeline.at(share * pair.duration_sec).label
                    assert near(colour_at(frame, left + round(share * layout.width), strip), pair.colours[there])
            at = left + round(layout.width * number / 150)
            assert frame[strip, max(left, at - 3) : at + 4].min(axis=1).max() > 140
    assert pair.colours[None] == UNSURE


def test_a_second_classifier_comes_before_ground_truth(compared):
    assert pair_of(compared).sides[1].title == "Ground truth"
    add_second(compared)
    assert pair_of(compared).sides[1].title == "Another"
    assert pair_of(compared, Against.GROUND_TRUTH).sides[1].title == "Ground truth"


def test_corrections_are_followed(compared, correct):
    correct(compared, (0, "juggling"))
    pair = pair_of(compared)
    assert [segment.label for segment in pair.sides[0].timeline.segments] == ["juggling"]
    assert "juggling" in pair.colours


def test_two_results_of_one_video(made, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    first = open_annotation(made.folder)
    moved = tmp_path / "copy.mp4"
    moved.write_bytes(first.info.path.read_bytes())
    save_scores(other / SCORES, first.scored)
    write_notes(other, probe(moved), replace(first.card, title="Another"), first.options)
    options = SideOptions(max_sec=1.0, lines=360)
    pair = make_side_by_side([made.folder, other], out := tmp_path / "film.mp4", options)
    assert pair.sides[1].title == "Another"
    assert len(frames_of(out)) == 30


def test_the_sound_is_that_of_the_video(tmp_path):
    folder = result_of(with_tone(tmp_path / "video.mp4", 3, 1), tmp_path / "a")
    import_ground_truth(folder, b"start_sec,end_sec,label\n1,2,wave\n", 3.0)
    make_side_by_side([folder], out := tmp_path / "film.mp4", SMALL)
    assert heard_sec(out) == (pytest.approx(1, abs=0.06), pytest.approx(2, abs=0.06))


def test_errors_leave_nothing(made, compared, tmp_path, override):
    out = tmp_path / "film.mp4"
    other = make_result(settings().home, [0] * 6, frames=80)
    with pytest.raises(AnnotationMissing, match="nothing that it can be compared with"):
        make_side_by_side([other.folder], out)
    with pytest.raises(AnnotationMissing):
        pair_of(compared, Against.CLASSIFIER)
    with pytest.raises(OptionsError, match="different videos"):
        make_side_by_side([compared, other.folder], out)
    with pytest.raises(OptionsError, match="3 results"):
        make_side_by_side([compared] * 3, out)
    with pytest.raises(OptionsError):
        SideOptions(max_sec=0.0)
    override(max_film_sec=5.0)
    with pytest.raises(OptionsError, match="--max-sec 5"):
        make_side_by_side([compared], out)

    def stop(progress):
        if progress.stage is Stage.WRITE_FILM and progress.done > 10:
            raise StopRequested

    with pytest.raises(StopRequested):
        make_side_by_side([compared], out, SideOptions(max_sec=4.0), on_progress=stop)
    (compared / "video.mp4").unlink()
    with pytest.raises(VideoMissing):
        make_side_by_side([compared], out, SideOptions(max_sec=4.0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "picture"), [((1920, 1080), (640, 360)), ((1080, 1920), (360, 640)), ((160, 120), (480, 360))]
)
def test_pictures_are_as_large_as_fits(size, picture):
    layout = _layout(replace(INFO, width=size[0], height=size[1]), 480)
    assert layout.picture == picture
    assert layout.size[0] % 2 == layout.size[1] % 2 == 0


def test_the_command(compared, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(main, ["reel", str(compared), *arguments])

    out = str(tmp_path / "film.mp4")
    done = run("--side-by-side", "--truth", "--max-sec", "1", "--lines", "360", "--out", out)
    assert done.output == f"LRCN on figures and Ground truth, written to {out}\n"
    assert run("--truth").exit_code == run("--side-by-side", "--portrait").exit_code == 2
    done = run("--labels", "wave", "--max-sec", "5", "--lines", "360", "--out", out)
    assert "1 of 1 segments" in done.output
