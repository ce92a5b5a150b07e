"""Numbers as pages show them."""

import math

from har.evaluation import Proportion
from har.settings import GIB, MIB


def format_number(value: float, digits: int = 3) -> str:
    """As people write it: '1,230', '16.4', '0.0123'; never '1.23e+03'.

    Args:
        value: any number.
        digits: how many count; zeros at the end are left out.
    """
    if not value:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_percent(proportion: Proportion) -> str:
    """With its 95% interval: '83% (70% to 91%)'."""
    low, high = proportion.interval
    return f"{proportion.value:.0%} ({low:.0%} to {high:.0%})"


def format_duration(duration_sec: float) -> str:
    """Rounded up: '40 s', '3 min', '1 h 20 min'."""
    if duration_sec < 90:
        return f"{max(1, math.ceil(duration_sec))} s"
    minutes = math.ceil(duration_sec / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def format_size(size_bytes: int) -> str:
    """'0.3 MB', '25 MB', '1.5 GB'."""
    if size_bytes >= GIB:
        return f"{size_bytes / GIB:.1f} GB"
    return f"{size_bytes / MIB:.0f} MB" if size_bytes >= 10 * MIB or not size_bytes else f"{size_bytes / MIB:.1f} MB"


def format_count(count: int, noun: str, plural: str | None = None) -> str:
    """'1 clip', '1,200 clips', '2 classes'."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
