"""What a training will take, before it begins."""

import math
import re
from dataclasses import dataclass

from har.datasets import Dataset
from har.errors import TrainingTooBig
from har.networks import NETWORKS
from har.recipe import Recipe
from har.settings import MIB, settings

# Measured on two cores with clips of 20 frames of 64×64 (I3D: its windows), in seconds.
_STEP_SEC = {"lrcn": 0.0105, "convlstm": 0.04, "lrcn-lite0": 0.001, "i3d-head": 0.0001}  # to learn from a clip once
_ENCODE_SEC = {"lrcn-lite0": 0.005, "i3d-head": 0.27}  # for the encoder, a picture or a window of its usual size
_FRAME_SEC = 0.0008  # to learn from a single frame, or a moment
_NARROW, _MOVING = 0.45, 1.8  # of LRCN's, where its CNN is not wide, or there are two
_DECODE_SEC = 0.04  # to decode a short clip
_TEST_SEC = 0.05  # to examine a clip
_CLIP_SEC = 6.0  # long, where nobody has looked
_CHECK = 0.4  # of a step: what a validation clip costs
_BASE_BYTES = 650 * MIB  # of a process in which TensorFlow trains anything
_BESIDES_BYTES = {"lrcn-lite0": 200 * MIB}  # what its pretrained part takes beyond that
_CLIP_BYTES = {"lrcn": 28, "convlstm": 45, "lrcn-lite0": 1, "i3d-head": 1}  # MiB that a clip in the batch takes
_SOLVED_BYTES = 300 * MIB  # for layers that are solved, at the end


@dataclass(frozen=True)
class Estimate:
    """Within a factor of two or so; a training that gets no better ends sooner."""

    seconds: float
    memory_bytes: int
    clips: int


def estimate(dataset: Dataset, recipe: Recipe) -> Estimate:
    """How long a training will take at most, and how much memory, as far as that can be told.

    Args:
        dataset: the clips with the labels that are to be learnt.
        recipe: every choice.

    Raises:
        TrainingTooBig: more than `max_training_sec`, or more memory than a worker may have.
    """
    found = Estimate(_seconds(dataset, recipe), _memory(recipe), len(dataset.videos))
    limit = settings()
    if found.seconds > limit.max_training_sec:
        raise TrainingTooBig(
            f"This training would take about {_told(found.seconds)}.",
            f"At most {_told(limit.max_training_sec)} are allowed here.",
            "Choose fewer classes or epochs, or a faster network.",
        )
    allowed = _bytes(limit.worker_memory)
    if allowed is not None and found.memory_bytes > allowed:
        raise TrainingTooBig(
            f"This training would take about {found.memory_bytes / 1e9:.1f} GB of memory.",
            f"A worker may have {allowed / 1e9:.1f} GB here.",
            "Choose a smaller batch, or a smaller network.",
        )
    return found


def _seconds(dataset: Dataset, recipe: Recipe) -> float:
    clips, spec, usual = len(dataset.videos), recipe.spec, NETWORKS[recipe.network].spec
    size = math.prod(spec.shape) / math.prod(usual.shape)
    training = clips * (1 - recipe.test_share - recipe.validation_share)
    validating, testing = clips * recipe.validation_share, clips * recipe.test_share
    relative = _relative(recipe)
    step = _STEP_SEC[recipe.network] * (1 if NETWORKS[recipe.network].frozen else size * relative)
    small = 1 + 1 / recipe.batch_size  # a step costs something however few clips are in it
    seconds = recipe.epochs * step * (training * small + _CHECK * validating)
    looked_at = _ENCODE_SEC.get(recipe.network, 0.0) * size * sum(_items(video, recipe) for video in dataset.videos)
    looked_at *= 2 if recipe.options.get("motion") else 1  # pictures of each frame
    seconds += looked_at * ((2 if recipe.flip else 1) * (1 - recipe.test_share) + 4 * recipe.test_share)
    if recipe.network == "lrcn" or (recipe.network == "convlstm" and recipe.options.get("wide")):
        seconds += (
            recipe.frame_steps_for(round(training)) * 64 * _FRAME_SEC * relative * size * usual.frames / spec.frames
        )
    return seconds + clips * _DECODE_SEC + (testing + validating) * _TEST_SEC


def _relative(recipe: Recipe) -> float:
    """Work in a step, measured by LRCN's wide CNN; ConvLSTM's kinds take about as long as each other."""
    if recipe.network != "lrcn":
        return 1.0
    return (1.0 if recipe.options.get("wide") else _NARROW) * (_MOVING if recipe.options.get("motion") else 1.0)


def _items(video: object, recipe: Recipe) -> float:
    """Frames or windows that an encoder looks at."""
    info = getattr(video, "info", None)
    duration_sec = info.duration_sec if info is not None else _CLIP_SEC
    if recipe.network == "i3d-head":
        return 1 + max(0.0, duration_sec - recipe.spec.span_sec) / recipe.stride_sec
    return max(float(recipe.spec.frames), duration_sec * float(recipe.spec.rate))


def _memory(recipe: Recipe) -> int:
    size = math.prod(recipe.spec.shape) / math.prod(NETWORKS[recipe.network].spec.shape)
    solved = _SOLVED_BYTES if recipe.options.get("solved") else 0
    base = _BASE_BYTES + _BESIDES_BYTES.get(recipe.network, 0)
    return int(base + solved + _CLIP_BYTES[recipe.network] * MIB * size * recipe.batch_size)


def _bytes(text: str) -> int | None:
    """What Dask understands by '2GiB'; None for what only Dask does."""
    found = re.fullmatch(r"([\d.]+)\s*([KMGT]?)(i?)B?", text.strip(), re.IGNORECASE)
    if found is None:
        return None
    power = " kmgt".index(found[2].lower() or " ")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)


def _told(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} minutes"
    return f"{seconds / 3600:.1f} hours"
