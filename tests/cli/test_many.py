"""`har annotate` for many videos, as far as the command line itself goes."""

import pytest
from click.testing import CliRunner

from har.batch import ManyDone
from har.cli import main, many
from har.errors import StopRequested
from har.jobs import Tally


@pytest.fixture
def asked(monkeypatch):
    """What was asked for, and what comes of it."""
    calls = []

    def annotate_many(videos, out, options, workers, on_event):
        calls.append((list(videos), out, options, workers))
        on_event(Tally(1, 0, 2, 1))
        return ManyDone(2, 1, 0)

    monkeypatch.setattr(many, "annotate_many", annotate_many)
    return calls


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"video")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_more_than_one_video_is_many(asked):
    result = run("annotate", "a.mp4", "b.mp4", "--out", "out", "--workers", 2, "--no-video")
    assert (result.exit_code, result.stdout) == (0, "2 done, 1 done before, 0 failed; see manifest.jsonl in out\n")
    ((videos, out, options, workers),) = asked
    assert (videos, out, workers, options.with_video) == (["a.mp4", "b.mp4"], "out", 2, False)


@pytest.mark.parametrize("arguments", [("s3://b/a.mp4", "--out", "out"), ("a.mp4", "--out", "memory://out")])
def test_one_video_is_many_where_its_files_are_elsewhere(asked, arguments):
    assert run("annotate", *arguments).exit_code == 0
    assert len(asked) == 1


def test_a_list_names_videos_beside_those_that_are_given(asked, tmp_path):
    (tmp_path / "list").write_bytes("\ufeffb.mp4\r\n\ns3://bucket/é.mp4\n".encode())
    assert run("annotate", "a.mp4", "--list", "list", "--out", "out").exit_code == 0
    assert asked[0][0] == ["a.mp4", "b.mp4", "s3://bucket/é.mp4"]


def test_lines_that_cannot_be_used_are_told_by_number_and_never_printed(asked, tmp_path):
    lines = [b"a.mp4", b"secret-name", b"\xffsecret", b"secret" * 1000, b"sec\x00ret", b"s" * 9000, b"b.mp4", b"secret"]
    (tmp_path / "list").write_bytes(b"\n".join(lines))
    result = run("annotate", "--list", "list", "--out", "out")
    assert result.exit_code == 2
    assert asked[0][0] == ["a.mp4", "b.mp4"]
    assert "secret" not in result.output
    assert result.stderr.splitlines() == [
        "har: lines of the list that cannot be used (no such file): 2, 8",
        "har: lines of the list that cannot be used (not UTF-8): 3",
        "har: lines of the list that cannot be used (longer than 4096 bytes): 4, 6",
        "har: lines of the list that cannot be used (signs that no name has): 5",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.mp4", "b.mp4"),
        ("a.mp4", ".", "--out", "out"),
        ("a.mp4", "none.mp4", "https://youtu.be/abcdefghijk", "--out", "out"),
        ("a.mp4", "b.mp4", "--start", "3", "--out", "out"),
        ("--list", "none", "--out", "out"),
        ("--list", "empty", "--out", "out"),
        ("a.mp4", "--out", "ftp://host/out"),
        ("a.mp4", "b.mp4", "--out", "a.mp4"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(arguments, tmp_path):
    (tmp_path / "empty").write_text("\n")
    before = sorted(tmp_path.iterdir())
    result = run("annotate", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("har: ")
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_any_failure_is_exit_code_2(monkeypatch):
    monkeypatch.setattr(many, "annotate_many", lambda *rest: ManyDone(1, 0, 1))
    assert run("annotate", "a.mp4", "b.mp4", "--out", "out").exit_code == 2


def test_who_stops_is_told_how_to_go_on(monkeypatch):
    def stopped(*rest):
        raise StopRequested

    monkeypatch.setattr(many, "annotate_many", stopped)
    result = run("annotate", "a.mp4", "b.mp4", "--out", "out")
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr


def test_the_bar_says_how_many_are_done_and_failed_and_when_nobody_works():
    assert many._annotating(Tally(3, 0, 8, 2)) == (3 / 8, "3 of 8 videos")
    assert many._annotating(Tally(3, 1, 8, 2)) == (0.5, "3 of 8 videos, 1 failed")
    assert many._annotating(Tally(3, 1, 8, 0))[1] == "3 of 8 videos, 1 failed, waiting for a worker"
