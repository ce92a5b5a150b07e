"""A classifier in front of a camera: what it answers, and what bounds the frames and the visitors."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from har.classifier import Classifier, read_card
from har.classifier.model import ENCODER, HEAD, NETWORK, PUBLISHED_LABELS
from har.classifier.novelty import KnownClip, Novelty
from har.clips import ClipSpec
from har.errors import FrameRefused, LabelsError, LiveBusy, LiveEnded
from har.jobs import Visitor
from har.live import IDLE_SEC, MAX_SEC, LiveLabel, LiveRoom, LiveSession, is_quick
from har.settings import Settings
from har.timeline import TimelineOptions
from tests.classifier.conftest import CARD

SPEC = ClipSpec(frames=4, height=16, width=16, span_sec=0.8)  # 5 frames a second
STEP_SEC = 0.2
PLAIN = TimelineOptions(threshold=0.5, hysteresis=0.0, min_sec=0.0, smooth_sec=0.0)
DARK, MIDDLE, BRIGHT = 0, 128, 255
LABELS = ("dark", "bright", "middle")


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Brightness:
    """Features of frames or stacks: the brightness of the last frame, and the number of frames encoded so far."""

    def __init__(self, *stack: int) -> None:
        self.input_shape = (*stack, 16, 16, 3)
        self.encoded = 0

    def __call__(self, stacks: np.ndarray) -> np.ndarray:
        self.encoded += len(stacks)
        frames = stacks if len(self.input_shape) == 3 else stacks[:, -1]
        return frames.mean(axis=(1, 2, 3), dtype=np.float32)[:, None]


class Remembering(Brightness):
    """The same with a memory: what is returned is the mean of all frames so far."""

    def start(self) -> Callable[[np.ndarray], np.ndarray]:
        seen: list[float] = []

        def encode(frames: np.ndarray) -> np.ndarray:
            means = []
            for feature in Brightness.__call__(self, frames):
                seen.append(float(feature[0]))
                means.append([np.mean(seen)])
            return np.array(means, np.float32)

        return encode

    def __call__(self, stacks: np.ndarray) -> np.ndarray:
        return self.start()(stacks)


def probabilities(windows: np.ndarray) -> np.ndarray:
    """Of a window's mean brightness: dark, bright, or neither."""
    share = windows.reshape(len(windows), -1).mean(axis=1) / 255
    middle = 1 - np.abs(2 * share - 1)
    rows: np.ndarray = np.stack([(1 - middle) * (share < 0.5), (1 - middle) * (share >= 0.5), middle], axis=1)
    return rows.astype(np.float32)


class Head:
    input_shape = (4, 1)
    __call__ = staticmethod(probabilities)


class Whole:
    """A network without parts."""

    input_shape = SPEC.shape

    def __init__(self) -> None:
        self.clips = 0

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        self.clips += len(clips)
        return probabilities(clips)


def by_frame(encoder: Brightness | None = None) -> Classifier:
    return Classifier(replace(CARD, labels=LABELS, spec=SPEC), {ENCODER: encoder or Brightness(), HEAD: Head()})


def jpeg(brightness: int, width: int = 16, height: int = 16, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), brightness).convert(mode).save(file, kind)
    return file.getvalue()


def frames(*brightness: int, first: int = 0) -> list[tuple[float, bytes]]:
    return [(100 + (first + number) * STEP_SEC, jpeg(value)) for number, value in enumerate(brightness)]


def add_all(session: LiveSession, sent: Sequence[tuple[float, bytes]], bundle: int = 2) -> list[LiveLabel]:
    return [
        label for first in range(0, len(sent), bundle) for label in session.add(sent[first : first + bundle]).labels
    ]


def names(labels: Sequence[LiveLabel]) -> list[str | None]:
    return [label.label for label in labels]


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = 1000.0
    return clock


StartSession = Callable[..., LiveSession]


@pytest.fixture
def start(clock: Clock) -> StartSession:
    """Starts a session for which enough time has passed for all frames of a test."""

    def start(
        classifier: Classifier | None = None, options: TimelineOptions = PLAIN, labels: Sequence[str] | None = None
    ) -> LiveSession:
        session = LiveSession(classifier or by_frame(), options, labels, clock=clock)
        clock.now += 60
        return session

    return start


@pytest.fixture
def session(start: StartSession) -> LiveSession:
    return start()


