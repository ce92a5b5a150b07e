from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from har import networks
from har.classifier import Card, Classifier, TrainingData
from har.clips import ClipSpec, back_and_forth, decode, read_for_spec, stride_samples, window_starts
from har.errors import OptionsError, StopRequested
from har.explain import read_window, scored_samples
from har.progress import Stage
from har.recognition import score
from har.timeline import TimelineOptions, label_frames
from har.video import probe, write_video
from tests.video.conftest import ffmpeg
from tests.video.test_shots import scene

pytestmark = pytest.mark.training


def moving_square(count, height=64, width=64):
    """A bright square that moves to the right on a noisy background."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 90, (count, height, width, 3), dtype=np.uint8)
    for number, frame in enumerate(frames):
        left = 2 * number % (width - 16)
        frame[16:40, left : left + 16] = (250, 30 + number % 200, 60)
    return frames


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("recognition") / "square.mp4"
    write_video(path, moving_square(140), Fraction(25))
    return probe(path)  # 5.6 s


SPEC = ClipSpec(20, 64, 64, 2.0)


def make_classifier(network="lrcn", spec=SPEC, labels=("a", "b", "c"), stride_sec=0.1, **options):
    model = networks.build(network, len(labels), spec, **options)
    rng = np.random.default_rng(1)
    for weight in model.trainable_weights:  # larger than the initial ones, so that windows differ
        weight.assign(rng.normal(0, 0.3, weight.shape))
    card = Card("test", "Test", "", network, labels, spec, stride_sec, "MIT", TrainingData("none"))
    return Classifier.from_model(card, model)


@pytest.fixture(scope="module")
def lrcn():
    return make_classifier()


def naive(info, classifier, stride_sec):
    """The whole network on each window by itself."""
    spec = classifier.card.spec
    samples = decode(info, spec)
    starts = window_starts(len(samples), spec, stride_samples(spec, stride_sec))
    rows = [classifier(samples[start : start + spec.frames][None])[0] for start in starts]
    return starts / float(spec.rate), np.array(rows)


@pytest.mark.parametrize(
    ("network", "spec", "options", "strides_sec"),
    [
        ("lrcn", SPEC, {}, (0.1, 0.7, 3.0)),  # each frame is encoded once
        ("lrcn", SPEC, {"wide": True, "motion": True}, (0.1, 0.7)),  # each stack of frames is encoded once
        ("convlstm", ClipSpec(6, 32, 32, 0.6), {}, (0.3,)),  # the whole network runs in batches
    ],
)
def test_scores_equal_those_of_the_whole_network_on_each_window(video, network, spec, options, strides_sec):
    classifier = make_classifier(network, spec, **options)
    for stride_sec in strides_sec:
        scored = score(video, classifier, stride_sec)
        start_sec, rows = naive(video, classifier, stride_sec)
        np.testing.assert_allclose(scored.scores.start_sec, start_sec)
        np.testing.assert_allclose(scored.scores.probabilities, rows, atol=1e-5)
        assert np.ptp(rows, axis=0).max() > 1e-3  # windows differ, so the comparison is meaningful


def test_windows_span_as_much_as_training_clips_and_end_with_the_video(video, lrcn):
    events = []
    scored = score(video, lrcn, 0.5, events.append)
    assert {event.stage for event in events} == {Stage.SCORE}
    done = [event.done for event in events]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(video.duration_sec, abs=0.1)
    spans = scored.scores.end_sec - scored.scores.start_sec
    np.testing.assert_allclose(spans[:-1], 2.0)
    assert scored.duration_sec == pytest.approx(5.6, abs=1e-6)
    assert scored.scores.end_sec[-1] == scored.duration_sec
    assert len(scored.times_sec) == 140
    np.testing.assert_allclose(scored.times_sec, np.arange(140) / 25)


def test_a_video_shorter_than_the_span_is_one_window(tmp_path, lrcn):
    write_video(tmp_path / "short.mp4", moving_square(13), Fraction(25))
    info = probe(tmp_path / "short.mp4")
    samples = decode(info, lrcn.card.spec)
    scored = score(info, lrcn)
    assert len(samples) == 20
    assert samples[0].tolist() != samples[-1].tolist()
    assert scored.scores.start_sec.tolist() == [0]
    assert scored.scores.end_sec.tolist() == pytest.approx([0.52])
    np.testing.assert_allclose(scored.scores.probabilities[0], lrcn(samples[None])[0], atol=1e-5)


def test_a_last_frame_that_is_held_is_scored_until_it_ends(video, tmp_path, lrcn):
    copied = ("-c", "copy", "-bsf:v", "setts=pts=PTS:dts=DTS:duration='if(gte(PTS*TB,1.959),4/TB,DURATION)'")
    write_video(tmp_path / "plain.mp4", moving_square(50), Fraction(25))
    ffmpeg("-i", tmp_path / "plain.mp4", "-c:v", "libx264", "-bf", "0", tmp_path / "ordered.mp4")
    ffmpeg("-i", tmp_path / "ordered.mp4", *copied, tmp_path / "held.mp4")
    scored = score(probe(tmp_path / "held.mp4"), lrcn)
    assert len(scored.times_sec) == 50
    assert scored.duration_sec == pytest.approx(5.96)
    assert scored.scores.end_sec[-1] == pytest.approx(5.96)
    assert scored.scores.start_sec[-1] == pytest.approx(4.0)


def test_a_video_of_a_single_frame_is_scored(tmp_path, lrcn):
    write_video(tmp_path / "still.mp4", moving_square(1), Fraction(25))
    scored = score(probe(tmp_path / "still.mp4"), lrcn)
    assert len(scored.times_sec) == 1
    assert scored.scores.probabilities.shape == (1, 3)


def test_stopping_keeps_the_scores_so_far(video, monkeypatch):
    classifier = make_classifier("convlstm", ClipSpec(6, 32, 32, 0.6))

    def stop_soon(progress):
        if progress.done > 1.5:
            raise StopRequested

    whole = score(video, classifier, 0.1)
    monkeypatch.setattr("har.recognition._BATCH_VALUES", 6 * 32 * 32 * 3 * 4)
    part = score(video, classifier, 0.1, stop_soon)
    assert part.stopped
    assert not whole.stopped
    assert 1.5 < part.duration_sec < 3
    assert part.times_sec[-1] < part.duration_sec
    count = len(part.scores.start_sec)
    np.testing.assert_allclose(part.scores.probabilities, whole.scores.probabilities[:count], atol=1e-5)


def test_stopping_before_the_first_window_and_a_stride_that_is_not_positive_are_errors(video, lrcn):
    def stop(progress):
        raise StopRequested

    with pytest.raises(StopRequested):
        score(video, lrcn, on_progress=stop)
    with pytest.raises(OptionsError, match="stride"):
        score(video, lrcn, 0.0)


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    path = tmp_path_factory.mktemp("edited") / "edited.mp4"
    shots = (70, 12, 6, 90)  # frames: 2.8, 0.48, 0.24 and 3.6 s
    frames = (scene(shot, step) for shot, count in enumerate(shots) for step in range(count))
    write_video(path, frames, Fraction(25))
    return probe(path)


CUTS = [2.8, 3.28, 3.52]


@pytest.mark.parametrize(
    ("network", "spec", "options"),
    [
        ("lrcn", SPEC, {}),
        ("lrcn", SPEC, {"wide": True, "motion": True}),
        ("convlstm", ClipSpec(6, 32, 32, 3.0), {}),  # a sample each half second: the third shot has none
    ],
)
def test_an_edited_video_is_scored_shot_by_shot(edited, network, spec, options):
    classifier = make_classifier(network, spec, **options)
    scored = score(edited, classifier, 0.5)
    scores = scored.scores
    assert scores.cuts_sec.tolist() == scored.times_sec[[70, 82, 88]].tolist() == pytest.approx(CUTS)
    with read_for_spec(edited, spec, fps=spec.rate, find_cuts=True) as reader:
        samples = list(reader)
        bounds = [0, *(cut.sample for cut in reader.cuts), len(samples)]
    shots = scores.shot_of(scores.start_sec)
    for number, (first, end) in enumerate(pairwise(bounds)):
        own = np.flatnonzero(shots == number)
        if end - first < spec.frames / 5:
            assert not len(own)
            continue
        shot = samples[first:end]
        parts = np.stack(shot if len(shot) >= spec.frames else back_and_forth(shot, spec.frames))
        starts = window_starts(len(parts), spec, stride_samples(spec, 0.5))
        rows = np.stack([classifier(parts[start : start + spec.frames][None])[0] for start in starts])
        np.testing.assert_allclose(scores.probabilities[own], rows, atol=1e-5)
        ends_sec = [*scores.cuts_sec, scored.duration_sec]
        assert scores.start_sec[own[0]] == (0.0, *scores.cuts_sec)[number]
        assert scores.end_sec[own[-1]] == ends_sec[number]
    labels = label_frames(scores, scored.times_sec, TimelineOptions(threshold=0.0))
    assert (labels.label_index[82:88] < 0).all()  # no window, no label
    assert (labels.label_index[:70] >= 0).all()


def test_an_edited_video_of_very_short_shots_is_unsure(tmp_path, lrcn):
    frames = (scene(shot, step) for shot in (0, 1, 3, 0) for step in range(6))
    write_video(tmp_path / "flicker.mp4", frames, Fraction(25))
    scored = score(probe(tmp_path / "flicker.mp4"), lrcn)
    assert len(scored.scores.cuts_sec) == 3
    labels = label_frames(scored.scores, scored.times_sec, TimelineOptions(threshold=0.0))
    assert (labels.label_index < 0).all()


def test_every_window_of_an_edited_video_can_be_explained(edited, lrcn):
    scores = score(edited, lrcn, 0.5).scores
    for window, probabilities in enumerate(scores.probabilities):
        start, count = scored_samples(edited, SPEC, scores, window)
        clip = read_window(edited, SPEC, start, count)
        np.testing.assert_allclose(lrcn(clip.frames[None])[0], probabilities, atol=1e-5)
        assert scores.shot_of(clip.times_sec[-1] - 1 / 25) == scores.shot_of(scores.start_sec[window])


def test_scores_so_far_of_an_edited_video_are_the_beginning_of_the_final_ones(edited, lrcn, monkeypatch):
    monkeypatch.setattr("har.recognition._HEAD_BATCH", 2)
    parts = []
    whole = score(edited, lrcn, 0.2, on_scores=lambda read: parts.append(read())).scores
    assert len(parts) > 4
    for part in parts:
        count = len(part.start_sec)
        np.testing.assert_array_equal(part.probabilities, whole.probabilities[:count])
        np.testing.assert_array_equal(part.start_sec, whole.start_sec[:count])
        known = part.cuts_sec[part.cuts_sec <= part.start_sec[-1]]
        np.testing.assert_allclose(known, whole.cuts_sec[: len(known)])


def test_an_edited_video_can_be_stopped_in_any_shot(edited, lrcn, monkeypatch):
    monkeypatch.setattr("har.recognition._HEAD_BATCH", 1)
    whole = score(edited, lrcn, 0.5)
    for last in range(1, len(whole.scores.start_sec)):
        left = iter(range(last))

        def stop(progress, left=left):
            if next(left, None) is None:
                raise StopRequested

        part = score(edited, lrcn, 0.5, stop)
        assert len(part.scores.start_sec) == last
        np.testing.assert_allclose(part.scores.end_sec[-1], whole.scores.end_sec[last - 1], atol=0.05)
        assert part.scores.end_sec[-1] == pytest.approx(part.duration_sec, abs=0.05)


def test_finding_cuts_changes_nothing_in_a_video_without_any(video, lrcn):
    with_cuts, without = score(video, lrcn), score(video, lrcn, find_cuts=False)  # reproducible to the bit
    assert not len(with_cuts.scores.cuts_sec)
    for name in ("start_sec", "end_sec", "probabilities"):
        np.testing.assert_array_equal(getattr(with_cuts.scores, name), getattr(without.scores, name))
    np.testing.assert_array_equal(with_cuts.times_sec, without.times_sec)
