"""How much longer than its cost predicts a training takes on this machine, as earlier ones show."""

from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import TypeAdapter, ValidationError

from har.settings import settings
from har.storage import atomic

_KEPT = 5  # of a network: the last ones, so that a machine that was busy once does not count for ever
_FILE = TypeAdapter(dict[str, list[float]])


def record_time(network: str, predicted_sec: float, actual_sec: float) -> None:
    """Note how long a training took that ran to its last epoch.

    Args:
        network: a key of `har.networks.NETWORKS`.
        predicted_sec: by its cost alone, `har.runs.Estimate.cost_sec`.
        actual_sec: from the first clip decoded to the end of the test.

    Raises:
        OSError: it cannot be written.
    """
    ratios = dict(_read())
    ratios[network] = [*ratios.get(network, []), actual_sec / predicted_sec][-_KEPT:]
    settings().home.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(settings().training_times, _FILE.dump_json(ratios))


def slowdown(network: str) -> float:
    """Factor for a predicted time: the median of the last trainings of this network, or else of all networks.

    At least 1: a training that found its clips or features in the caches says nothing about the next one.
    """
    ratios = _read()
    known: Sequence[float] = ratios.get(network) or [ratio for of_one in ratios.values() for ratio in of_one]
    return max(1.0, median(known)) if known else 1.0


def _read() -> Mapping[str, list[float]]:
    try:
        return _FILE.validate_json(settings().training_times.read_bytes())
    except (OSError, ValidationError):
        return {}
