"""Edit lists and frames before second 0: rows, samples, clips and copies agree, from second 0 on."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from har.render import burn_in
from har.video import VideoInfo, cut_clip, make_preview, make_proxy, probe
from tests.render.conftest import bar_labels, frames_of, labels_at
from tests.video.conftest import FPS, Override, ffmpeg, read_numbers, read_times
from tests.video.edit_lists import EMPTY, Edit, with_edits

TONE = ("-f", "lavfi", "-i", "sine=duration=2:sample_rate=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast")


@dataclass(frozen=True)
class Case:
    """Edits of a video of two seconds, 25 frames a second, and what they show."""

    edits: tuple[Edit, ...]
    numbers: tuple[int, ...]
    begins_sec: float = 0.0  # the first frame, next to sound from second 0 on


CASES = {
    "skips the start": Case(((1.2, 0.8),), tuple(range(20, 50))),
    "starts within a frame": Case(((1.19, 0.81),), tuple(range(21, 50))),
    "ends before the end": Case(((0.8, 0.0),), tuple(range(20))),
    "is one section": Case(((0.8, 0.6),), tuple(range(15, 35))),
    "shows nothing first": Case(((0.5, EMPTY), (2.0, 0.0)), tuple(range(50)), 0.5),
    "shows nothing first, and skips the start": Case(((0.5, EMPTY), (1.2, 0.8)), tuple(range(20, 50)), 0.5),
    "leaves out the middle": Case(((0.8, 0.0), (0.8, 1.2)), (*range(20), *range(30, 50))),
    "shows the end first": Case(((0.8, 1.2), (0.8, 0.0)), (*range(30, 50), *range(20))),
    "shows a part twice": Case(((0.8, 0.4), (0.8, 0.4)), (*range(10, 30), *range(10, 30))),
}
TRACKS = {  # options, and when the first frame is shown by the clock of the track
    "in order": ((*H264, "-bf", "0", "-g", "10"), 0.0),
    "B-frames, sound": ((*TONE, *H264, "-bf", "3", "-x264-params", "b-adapt=0", "-g", "12"), 0.08),
}


@pytest.fixture(scope="module")
def track_of(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    def encode(kind: str) -> Path:
        path = tmp_path_factory.mktemp("tracks") / "track.mp4"
        ffmpeg("-i", source, *TRACKS[kind][0], path)
        return path

    return cache(encode)


@pytest.mark.promise("numbers", "Rows, labels and copies have the frames that an edit list shows, from second 0 on")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("B-frames, sound", name) for name in CASES),
        ("in order", "starts within a frame"),
        ("in order", "shows nothing first, and skips the start"),
        ("in order", "shows the end first"),
    ],
)
def test_what_an_edit_list_shows_is_read_and_copied(
    kind: str, name: str, track_of: Callable[[str], Path], override: Override, tmp_path: Path
) -> None:
    case, path, begins_sec = CASES[name], track_of(kind), TRACKS[kind][1]
    edits = [(length, start if start == EMPTY else start + begins_sec) for length, start in case.edits]
    info = probe(with_edits(path, tmp_path / "edited.mp4", *edits))
    times_sec = read_times(info)
    expected_sec = case.begins_sec * info.has_audio + np.arange(len(case.numbers)) / FPS
    is_moved = begins_sec and sum(start != EMPTY for _, start in edits) > 1  # by ffmpeg: a frame at the second edit
    np.testing.assert_allclose(times_sec, expected_sec, atol=0.045 if is_moved else 2e-3)
    assert tuple(read_numbers(info)) == case.numbers
    assert (info.frame_count, info.warning) == (len(case.numbers), None)
    assert is_moved or (info.fps == FPS and not info.variable_rate)
    assert info.duration_sec == pytest.approx(times_sec[-1] + 1 / FPS, abs=0.045)
    check_copies(info, case.numbers, times_sec, tmp_path, override)


def check_copies(
    info: VideoInfo, numbers: tuple[int, ...], times_sec: np.ndarray, folder: Path, override: Override
) -> None:
    """Samples, the labelled video, the player's copies and clips have these frames, at these times."""
    for fps in (Fraction(25), Fraction(10)):
        seen = read_numbers(info, fps=fps)
        away_sec = np.abs(np.arange(len(seen))[:, None] / float(fps) - times_sec)  # of samples from frames
        nearest = [set(np.array(numbers)[row < row.min() + 0.005]) for row in away_sec]
        assert all(shown in candidates for shown, candidates in zip(seen, nearest, strict=True))
        assert len(seen) == pytest.approx((times_sec[-1] + 1 / FPS) * float(fps), abs=1)
    make_preview(info, folder / "preview.mp4", mark="x")
    copies = [folder / "preview.mp4", make_proxy(info, folder, mark="x"), folder / "annotated.mp4"]
    override(encoder_crf=4)  # the bar of three pixels keeps its colour
    ascending_sec = times_sec + np.arange(len(times_sec)) * 1e-6  # frames at two edits may have one time
    labels = labels_at(ascending_sec, np.round(times_sec * FPS).astype(int) % 3)
    burn_in(info, labels, copies[-1])
    assert bar_labels(frames_of(copies[-1]), labels) == labels.label_index.tolist()
    for copy in map(probe, copies):
        copied_sec = read_times(copy)
        if not info.has_audio:  # players start with the first frame
            copied_sec += times_sec[0] - copied_sec[0]
        np.testing.assert_allclose(copied_sec, times_sec, atol=2e-3, err_msg=copy.path.name)
        assert copy.path == copies[-1] or tuple(read_numbers(copy)) == numbers, copy.path.name
    first = len(times_sec) // 2 + 2
    for known in (None, times_sec):
        cut_clip(info, float(times_sec[first]), float(times_sec[first + 5]), folder / "clip.mp4", known)
        assert tuple(read_numbers(folder / "clip.mp4")) == numbers[first : first + 5]