def test_there_is_no_label_before_a_window_is_full(session: LiveSession) -> None:
    assert session.add(frames(DARK, DARK, DARK)).labels == ()
    assert session.add([]).filled == 0.75
    answer = session.add(frames(DARK, first=3))
    assert names(answer.labels) == ["dark"]
    assert answer.filled == 1


def test_a_label_follows_the_window_that_ends_with_the_newest_frame(session: LiveSession) -> None:
    labels = add_all(session, frames(*[DARK] * 6, *[BRIGHT] * 6))
    assert names(labels[:3]) == ["dark"] * 3
    assert labels[4].label == "middle"  # two of its four frames are bright; before and after, two labels are equal
    assert names(labels[6:]) == ["bright"] * 3
    assert labels[-1].time_sec == pytest.approx(100 + 11 * STEP_SEC)
    assert labels[-1].confidence == pytest.approx(1, abs=0.02)


def test_the_next_labels_are_given(session: LiveSession) -> None:
    (label,) = add_all(session, frames(DARK, DARK, DARK, BRIGHT))
    assert label.label in ("dark", "middle")
    assert {label.label, *(name for name, _ in label.others)} == {"dark", "middle"}  # 'bright' has no probability


def test_unsure_below_the_threshold(start: StartSession) -> None:
    session = start(options=replace(PLAIN, threshold=0.9))
    (label,) = session.add(frames(DARK, DARK, BRIGHT, DARK)).labels
    assert label.label is None
    assert label.confidence == pytest.approx(0.5, abs=0.02)
    assert len(label.others) == 2


def test_a_row_of_zeros_is_unsure(start: StartSession) -> None:
    class Nothing(Head):
        __call__ = staticmethod(lambda windows: np.zeros((len(windows), 3), np.float32))

    classifier = Classifier(replace(CARD, labels=LABELS, spec=SPEC), {ENCODER: Brightness(), HEAD: Nothing()})
    session = start(classifier, replace(PLAIN, threshold=0.0))
    (label,) = session.add(frames(DARK, DARK, DARK, DARK)).labels
    assert (label.label, label.confidence, label.others) == (None, 0, ())


def test_only_chosen_labels_are_considered(start: StartSession) -> None:
    session = start(labels=["middle", "bright"])
    labels = add_all(session, frames(*[DARK] * 4, *[BRIGHT] * 4))
    assert labels[0].label is None  # 'dark', which is none of them
    assert labels[1].label == "middle"  # half of it is dark, which does not count
    assert labels[1].confidence == pytest.approx(1, abs=0.02)
    assert labels[-1].label == "bright"
    with pytest.raises(LabelsError, match="green"):
        start(labels=["green"])


def test_smoothing_averages_the_past(start: StartSession) -> None:
    session = start(options=replace(PLAIN, smooth_sec=0.4))  # this window and the one before
    first, second = session.add(frames(DARK, DARK, DARK, DARK, BRIGHT)).labels
    assert first.confidence == pytest.approx(1, abs=0.02)
    assert second.confidence == pytest.approx((1 + 0.5) / 2, abs=0.02)


def test_hysteresis_keeps_a_label(start: StartSession) -> None:
    session = start(options=replace(PLAIN, threshold=0.9, hysteresis=0.45))
    labels = session.add(frames(DARK, DARK, DARK, DARK, BRIGHT, BRIGHT)).labels
    assert names(labels) == ["dark", "dark", "middle"]


@pytest.mark.parametrize("bundle", [1, 3, 5])
def test_bundles_do_not_change_the_answer(start: StartSession, bundle: int) -> None:
    values = np.random.default_rng(0).integers(0, 256, 20).tolist()
    first, second = (add_all(start(by_frame(Remembering())), frames(*values), size) for size in (2, bundle))
    assert names(first) == names(second)
    np.testing.assert_allclose([label.confidence for label in first], [label.confidence for label in second], rtol=1e-5)


def test_stacks_of_frames_are_encoded(start: StartSession) -> None:
    encoder = Brightness(2)
    labels = add_all(start(by_frame(encoder)), frames(*[DARK] * 4, *[BRIGHT] * 4), 1)
    assert len(labels) == 5  # as many as windows of four frames
    assert encoder.encoded == 7  # stacks of two among eight frames


def test_a_network_without_a_frame_encoder_runs_at_its_stride(start: StartSession) -> None:
    network = Whole()
    card = replace(CARD, labels=LABELS, spec=SPEC, stride_sec=0.6)
    labels = add_all(start(Classifier(card, {NETWORK: network})), frames(*[BRIGHT] * 13))
    assert names(labels) == ["bright"] * 4  # after 4, 7, 10 and 13 frames
    assert network.clips == 4


