import errno
import sys
from pathlib import Path

import numpy as np
import pytest
import requests

from har.datasets.archives import unpacking
from har.datasets.folder import open_folder
from har.datasets.sources import ucf50
from har.errors import ArchiveRefused, DownloadFailed, StopRequested
from har.progress import Progress, Stage
from har.settings import MIB
from tests.datasets.conftest import MakeVideo, Server, SetSettings, files, stop_when, zipped


@pytest.fixture
def served(
    server: Server, video: MakeVideo, home: SetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Server:
    monkeypatch.setattr(ucf50, "_PAUSE_SEC", 0.0)
    contents = {f"UCF50/TaiChi/v_TaiChi_g0{number}_c01.avi": video(number) for number in range(1, 4)}
    padding = np.random.default_rng(0).bytes(MIB)
    server.content = zipped(tmp_path / "served", contents | {"UCF50/padding": padding}).read_bytes()
    home(ucf50_url=server.url)
    return server


def test_it_is_downloaded_and_unpacked(served: Server, tmp_path: Path) -> None:
    reports: list[Progress] = []
    folder = ucf50.fetch(on_progress=reports.append)
    assert len(open_folder(folder).videos) == 3
    assert all(name.startswith("datasets/ucf50/UCF50/TaiChi/") for name in files(tmp_path / "home"))
    assert (reports[0].stage, reports[0].total) == (Stage.DOWNLOAD, len(served.content))
    assert reports[-1].stage is Stage.CHECK_VIDEOS
    served.status = 500
    assert ucf50.fetch() == folder  # without another request


def test_a_broken_download_is_resumed(served: Server) -> None:
    half = len(served.content) // 2
    served.break_after, served.breaks = half, 1
    ucf50.fetch()
    first, second = served.requested
    assert first == ""
    start = int(second.removeprefix("bytes=").removesuffix("-"))
    assert half - (1 << 16) <= start <= half
    assert served.sent_bytes < len(served.content) + (1 << 16)


def test_a_connection_that_keeps_breaking_is_reported_and_the_download_resumed(served: Server, tmp_path: Path) -> None:
    served.break_after, served.breaks = len(served.content) // 10, -1
    with pytest.raises(DownloadFailed, match=r"UCF50\.rar"):
        ucf50.fetch()
    assert len(served.requested) == 4
    assert not (tmp_path / "home/datasets/ucf50").exists()
    served.break_after = None
    ucf50.fetch()
    assert served.requested[-1].startswith("bytes=")


def test_another_file_on_the_server_is_downloaded_from_its_start(served: Server) -> None:
    served.break_after, served.breaks = len(served.content) // 10, -1
    with pytest.raises(DownloadFailed):
        ucf50.fetch()
    served.break_after = None
    served.version = '"2"'
    assert len(open_folder(ucf50.fetch()).videos) == 3


def test_cancelling_keeps_the_partial_download(served: Server, tmp_path: Path) -> None:
    with pytest.raises(StopRequested):
        ucf50.fetch(on_progress=stop_when())
    assert files(tmp_path / "home").keys() <= {"datasets/.UCF50.rar.part", "datasets/.UCF50.rar.part.json"}


def test_nothing_is_downloaded_from_a_server_with_an_invalid_certificate(
    served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unverified(*arguments: object, **more: object) -> None:
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests.Session, "get", unverified)
    with pytest.raises(DownloadFailed, match=r"could not be verified.*add the archive"):
        ucf50.fetch()
    assert files(tmp_path / "home") == {}


def test_a_download_that_is_not_an_archive_is_refused_and_removed(served: Server, tmp_path: Path) -> None:
    content, served.content = served.content, b"<html>moved</html>" * 100
    with pytest.raises(ArchiveRefused, match="was removed"):
        ucf50.fetch()
    assert files(tmp_path / "home") == {}
    served.content = content
    ucf50.fetch()


def test_the_download_is_kept_if_there_is_no_room_to_unpack_it(
    served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(unpacking._Unpacker, "_copy", full)
    with pytest.raises(ArchiveRefused, match="disk is full"):
        ucf50.fetch()
    assert files(tmp_path / "home").keys() == {"datasets/.UCF50.rar"}


def test_an_archive_that_cannot_be_unpacked_here_is_not_downloaded(
    served: Server, home: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(ucf50_url=served.url.replace(".zip", ".rar"))
    monkeypatch.setitem(sys.modules, "libarchive", None)
    with pytest.raises(ArchiveRefused, match="libarchive"):
        ucf50.fetch()
    assert served.requested == []


def test_skipped_files_are_listed_in_a_file(served: Server, video: MakeVideo, tmp_path: Path) -> None:
    contents = {"UCF50/TaiChi/v_TaiChi_g01_c01.avi": video(1), "UCF50/TaiChi/v_TaiChi_g02_c01.avi": b"hello " * 50}
    served.content = zipped(tmp_path / "served", contents).read_bytes()
    folder = ucf50.fetch()
    assert "v_TaiChi_g02_c01.avi: " in (folder / ucf50.SKIPPED_FILE).read_text()
    assert len(open_folder(folder).videos) == 1


def test_a_file_over_the_limit_is_refused_before_it_is_downloaded(
    served: Server, home: SetSettings, tmp_path: Path
) -> None:
    home(ucf50_url=served.url, max_download_bytes=100)
    with pytest.raises(DownloadFailed, match="at a time"):
        ucf50.fetch()
    assert sum(files(tmp_path / "home").values()) < 200
