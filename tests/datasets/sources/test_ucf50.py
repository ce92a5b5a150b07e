import errno
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import requests

from har.datasets.fetching import archives
from har.datasets.fetching.limits import Downloading, SourceEvent
from har.datasets.folder import open_folder
from har.datasets.sources import ucf50
from har.errors import ArchiveRefused, DownloadFailed, StopRequested
from har.settings import MIB, Settings
from tests.datasets.conftest import Server, files, zipped

Make = Callable[[int], bytes]
Home = Callable[..., Settings]


@pytest.fixture
def served(server: Server, video: Make, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(ucf50, "_PAUSE_SEC", 0.0)
    contents = {f"UCF50/TaiChi/v_TaiChi_g0{number}_c01.avi": video(number) for number in range(1, 4)}
    padding = np.random.default_rng(0).bytes(MIB)
    server.content = zipped(tmp_path / "served", contents | {"UCF50/padding": padding}).read_bytes()
    home(ucf50_url=server.url)
    return server


def test_it_is_fetched_unpacked_and_tidied_up(served: Server, tmp_path: Path) -> None:
    events: list[SourceEvent] = []
    folder = ucf50.fetch(events.append)
    assert len(open_folder(folder).videos) == 3
    assert all(name.startswith("datasets/ucf50/UCF50/TaiChi/") for name in files(tmp_path / "home"))
    assert any(isinstance(event, Downloading) and event.total_bytes == len(served.content) for event in events)
    served.status = 500
    assert ucf50.fetch() == folder  # it is there


def test_a_broken_download_goes_on_where_it_was(served: Server, tmp_path: Path) -> None:
    half = len(served.content) // 2
    served.break_after, served.breaks = half, 1
    ucf50.fetch()
    first, second = served.asked
    assert first == ""
    begun = int(second.removeprefix("bytes=").removesuffix("-"))
    assert half - (1 << 16) <= begun <= half
    assert served.sent_bytes < len(served.content) + (1 << 16)


def test_a_connection_that_keeps_breaking_is_told_and_gone_on_with(served: Server, tmp_path: Path) -> None:
    served.break_after, served.breaks = len(served.content) // 10, -1
    with pytest.raises(DownloadFailed, match=r"UCF50\.rar"):
        ucf50.fetch()
    assert len(served.asked) == 4
    assert not (tmp_path / "home/datasets/ucf50").exists()
    served.break_after = None
    ucf50.fetch()
    assert served.asked[-1].startswith("bytes=")


def test_another_file_on_the_server_is_fetched_from_its_beginning(served: Server, tmp_path: Path) -> None:
    served.break_after, served.breaks = len(served.content) // 10, -1
    with pytest.raises(DownloadFailed):
        ucf50.fetch()
    served.break_after = None
    served.version = '"2"'
    assert len(open_folder(ucf50.fetch()).videos) == 3


def test_stopping_keeps_what_has_come(served: Server, tmp_path: Path) -> None:
    def stop(event: SourceEvent) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        ucf50.fetch(stop)
    assert files(tmp_path / "home").keys() <= {"datasets/.UCF50.rar.part", "datasets/.UCF50.rar.part.json"}


def test_a_server_without_proof_gets_nothing(served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unverified(*arguments: object, **more: object) -> None:
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests.Session, "get", unverified)
    with pytest.raises(DownloadFailed, match=r"could not prove.*bring it as an archive"):
        ucf50.fetch()
    assert files(tmp_path / "home") == {}


def test_what_is_no_archive_is_refused_and_does_not_stay(served: Server, tmp_path: Path) -> None:
    content, served.content = served.content, b"<html>moved</html>" * 100
    with pytest.raises(ArchiveRefused, match="was removed"):
        ucf50.fetch()
    assert files(tmp_path / "home") == {}
    served.content = content
    ucf50.fetch()


def test_where_there_is_no_room_to_unpack_what_came_is_kept(
    served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives._Unpacking, "_copy", full)
    with pytest.raises(ArchiveRefused, match="disk is full"):
        ucf50.fetch()
    assert files(tmp_path / "home").keys() == {"datasets/.UCF50.rar"}


def test_what_cannot_be_unpacked_here_is_not_fetched(
    served: Server, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(ucf50_url=served.url.replace(".zip", ".rar"))
    monkeypatch.setitem(sys.modules, "libarchive", None)
    with pytest.raises(ArchiveRefused, match="libarchive"):
        ucf50.fetch()
    assert served.asked == []


def test_what_was_left_out_is_written_down(served: Server, video: Make, tmp_path: Path) -> None:
    contents = {"UCF50/TaiChi/v_TaiChi_g01_c01.avi": video(1), "UCF50/TaiChi/v_TaiChi_g02_c01.avi": b"hello " * 50}
    served.content = zipped(tmp_path / "served", contents).read_bytes()
    folder = ucf50.fetch()
    assert "v_TaiChi_g02_c01.avi: " in (folder / ucf50.LEFT_OUT).read_text()
    assert len(open_folder(folder).videos) == 1


def test_too_large_a_file_is_refused_before_it_comes(served: Server, home: Home, tmp_path: Path) -> None:
    home(ucf50_url=served.url, max_download_bytes=100)
    with pytest.raises(DownloadFailed, match="at a time"):
        ucf50.fetch()
    assert sum(files(tmp_path / "home").values()) < 200
