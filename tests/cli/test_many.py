"""The command line of `har annotate` for many videos."""

import pytest

from har.batch import BatchResult
from har.cli import many
from har.errors import StopRequested
from har.progress import Progress, Stage
from tests.cli.test_cli import run


@pytest.fixture
def calls(monkeypatch):
    """Arguments of calls of `annotate_many`, which annotates nothing here."""
    received = []

    def annotate_many(videos, out, options, workers, on_progress):
        received.append((list(videos), out, options, workers))
        on_progress(Progress(Stage.TASKS, 1, 2, "videos"))
        return BatchResult(2, 1, 0)

    monkeypatch.setattr(many, "annotate_many", annotate_many)
    return received


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"video")


def test_several_videos_are_a_batch(calls):
    result = run("annotate", "a.mp4", "b.mp4", "--out", "out", "--workers", 2, "--no-video")
    assert (result.exit_code, result.stdout) == (0, "2 done, 1 done before, 0 failed; see manifest.jsonl in out\n")
    ((videos, out, options, workers),) = calls
    assert (videos, out, workers, options.burn_in) == (["a.mp4", "b.mp4"], "out", 2, False)


def test_folders_with_numbers_are_named(monkeypatch):
    numbered = tuple((f"{n}/a.mp4", f"a-annotated-{n}") for n in range(2, 15))
    monkeypatch.setattr(many, "annotate_many", lambda *_: BatchResult(14, 0, 0, numbered))
    result = run("annotate", "a.mp4", "b.mp4", "--out", "out")
    assert "har: the results of 2/a.mp4 are in a-annotated-2, because another video has its name.\n" in result.stderr
    assert "har: so are those of 3 more videos; see manifest.jsonl.\n" in result.stderr


@pytest.mark.parametrize("arguments", [("s3://b/a.mp4", "--out", "out"), ("a.mp4", "--out", "memory://out")])
def test_one_video_with_remote_files_is_a_batch(calls, arguments):
    assert run("annotate", *arguments).exit_code == 0
    assert len(calls) == 1


def test_listed_videos_are_added_to_those_given(calls, tmp_path):
    (tmp_path / "list").write_bytes("\ufeffb.mp4\r\n\ns3://bucket/é.mp4\n".encode())
    assert run("annotate", "a.mp4", "--list", "list", "--out", "out").exit_code == 0
    assert calls[0][0] == ["a.mp4", "b.mp4", "s3://bucket/é.mp4"]


@pytest.mark.promise("hostile", "A file that is passed as a list of videos is never printed")
def test_invalid_lines_are_reported_by_number_and_never_printed(calls, tmp_path):
    lines = [b"a.mp4", b"secret-name", b"\xffsecret", b"secret" * 1000, b"sec\x00ret", b"s" * 9000, b"b.mp4", b"secret"]
    (tmp_path / "list").write_bytes(b"\n".join(lines))
    result = run("annotate", "--list", "list", "--out", "out")
    assert result.exit_code == 2
    assert calls[0][0] == ["a.mp4", "b.mp4"]
    assert "secret" not in result.output
    assert result.stderr.splitlines() == [
        "har: invalid lines of the list (no such file): 2, 8",
        "har: invalid lines of the list (not UTF-8): 3",
        "har: invalid lines of the list (longer than 4096 bytes): 4, 6",
        "har: invalid lines of the list (unprintable characters): 5",
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
def test_mistakes_print_one_line_and_write_nothing(arguments, tmp_path):
    (tmp_path / "empty").write_text("\n")
    before = sorted(tmp_path.iterdir())
    result = run("annotate", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("har: ")
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_exit_code_is_2_if_any_video_failed(monkeypatch):
    monkeypatch.setattr(many, "annotate_many", lambda *rest: BatchResult(1, 0, 1))
    assert run("annotate", "a.mp4", "b.mp4", "--out", "out").exit_code == 2


def test_stopping_explains_how_to_resume(monkeypatch):
    def stopped(*rest):
        raise StopRequested

    monkeypatch.setattr(many, "annotate_many", stopped)
    result = run("annotate", "a.mp4", "b.mp4", "--out", "out")
    assert result.exit_code == 130
    assert "run the same command again to resume" in result.stderr
