import pytest

from har.evaluation import Proportion
from har.settings import GIB, MIB
from ui.formatting import format_count, format_duration, format_number, format_percent, format_size


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        (format_number, (1234.5, 3), "1,230"),
        (format_number, (16.4444, 3), "16.4"),
        (format_number, (30.0, 5), "30"),
        (format_number, (0.01234, 3), "0.0123"),
        (format_number, (0.0, 3), "0"),
        (format_number, (2_500_000.0, 3), "2,500,000"),
        (format_percent, (Proportion(18, 20),), "90% (70% to 97%)"),
        (format_duration, (40,), "40 s"),
        (format_duration, (90,), "2 min"),
        (format_duration, (3600,), "60 min"),
        (format_duration, (5400,), "1 h 30 min"),
        (format_size, (MIB // 2,), "0.5 MB"),
        (format_size, (206 * MIB,), "206 MB"),
        (format_size, (3 * GIB // 2,), "1.5 GB"),
        (format_count, (1, "clip"), "1 clip"),
        (format_count, (1200, "clip"), "1,200 clips"),
        (format_count, (2, "class", "classes"), "2 classes"),
    ],
)
def test_values_are_told_in_words_that_people_use(form, values, text):
    assert form(*values) == text
