import pytest

from har.evaluation import Proportion
from har.settings import GIB, MIB
from ui.formatting import format_count, format_duration, format_number, format_percent, format_size


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1234.5, 3, "1,230"),
        (1200.0, 2, "1,200"),
        (16.4444, 3, "16.4"),
        (30.0, 5, "30"),
        (24000 / 1001, 5, "23.976"),
        (0.01234, 3, "0.0123"),
        (0.0, 3, "0"),
        (2_500_000.0, 3, "2,500,000"),
    ],
)
def test_numbers_have_no_exponents(value, digits, text):
    assert format_number(value, digits) == text


def test_percent_has_its_interval():
    assert format_percent(Proportion(18, 20)) == "90% (70% to 97%)"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (40, "40 s"), (90, "2 min"), (3600, "60 min"), (5400, "1 h 30 min")]
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 MB"), (MIB // 2, "0.5 MB"), (206 * MIB, "206 MB"), (3 * GIB // 2, "1.5 GB")]
)
def test_sizes(size, text):
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [(1, ("clip",), "1 clip"), (1200, ("clip",), "1,200 clips"), (2, ("class", "classes"), "2 classes")],
)
def test_counts(count, words, text):
    assert format_count(count, *words) == text
