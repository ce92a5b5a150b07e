"""The table of claims: its arithmetic, and that its rows work. What they give on tiny inputs means nothing."""

import json
import sys

import pytest

from benchmarks.table import __main__ as table
from benchmarks.table.rows import Bench, Figure, Found, Row, careful, in_turn


def test_a_claim_is_the_worst_round_on_the_safe_side():
    assert Figure("x", (12.39, 15.0, 80.0), "×").measured == 15.0
    assert Figure("x", (12.39, 15.0, 80.0), "×").worst == 12.0
    assert Figure("x", (101.0, 120.4, 110.0), "MB", "at most").worst == 130.0
    assert careful(0.99971, up=False) == 0.99
    assert careful(100.0, up=True) == 100.0


def test_ways_take_turns_and_are_compared_round_by_round(tmp_path):
    order = []

    def way(name, *seconds):
        left = list(seconds)
        return lambda: order.append(name) or left.pop(0)

    others = {"other": way("other", 10.0, 40.0), "third": way("third", 1.0, 1.0)}
    found = in_turn(Bench(tmp_path, rounds=2), way("ours", 2.0, 4.0), others, "a note", scale=1.5)
    assert order == ["ours", "other", "third"] * 2
    assert [figure.values for figure in found.figures] == [(7.5, 15.0), (0.75, 0.375)]
    assert found.seconds["other"] == (15.0, 60.0)


def test_a_row_is_a_line_for_each_figure():
    found = Found((Figure("the tutorial's way", (12.39, 15.0), "×"), Figure("memory", (5.0,), "MB", "at most")), "so")
    first, second = table.lines_of(Row("key", "doing it", "none:none"), found)
    assert first == "| doing it, against the tutorial's way (`key`) | 13.7 × | at least 12 × | so |"
    assert second == "| doing it, memory (`key`) | 5 MB | at most 5 MB | so |"


def test_what_a_row_found_in_a_process_of_its_own_comes_back(tmp_path):
    bench = Bench(tmp_path, rounds=3)
    found = table.measured_apart(Row("key", "doing it", "rows:Found"), bench)  # whose first field is what it is given
    assert found.figures == bench


@pytest.mark.parametrize(
    "key",
    [
        "clips-short",
        "clips-1080p",
        "train-lrcn",
        "score-lrcn",
        "annotate-320x240",
        "burn-1080p",
        "growth",
        "growth-training",
    ],
)
def test_a_row_works_on_tiny_inputs_and_its_times_are_kept(key, tmp_path, monkeypatch, capsys):
    kept = tmp_path / "kept.json"
    for name in table.LIMITS:
        monkeypatch.setenv(name, table.LIMITS[name])  # which are then gone with this test
    monkeypatch.setattr(sys, "argv", ["table", "--quick", "--only", key, "--json", str(kept)])
    table.main()
    assert f"(`{key}`)" in capsys.readouterr().out
    document = json.loads(kept.read_text())
    assert list(document["rows"]) == [key]
    assert document["quick"] is True
    assert document["machine"]["cores"] >= 1
    assert all(figure["values"] for figure in document["rows"][key]["figures"])
