"""The table of claims: its arithmetic, and that its rows run. Figures from tiny inputs mean nothing."""

import json
import sys

import pytest

from benchmarks.table import __main__ as table
from benchmarks.table.rows import Bench, Figure, Measurement, Row, compare, round_safely

pytestmark = pytest.mark.training


def test_claim_is_the_worst_round_rounded_to_the_safe_side():
    assert Figure("x", (12.39, 15.0, 80.0), "×").measured == 15.0
    assert Figure("x", (12.39, 15.0, 80.0), "×").worst == 12.0
    assert Figure("x", (101.0, 120.4, 110.0), "MB", "at most").worst == 130.0
    assert round_safely(0.99971, up=False) == 0.99
    assert round_safely(100.0, up=True) == 100.0


def test_alternatives_take_turns_and_are_compared_round_by_round(tmp_path):
    order = []

    def timed(name, *seconds):
        remaining = list(seconds)
        return lambda: order.append(name) or remaining.pop(0)

    others = {"other": timed("other", 10.0, 40.0), "third": timed("third", 1.0, 1.0)}
    measurement = compare(Bench(tmp_path, rounds=2), timed("ours", 2.0, 4.0), others, "a note", scale=1.5)
    assert order == ["ours", "other", "third"] * 2
    assert [figure.values for figure in measurement.figures] == [(7.5, 15.0), (0.75, 0.375)]
    assert measurement.seconds["other"] == (15.0, 60.0)


def test_row_has_a_line_for_each_figure():
    measurement = Measurement(
        (Figure("the tutorial's way", (12.39, 15.0), "×"), Figure("memory", (5.0,), "MB", "at most")), "so"
    )
    first, second = table.table_lines(Row("key", "doing it", "none:none"), measurement)
    assert first == "| doing it, against the tutorial's way (`key`) | 13.7 × | at least 12 × | so |"
    assert second == "| doing it, memory (`key`) | 5 MB | at most 5 MB | so |"


def test_row_is_measured_in_a_process_of_its_own(tmp_path):
    bench = Bench(tmp_path, rounds=3)
    measurement = table.measure_in_process(
        Row("key", "doing it", "rows:Measurement"), bench
    )  # its first field is the argument
    assert measurement.figures == bench


@pytest.mark.parametrize("key", ["clips-short", "annotate-320x240", "growth", "growth-training"])
def test_row_runs_on_tiny_inputs_and_writes_its_times(key, tmp_path, monkeypatch, capsys):
    output = tmp_path / "figures.json"
    for name in table.LIMITS:
        monkeypatch.setenv(name, table.LIMITS[name])  # so that they are unset after this test
    monkeypatch.setattr(sys, "argv", ["table", "--quick", "--only", key, "--json", str(output)])
    table.main()
    assert f"(`{key}`)" in capsys.readouterr().out
    document = json.loads(output.read_text())
    assert list(document["rows"]) == [key]
    assert document["quick"] is True
    assert document["machine"]["cores"] >= 1
    assert all(figure["values"] for figure in document["rows"][key]["figures"])
