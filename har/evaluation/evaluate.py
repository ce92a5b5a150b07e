"""How often a classifier is right, on videos it has not seen."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from har import feature_cache
from har.classifier import Card, Classifier
from har.clips import ClipSpec, cached, find_cached, stride_samples, windows
from har.datasets import Dataset, LabelledVideo, normal_label
from har.datasets.facts import info_of
from har.errors import DatasetError, DatasetTooSmall
from har.evaluation.report import ClipVerdict, Report
from har.networks import NETWORKS
from har.recognition import answers, encoded


@dataclass(frozen=True)
class ClipScored:
    """An event: another clip has its verdict."""

    done: int
    total: int


def evaluate(
    classifier: Classifier,
    dataset: Dataset,
    include_seen: bool = False,
    on_event: Callable[[ClipScored], None] = lambda event: None,
) -> Report:
    """Ask for a verdict on every clip, as recognition gives it: the mean over windows at the card's own stride.

    Args:
        classifier: what to measure.
        dataset: clips with their labels, in any spelling of the classifier's.
        include_seen: whether to score also the clips that the classifier was trained or validated on.
        on_event: told of each clip.

    Raises:
        DatasetError: labels that the classifier does not have.
        DatasetTooSmall: no clips are left.
        VideoError: a clip that cannot be read.
        StopRequested: raised by `on_event`; half a report would mislead, so there is none.
    """
    card = classifier.card
    truth = spelt_as(card, dataset)
    videos = dataset.videos if include_seen else unseen(card, dataset)
    if not videos:
        raise DatasetTooSmall(
            f"{card.title} was trained or validated on every clip of {dataset.title}.",
            "Clips it has not seen are needed for figures worth having.",
            "Choose other clips, or ask for all of them knowing that the figures flatter.",
        )
    clips = []
    for done, video in enumerate(videos, start=1):
        windows = window_probabilities(classifier, rows_of(classifier, video))
        clips.append(verdict_on(video, truth[video.label], card.labels, windows))
        on_event(ClipScored(done, len(videos)))
    return Report(card.labels, tuple(clips), len(dataset.videos) - len(videos))


def rows_of(classifier: Classifier, video: LabelledVideo) -> list[np.ndarray]:
    """What the windows of a clip consist of (`har.recognition.encoded`): as recognition has it, but out of the caches.

    Raises:
        VideoError: a clip that cannot be read.
    """
    spec = classifier.card.spec
    if not classifier.has_halves:
        return list(_samples(spec, video))
    return list(
        _looked_at(classifier, video, lambda: [encoded(_samples(spec, video), classifier)], *feature_cache.IN_TIME)
    )


def window_probabilities(classifier: Classifier, rows: list[np.ndarray]) -> Float32[np.ndarray, "windows labels"]:
    """What a classifier says of a clip's windows, which are those that recognition would take.

    Args:
        classifier: who is asked.
        rows: of `rows_of`.
    """
    stride = stride_samples(classifier.card.spec, classifier.card.stride_sec)
    return np.concatenate([probabilities for _, probabilities in answers(rows, classifier, stride)])


def reordered_probabilities(
    classifier: Classifier,
    video: LabelledVideo,
    rows: list[np.ndarray],
    ordered: Callable[[np.ndarray], np.ndarray],
) -> Float32[np.ndarray, "windows labels"]:
    """What a classifier says of a clip's windows, each with its frames in another order.

    Where a network looks at some frames together, another order makes other moments, and all must be looked at anew:
    of such a clip only windows that do not overlap are asked for.

    Args:
        classifier: who is asked.
        video: the clip.
        rows: of `rows_of`.
        ordered: from a window's frames, or their features, to the same in another order.

    Raises:
        VideoError: a clip that cannot be read.
    """
    spec = classifier.card.spec
    stride = stride_samples(spec, classifier.card.stride_sec)
    if classifier.moment_frames == 1:
        return np.concatenate([found for _, found in answers(rows, classifier, stride, ordered)])
    places, count = ordered(np.arange(spec.frames)), spec.frames + 1 - classifier.moment_frames
    still = bool((places == places[0]).all())  # its moments are all the same: one look will do
    places = places[: classifier.moment_frames] if still else places
    step = max(stride, spec.frames)

    def looks() -> Iterator[Iterable[np.ndarray]]:
        for _, window in windows(_samples(spec, video), spec, step):
            yield encoded(window[places], classifier)

    found = _looked_at(classifier, video, looks, step, tuple(places.tolist()))
    by_window = found.reshape(-1, 1 if still else count, *found.shape[1:])
    return classifier.classify(np.repeat(by_window, count, axis=1) if still else by_window)


def _looked_at(
    classifier: Classifier, video: LabelledVideo, looks: Callable[[], Iterable[Iterable[np.ndarray]]], *mark: object
) -> Float32[np.ndarray, "moments *features"]:
    """What a network's first half gives for a clip: out of the cache if that half is pretrained.

    Args:
        classifier: whose half.
        video: the clip.
        looks: gives moments' features, some at a time.
        mark: tells them from other features of the clip.
    """
    card = classifier.card
    if not NETWORKS[card.network].frozen:
        return np.concatenate([np.stack(list(rows)) for rows in looks()])
    key = feature_cache.key_for(card.network, card.options, video.content, card.spec, *mark)
    return feature_cache.kept(key, lambda: (np.stack(list(rows)) for rows in looks())).astype(np.float32)


def _samples(spec: ClipSpec, video: LabelledVideo) -> np.ndarray:
    found: np.ndarray | None = find_cached(video.content, spec)
    return cached(video.content, info_of(video), spec) if found is None else found


def verdict_on(
    video: LabelledVideo, truth: str, labels: tuple[str, ...], windows: Float32[np.ndarray, "windows labels"]
) -> ClipVerdict:
    """The label with the highest mean over windows, as `har.timeline.verdict` has it."""
    mean = windows.mean(axis=0, dtype=np.float64)
    index = int(np.argmax(mean))
    return ClipVerdict(str(video.path), truth, labels[index], float(mean[index]), video.group)


def unseen(card: Card, dataset: Dataset) -> tuple[LabelledVideo, ...]:
    """The clips that a classifier was neither trained nor validated on, by content.

    Generated clips are told apart by group, since another machine's encoder may give their files other bytes.
    """
    contents = {video.content for video in card.data.seen}
    groups = {video.group for video in card.data.seen} if dataset.name == card.data.name == "figures" else set()
    return tuple(video for video in dataset.videos if video.content not in contents and video.group not in groups)


def spelt_as(card: Card, dataset: Dataset) -> dict[str, str]:
    """The classifier's spelling of each of the data set's labels."""
    known = {normal_label(label): label for label in card.labels}
    unknown = [label for label in dataset.labels if normal_label(label) not in known]
    if unknown:
        raise DatasetError(
            f"{card.title} does not know {', '.join(unknown)}.",
            f"It knows: {', '.join(card.labels[:20])}{' …' if len(card.labels) > 20 else ''}.",
            "Leave these labels out, or rename their folders.",
        )
    return {label: known[normal_label(label)] for label in dataset.labels}
