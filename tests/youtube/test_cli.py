"""`har youtube` and `har annotate URL`."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from har.cli import main, youtube
from har.errors import YouTubeUnavailable
from har.video import write_video
from har.youtube import VideoDetails
from har.youtube.details import Media
from tests.video.barcode import barcode

ID = "aqz-KE-bpKQ"
DETAILS = VideoDetails(ID, "A title", "A channel", 100.0, Media("https://x", None), None)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Any, ...]]:
    """The sections that are fetched; each is the same video of a second."""
    fetches: list[tuple[Any, ...]] = []

    def fetch_section(
        details: VideoDetails, start_sec: float, end_sec: float, target: Path, on_progress: object
    ) -> Path:
        fetches.append((details.video_id, start_sec, end_sec))
        write_video(target, (barcode(number) for number in range(25)), Fraction(25))
        return target

    monkeypatch.setattr(youtube, "look_up", lambda address: DETAILS)
    monkeypatch.setattr(youtube, "fetch_section", fetch_section)
    monkeypatch.chdir(tmp_path)
    return fetches


@pytest.mark.parametrize(
    ("time", "arguments", "section", "name"),
    [
        ("", (), (0.0, 100.0), f"{ID}.mp4"),
        ("?t=40", ("--output", "mine.mp4"), (40.0, 100.0), "mine.mp4"),
        ("?t=40", ("--start", "5", "--end", "0:10.5"), (5.0, 10.5), f"{ID}.mp4"),
    ],
)
def test_a_section_is_fetched_into_a_file(
    fetches: list[Any], tmp_path: Path, time: str, arguments: tuple[str, ...], section: tuple[float, float], name: str
) -> None:
    result = run("youtube", f"youtu.be/{ID}{time}", *arguments)
    assert result.exit_code == 0, result.output
    assert fetches == [(ID, *section)]
    assert result.stdout == f"{name}\n"
    assert (tmp_path / name).exists()
    assert "A title (A channel), 100 s" in result.stderr


@pytest.mark.training
def test_an_address_is_fetched_and_annotated(fetches: list[Any], tmp_path: Path) -> None:
    result = run("annotate", f"https://youtu.be/{ID}", "--end", "10", "--classifier", "lrcn-figures")
    assert result.exit_code == 0, result.output
    assert fetches == [(ID, 0.0, 10.0)]
    there = {path.name for path in (tmp_path / f"{ID}-annotated").iterdir()}
    assert {f"{ID}.mp4", "annotated.mp4", "timeline.json"} <= there


@pytest.mark.parametrize(
    "arguments",
    [
        ("youtube", "https://evil.test/watch?v=aqz-KE-bpKQ"),
        ("youtube", "file:///etc/passwd"),
        ("youtube", f"youtu.be/{ID}", "--start", "soon"),
        ("annotate", "https://evil.test/x.mp4"),
        ("annotate", "https://www.youtube.com/playlist?list=PL0123456789"),
        ("annotate", f"youtu.be/{ID}", "--labels", "no-such-label"),
        ("annotate", f"youtu.be/{ID}", "--classifier", "no-such-classifier"),
        ("annotate", "clip.mp4", "--start", "3"),
    ],
)
def test_invalid_arguments_give_one_line_and_fetch_nothing(
    fetches: list[Any], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line[:5] for line in result.stderr.splitlines()] == ["har: "]
    assert fetches == []
    assert list(tmp_path.iterdir()) == []


def test_a_failed_fetch_leaves_no_folder(fetches: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch_section(*arguments: Any) -> Path:
        arguments[3].parent.mkdir(parents=True)
        raise YouTubeUnavailable("It is private.", "It must not be.", "Choose another.")

    monkeypatch.setattr(youtube, "fetch_section", fetch_section)
    assert run("annotate", f"youtu.be/{ID}").exit_code == 2
    assert list(tmp_path.iterdir()) == []
