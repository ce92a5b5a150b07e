"""Time and memory of a training, estimated before it starts, also from how long earlier ones took on this machine."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import TypeAdapter, ValidationError

from har.datasets import Dataset
from har.errors import TrainingTooLarge
from har.networks import NETWORKS, Cost
from har.recipe import Recipe
from har.settings import MIB, settings
from har.storage import atomic

_DECODE_SEC = 0.04  # to decode a short clip
_DRAW_SEC = 0.35  # to draw a clip of the generated set
_TEST_SEC = 0.05  # to evaluate a clip
_CLIP_SEC = 6.0  # length of a clip that has not been probed
_VALIDATION = 0.4  # cost of a validation clip, in steps
_START_SEC = 10.0  # to start TensorFlow, and to build and convert a network
_BASE_BYTES = 650 * MIB  # of a process in which TensorFlow trains anything
_KEPT = 5  # of a network: the last ones, so that a machine that was busy once does not count for ever
_TIMES = TypeAdapter(dict[str, list[float]])


@dataclass(frozen=True)
class Estimate:
    """Correct within a factor of about two; early stopping makes a training shorter."""

    seconds: float  # on this machine, as earlier trainings on it show, and to draw clips that are missing
    cost_sec: float  # of the training, by the network's cost alone, on two cores
    memory_bytes: int
    clips: int


def estimate(dataset: Dataset, recipe: Recipe) -> Estimate:
    """The longest time a training may take, and its memory.

    Raises:
        TrainingTooLarge: more than `max_training_sec`, or more memory than a worker may have.
    """
    cost_sec, longest_sec = _seconds(dataset, recipe), settings().max_training_sec
    seconds = cost_sec * slowdown(recipe.network) + _drawing_sec(dataset)
    result = Estimate(seconds, cost_sec, _memory(recipe), len(dataset.videos))
    if result.seconds > longest_sec:
        raise TrainingTooLarge(
            f"This training would take about {_format_duration(result.seconds)}.",
            f"At most {_format_duration(longest_sec)} are allowed here.",
            "Choose fewer classes or epochs, or a faster network.",
        )
    allowed = settings().worker_memory
    if result.memory_bytes > allowed:
        raise TrainingTooLarge(
            f"This training would take about {result.memory_bytes / 1e9:.1f} GB of memory.",
            f"A worker may have {allowed / 1e9:.1f} GB here.",
            "Choose a smaller batch, or a smaller network.",
        )
    return result


def record_time(network: str, predicted_sec: float, actual_sec: float) -> None:
    """Note how long a training took that ran to its last epoch, next to `har.runs.Estimate.cost_sec`.

    Raises:
        OSError: it cannot be written.
    """
    ratios = dict(_read_times())
    ratios[network] = [*ratios.get(network, []), actual_sec / predicted_sec][-_KEPT:]
    settings().home.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(settings().training_times, _TIMES.dump_json(ratios))


def _cost(recipe: Recipe) -> Cost:
    cost = NETWORKS[recipe.network].cost
    if cost is None:
        raise TypeError(f"{recipe.network} cannot be trained")
    return cost(recipe.options)


def _relative_size(recipe: Recipe) -> float:
    return math.prod(recipe.spec.shape) / math.prod(NETWORKS[recipe.network].spec.shape)


def _seconds(dataset: Dataset, recipe: Recipe) -> float:
    clips, entry, cost, size = len(dataset.videos), NETWORKS[recipe.network], _cost(recipe), _relative_size(recipe)
    training = clips * (1 - recipe.test_share - recipe.validation_share)
    validating, testing = clips * recipe.validation_share, clips * recipe.test_share
    step = cost.step_sec * (1 if entry.frozen else size)
    per_step = 1 + 1 / recipe.batch_size  # the fixed cost of a step, however few clips are in it
    seconds = recipe.epochs * step * (training * per_step + _VALIDATION * validating)
    encoding = cost.encode_sec * size * sum(_encoder_inputs(video, recipe, cost) for video in dataset.videos)
    seconds += encoding * ((2 if recipe.flip else 1) * (1 - recipe.test_share) + 4 * recipe.test_share)
    frames = 64 * recipe.frame_steps_for(round(training))
    seconds += frames * cost.frame_sec * size * entry.spec.frames / recipe.spec.frames
    return _START_SEC + seconds + clips * _DECODE_SEC + (testing + validating) * _TEST_SEC


def _drawing_sec(dataset: Dataset) -> float:
    missing = sum(not video.path.exists() for video in dataset.videos) if dataset.name == "figures" else 0
    return _DRAW_SEC * missing


def _encoder_inputs(video: object, recipe: Recipe, cost: Cost) -> float:
    info = getattr(video, "info", None)
    duration_sec = info.duration_sec if info is not None else _CLIP_SEC
    if cost.encodes_windows:
        return 1 + max(0.0, duration_sec - recipe.spec.span_sec) / recipe.stride_sec
    return max(float(recipe.spec.frames), duration_sec * float(recipe.spec.rate))


def _memory(recipe: Recipe) -> int:
    cost = _cost(recipe)
    return int(_BASE_BYTES + cost.extra_bytes + cost.clip_bytes * _relative_size(recipe) * recipe.batch_size)


def _format_duration(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} minutes"
    return f"{seconds / 3600:.1f} hours"


def slowdown(network: str) -> float:
    """Factor for a predicted time: the median of the last trainings of this network, or else of all networks.

    At least 1: a training that found its clips or features in the caches says nothing about the next one.
    """
    ratios = _read_times()
    known: Sequence[float] = ratios.get(network) or [ratio for of_one in ratios.values() for ratio in of_one]
    return max(1.0, median(known)) if known else 1.0


def _read_times() -> Mapping[str, list[float]]:
    try:
        return _TIMES.validate_json(settings().training_times.read_bytes())
    except (OSError, ValidationError):
        return {}
