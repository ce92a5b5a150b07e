"""A stretch of a video on YouTube is fetched into the job's folder, then annotated like any other."""

from pathlib import Path

import pytest

from har import annotation, youtube
from har.errors import StopRequested
from har.results import LabelOptions
from har.youtube.listing import Media

LISTING = youtube.Listing("aqz-KE-bpKQ", "../../evil\n", "", 10.0, 480, Media("https://x", None), None)


def test_it_is_fetched_then_annotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []

    def get(listing: object, start_sec: float, end_sec: float, target: Path, on_event: object) -> Path:
        done.append((start_sec, end_sec, target))
        return target

    monkeypatch.setattr(youtube, "get", get)
    monkeypatch.setattr("har.annotation_youtube.annotate_for_page", lambda *arguments: done.append(arguments[:3]))
    annotation.annotate_youtube_for_page(LISTING, (1.0, 2.0), tmp_path, "lrcn-figures", LabelOptions(), 0.5)
    assert done == [(1.0, 2.0, tmp_path / "video.mp4"), (tmp_path / "video.mp4", tmp_path, "lrcn-figures")]


def test_stopped_while_it_is_fetched_nothing_is_annotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*arguments: object) -> Path:
        raise StopRequested

    monkeypatch.setattr(youtube, "get", get)
    with pytest.raises(StopRequested):
        annotation.annotate_youtube_for_page(LISTING, (1.0, 2.0), tmp_path, "lrcn-figures", LabelOptions(), 0.5)
    assert list(tmp_path.iterdir()) == []