def test_frames_that_are_not_sampled_are_left_out_by_the_times_after_the_edits(source: Path, tmp_path: Path) -> None:
    """See `har.video.nonreference`, which is for large videos."""
    large = ("-vf", "scale=1920:1080:flags=neighbor", *H264, "-bf", "3", "-x264-params", "b-adapt=0")
    ffmpeg("-stream_loop", "2", "-i", source, *large, tmp_path / "large.mp4")
    info = probe(with_edits(tmp_path / "large.mp4", tmp_path / "edited.mp4", (5.2, 0.88)))
    seen = read_numbers(info, size=(60, 80), fps=Fraction(5))
    assert seen == [*range(20, 50, 5), *range(0, 50, 5), *range(0, 50, 5)]


EARLY = ("-output_ts_offset", "-0.5", "-avoid_negative_ts", "disabled")
EARLIEST = {  # options of ffmpeg; the cut ones are copied from 0.7 s on, without encoding
    "cut.mp4": (),
    "cut.mkv": (),
    "cut.ts": (),
    "early.mov": EARLY,
    "early.ts": EARLY,
    "negative.mp4": ("-movflags", "negative_cts_offsets", "-use_editlist", "0"),
    "fragmented.mp4": ("-movflags", "frag_keyframe+empty_moov"),
    "delayed.avi": (),
}


@pytest.mark.parametrize("name", EARLIEST)
def test_frames_around_second_0_are_read_and_copied(
    name: str, source: Path, override: Override, tmp_path: Path
) -> None:
    """Cameras, and cutters that do not encode again, leave timestamps below 0, or pictures and sound begin apart."""
    whole, path = tmp_path / f"whole{Path(name).suffix}", tmp_path / name
    ffmpeg("-i", source, *TONE, *H264, "-bf", "2", "-g", "10", *EARLIEST[name], whole)
    if name.startswith("cut"):
        ffmpeg("-ss", "0.7", "-i", whole, "-c", "copy", path)
    else:
        whole.rename(path)
    info = probe(path)
    times_sec, numbers = read_times(info), tuple(read_numbers(info))
    assert numbers == tuple(range(numbers[0], 50))
    assert name != "cut.mp4" or numbers[0] in (17, 18)  # frames from the key frame on stay in the file, hidden
    assert (info.frame_count, info.fps, info.variable_rate, info.warning) == (len(numbers), FPS, False, None)
    np.testing.assert_allclose(np.diff(times_sec), 1 / FPS, atol=2e-3)
    assert info.duration_sec == pytest.approx(times_sec[-1] + 1 / FPS, abs=0.09)  # AVI has times of decoding only
    check_copies(info, numbers, times_sec, tmp_path, override)