def test_a_missing_frame_is_replaced(session: LiveSession) -> None:
    sent = frames(DARK, DARK, DARK, BRIGHT, BRIGHT)
    del sent[3]
    assert names(add_all(session, sent)) == ["middle"]  # as if the bright frame had come twice


def test_it_begins_again_after_a_gap(session: LiveSession) -> None:
    add_all(session, frames(*[DARK] * 6))
    answer = session.add(frames(BRIGHT, first=9))
    assert (answer.labels, answer.filled) == ((), 0.25)
    assert names(session.add(frames(*[BRIGHT] * 3, first=10)).labels) == ["bright"]
    within = [*frames(*[DARK] * 4, first=30), *frames(*[BRIGHT] * 4, first=80)]
    assert names(session.add(within).labels) == ["dark", "bright"]


def test_frames_that_jitter_are_all_taken(session: LiveSession) -> None:
    rng = np.random.default_rng(1)
    first, *later = frames(*[DARK] * 40)
    sent = [first, *((time_sec + rng.uniform(-0.09, 0.09), data) for time_sec, data in later)]
    assert sum(session.add([frame]).dropped for frame in sent) == 0


# What strangers send


@pytest.mark.promise("hostile", "Floods of live frames cost no more than a camera's, and others' are not affected")
def test_a_flood_is_taken_at_the_rate_of_the_classifier(clock: Clock) -> None:
    encoder = Brightness()
    session = LiveSession(by_frame(encoder), PLAIN, clock=clock)
    number = 0
    for _ in range(10):  # a second of the server's clock each, in which frames for half a minute come
        for _ in range(15):
            session.add(frames(*[DARK] * session.max_bundle, first=number))
            number += session.max_bundle
        clock.now += 1
    assert encoder.encoded <= 9 * 5 + session.max_bundle


def test_thirty_frames_a_second_become_five(session: LiveSession) -> None:
    sent = [(100 + number / 30, jpeg(DARK)) for number in range(60)]
    dropped = sum(session.add(sent[first : first + 10]).dropped for first in range(0, 60, 10))
    assert dropped == 60 - 11  # those at 0, 0.2, … and 2 s, or next to these


def test_gaps_cost_no_more_than_time_allows(clock: Clock) -> None:
    encoder = Brightness()
    session = LiveSession(by_frame(encoder), PLAIN, clock=clock)
    for number in range(500):
        session.add(frames(DARK, first=2 * number))
    assert encoder.encoded <= session.max_bundle


@pytest.mark.parametrize("time_sec", [float("nan"), float("inf"), 1.7e308, -1.7e308, 99.0, 100.6])
def test_frames_without_a_sensible_time_are_dropped(session: LiveSession, time_sec: float) -> None:
    session.add(frames(DARK, DARK, DARK, DARK))
    answer = session.add([(time_sec, jpeg(BRIGHT))])
    assert (answer.labels, answer.dropped) == ((), 1)
    assert names(session.add(frames(DARK, first=4)).labels) == ["dark"]


