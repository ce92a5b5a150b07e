"""A classifier's predictions for labelled clips: the same as recognition gives, but with cached frames and features."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from jaxtyping import Float32, UInt8

from har import feature_cache
from har.classifier import Classifier
from har.clips import ClipSpec, decode_cached, find_cached, stride_samples, windows
from har.datasets import LabelledVideo
from har.datasets.facts import video_info
from har.evaluation.report import ClipPrediction
from har.networks import NETWORKS
from har.recognition import encode_frames, window_probabilities


def decode_video(video: LabelledVideo, spec: ClipSpec) -> UInt8[np.ndarray, "_ height width 3"]:
    """The samples of a video, from the cache if they are there.

    Raises:
        VideoError: it cannot be read.
    """
    samples = find_cached(video.content, spec)
    return decode_cached(video.content, video_info(video), spec) if samples is None else samples


def encode_clip(classifier: Classifier, video: LabelledVideo) -> list[np.ndarray]:
    """The frames of a clip, or the features of its frames if the network has an encoder for these.

    Raises:
        VideoError: a clip that cannot be read.
    """
    spec = classifier.card.spec
    if not classifier.has_frame_encoder:
        return list(decode_video(video, spec))

    def batches() -> list[Iterable[np.ndarray]]:
        return [encode_frames(decode_video(video, spec), classifier)]

    return list(_features(classifier, video, batches, *feature_cache.IN_ORDER))


def clip_probabilities(classifier: Classifier, rows: list[np.ndarray]) -> Float32[np.ndarray, "windows labels"]:
    """Probabilities for the windows of a clip, at the card's stride, from the rows of `encode_clip`."""
    (probabilities,) = probabilities_of_clips(classifier, [rows])
    return probabilities


def probabilities_of_clips(
    classifier: Classifier, clips: Iterable[Iterable[np.ndarray]]
) -> Iterator[Float32[np.ndarray, "windows labels"]]:
    """The same for one clip after another; they share batches, which takes less time."""
    stride = stride_samples(classifier.card.spec, classifier.card.stride_sec)
    return window_probabilities(clips, classifier, stride)


def reordered_probabilities(
    classifier: Classifier,
    video: LabelledVideo,
    rows: list[np.ndarray],
    reorder: Callable[[np.ndarray], np.ndarray],
) -> Float32[np.ndarray, "windows labels"]:
    """Probabilities for the windows of a clip, each with its frames, or their features, in another order.

    An encoder of several consecutive frames, or with a memory, gives other features for another order, so these have to
    be computed: only for windows that do not overlap.

    Raises:
        VideoError: a clip that cannot be read.
    """
    spec = classifier.card.spec
    stride = stride_samples(spec, classifier.card.stride_sec)
    if classifier.stack_size == 1 and not classifier.has_memory:
        (probabilities,) = window_probabilities([rows], classifier, stride, reorder)
        return probabilities
    order, count = reorder(np.arange(spec.frames)), spec.frames + 1 - classifier.stack_size
    still = bool((order == order[0]).all()) and not classifier.has_memory  # all stacks are equal: one is enough
    order = order[: classifier.stack_size] if still else order
    step = max(stride, spec.frames)

    def batches() -> Iterator[Iterable[np.ndarray]]:
        for _, window in windows(decode_video(video, spec), spec, step):
            yield encode_frames(window[order], classifier)

    features = _features(classifier, video, batches, step, tuple(order.tolist()))
    by_window = features.reshape(-1, 1 if still else count, *features.shape[1:])
    return classifier.classify(np.repeat(by_window, count, axis=1) if still else by_window)


def predict_clip(
    video: LabelledVideo, label: str, labels: tuple[str, ...], windows: Float32[np.ndarray, "windows labels"]
) -> ClipPrediction:
    """The label with the highest mean probability over windows, as in `har.timeline`."""
    mean = windows.mean(axis=0, dtype=np.float64)
    index = int(np.argmax(mean))
    return ClipPrediction(str(video.path), label, labels[index], float(mean[index]), video.group)


def _features(
    classifier: Classifier, video: LabelledVideo, batches: Callable[[], Iterable[Iterable[np.ndarray]]], *key: object
) -> Float32[np.ndarray, "stacks *features"]:
    """The features that `batches` computes; cached, under `key` and the clip, if the encoder is pretrained."""
    card = classifier.card
    if not NETWORKS[card.network].frozen:
        return np.concatenate([np.stack(list(rows)) for rows in batches()])
    name = feature_cache.feature_key(card.network, card.options, video.content, card.spec, *key)
    features = feature_cache.cached_features(name, lambda: (np.stack(list(rows)) for rows in batches()))
    return features.astype(np.float32)