REFUSED = {
    "size": (jpeg(DARK, 17), "17×16"),
    "large": (jpeg(DARK, 5000, 4000), "at most|At most|5000×4000"),
    "huge": (b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\1\x22\0\2\x11\1\3\x11\1", "cannot be read"),
    "empty": (b"", "cannot be read"),
    "header": (b"\xff\xd8\xff" + bytes(40), "cannot be read"),
    "cut": (jpeg(DARK)[:-200], "cannot be read"),
    "png": (jpeg(DARK, kind="PNG"), "cannot be read"),
    "webp size": (jpeg(DARK, 17, kind="WEBP"), "17×16"),
    "cut webp": (jpeg(DARK, kind="WEBP")[:-8], "cannot be read"),
    "large webp": (b"RIFF0000WEBPVP8X" + bytes(8) + b"\xff\x3f\x00" * 2, "16384×16384"),
    "webp header": (b"RIFF0000WEBPVP8 ", "0×0"),
    "lossless webp": (b"RIFF0000WEBPVP8L" + bytes(40), "cannot be read"),
    "bytes": (bytes(16 * 16 * 3 + 1), "769 bytes"),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_frames_that_are_not_as_agreed_are_refused_and_change_nothing(
    session: LiveSession, data: bytes, why: str
) -> None:
    session.add(frames(DARK, DARK, DARK))
    with pytest.raises(FrameRefused, match=why):
        session.add([*frames(BRIGHT, first=3), (100 + 4 * STEP_SEC, data)])
    assert names(session.add(frames(DARK, first=3)).labels) == ["dark"]


def test_a_bundle_has_a_greatest_size(session: LiveSession) -> None:
    with pytest.raises(FrameRefused, match="At most 10"):
        session.add(frames(*[DARK] * 11))


def test_grey_frames_and_webp_are_read(session: LiveSession) -> None:
    sent = [jpeg(BRIGHT, mode="L"), *[jpeg(BRIGHT, kind="WEBP")] * 3]
    labels = session.add([(time_sec, data) for (time_sec, _), data in zip(frames(*[BRIGHT] * 4), sent, strict=True)])
    assert names(labels.labels) == ["bright"]


# Places


def visitor(name: str, connected: Callable[[], bool] = lambda: True) -> Visitor:
    return Visitor(name, connected)


@pytest.fixture
def room(clock: Clock, override: Callable[..., Settings]) -> LiveRoom:
    override(max_live_visitors=2)
    return LiveRoom(clock)


@pytest.mark.promise("jobs", "No more visitors are live than the server answers without delay")
def test_no_more_visitors_than_the_setting_says(room: LiveRoom) -> None:
    place = room.enter(visitor("a"))
    room.enter(visitor("b"))
    with pytest.raises(LiveBusy, match=r"2 other visitors .* 5 minutes"):
        room.enter(visitor("c"))
    place.leave()
    room.enter(visitor("c"))
    assert room.visitor_count == 2


def test_a_visitor_has_one_place(room: LiveRoom) -> None:
    first = room.enter(visitor("a"))
    room.enter(visitor("b"))
    second = room.enter(visitor("a"))
    with pytest.raises(LiveEnded):
        first.use()
    second.use()
    first.leave()
    with pytest.raises(LiveBusy):
        room.enter(visitor("c"))


def test_a_visit_ends_after_five_minutes(room: LiveRoom, clock: Clock) -> None:
    places = [room.enter(visitor("a")), room.enter(visitor("b"))]
    for _ in range(30):
        clock.now += MAX_SEC / 30
        for place in places:
            place.use()
    with pytest.raises(LiveBusy, match="in 1 minute at"):
        room.enter(visitor("c"))
    clock.now += 0.1
    with pytest.raises(LiveEnded):
        places[0].use()
    room.enter(visitor("c"))


def test_a_visit_ends_without_frames_and_with_its_tab(room: LiveRoom, clock: Clock) -> None:
    is_open = [True]
    place = room.enter(visitor("a"))
    clock.now += IDLE_SEC + 0.1
    assert room.visitor_count == 0
    with pytest.raises(LiveEnded):
        place.use()
    room.enter(visitor("a", lambda: is_open[0]))
    room.enter(visitor("b"))
    is_open[0] = False
    room.enter(visitor("c"))


def test_slow_networks_are_not_tried_live() -> None:
    for name in ("movinet-kinetics600", "lrcn-lite0-ucf101-10", "convlstm-figures"):
        assert is_quick(read_card(name)), name
    assert not is_quick(replace(read_card("movinet-kinetics600"), network="i3d"))
    assert not is_quick(replace(CARD, network="gone"))


def test_what_is_unlike_the_training_clips_gets_no_label(start: StartSession) -> None:
    """Published labels of bright windows are those of no training clip."""

    class Published:
        input_shape = (4, 1)

        def __call__(self, windows: np.ndarray) -> np.ndarray:
            bright = windows.reshape(len(windows), -1).mean(axis=1) > 150
            return np.where(bright[:, None], [0.05, 0.95], [0.95, 0.05])

    novelty = Novelty(0.5, tuple(KnownClip(label, (0,), (1.0,)) for label in range(len(LABELS)) for _ in range(5)))
    card = replace(CARD, labels=LABELS, spec=SPEC, novelty=novelty)
    classifier = Classifier(card, {ENCODER: Brightness(), HEAD: Head(), PUBLISHED_LABELS: Published()})
    labels = [each.label for each in add_all(start(classifier), frames(*[DARK] * 12, *[BRIGHT] * 24))]
    assert labels[0] is not None
    assert labels[-1] is None
