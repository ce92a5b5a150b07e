import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from har.datasets.folder import open_folder
from har.datasets.sources import ucf101
from har.downloads.limits import single_download
from har.errors import DownloadBusy, DownloadDamaged, DownloadFailed, LabelsError, StopRequested
from har.progress import Progress, Stage
from tests.datasets.conftest import MakeVideo, Server, SetSettings, files, stop_when

CLIPS = [f"v_{label}_g0{group}_c01.avi" for label in ("TaiChi", "YoYo") for group in (1, 2, 3)]


@pytest.fixture
def served(
    server: Server, video: MakeVideo, home: SetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Server:
    """A server with six clips of two classes."""
    monkeypatch.setattr(ucf101, "_PAUSE_SEC", 0.0)
    monkeypatch.setattr(ucf101, "_DIRECTORY_BYTES", 2048)
    serve(server, tmp_path, {f"UCF101/{name}": video(number) for number, name in enumerate(CLIPS)})
    home(ucf101_url=server.url)
    return server


def serve(server: Server, tmp_path: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "served.zip", "w") as archive:  # not compressed, as videos hardly shrink
        for name, content in contents.items():
            archive.writestr(name, content)
    server.content = (tmp_path / "served.zip").read_bytes()


def test_classes_are_listed_with_their_sizes_and_later_without_a_network(served: Server, video: MakeVideo) -> None:
    listed = tai_chi, yo_yo = ucf101.list_classes()
    assert (tai_chi.label, tai_chi.clip_count, tai_chi.downloaded) == ("TaiChi", 3, False)
    assert tai_chi.size_bytes == sum(len(video(number)) for number in range(3))
    assert yo_yo.label == "YoYo"
    served.status = 503
    assert ucf101.list_classes() == listed


def test_only_the_chosen_class_is_fetched_and_only_once(served: Server, video: MakeVideo, tmp_path: Path) -> None:
    ucf101.list_classes()
    served.requested.clear()
    reports: list[Progress] = []
    folder = ucf101.fetch(["tai chi"], reports.append)
    assert files(folder) == {f"TaiChi/{name}": len(video(number)) for number, name in enumerate(CLIPS[:3])}
    assert [video.group for video in open_folder(folder).videos] == ["g01", "g02", "g03"]
    assert [entry.downloaded for entry in ucf101.list_classes()] == [True, False]
    directory, *clips = served.requested
    assert directory == "bytes=-2048"
    assert max(int(header.split("-")[1]) for header in clips) < served.content.index(b"UCF101/v_YoYo_g01_c01.avi")
    last = reports[-1]
    assert (last.stage, last.subject, last.total) == (Stage.DOWNLOAD, "TaiChi", sum(len(video(n)) for n in range(3)))
    assert 0 < last.done <= last.total
    assert last.note.endswith("MB/s")
    served.requested.clear()
    ucf101.fetch(["TaiChi"])
    assert served.requested == []


def test_a_connection_that_breaks_once_recovers(served: Server, video: MakeVideo) -> None:
    ucf101.list_classes()
    served.break_after, served.breaks = len(video(1)) // 2, 1
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3


def test_a_connection_that_keeps_breaking_is_reported_and_the_download_resumed(
    served: Server, video: MakeVideo, tmp_path: Path
) -> None:
    ucf101.list_classes()

    def break_from_now_on(progress: Progress) -> None:
        served.break_after, served.breaks = len(video(1)) // 2, -1

    with pytest.raises(DownloadFailed, match="are kept"):
        ucf101.fetch(["TaiChi"], break_from_now_on)
    datasets = tmp_path / "home/datasets"
    assert not (datasets / "ucf101").exists()
    finished = files(datasets)
    assert len(finished) == 1  # the first clip; nothing of the second
    assert not [name for name in finished if "part" in name]
    served.break_after = None
    served.requested.clear()
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3
    assert len(served.requested) == 3  # the directory and the two clips that were missing
    assert files(datasets).keys() == {f"ucf101/TaiChi/{name}" for name in CLIPS[:3]}


def test_a_refusal_is_reported_with_its_status_and_not_retried(served: Server) -> None:
    ucf101.list_classes()
    served.requested.clear()
    served.status = 404
    with pytest.raises(DownloadFailed, match="404"):
        ucf101.fetch(["TaiChi"])
    assert len(served.requested) == 1


def test_a_server_that_sends_more_than_requested_is_refused(served: Server) -> None:
    ucf101.list_classes()
    served.requested.clear()
    served.too_much = 10
    with pytest.raises(DownloadFailed):
        ucf101.fetch(["TaiChi"])
    assert len(served.requested) == 6  # the directory ends with the file; the clip does not


def test_a_damaged_directory_is_reported(served: Server) -> None:
    ucf101.list_classes()
    served.content = served.content[:-40] + bytes(40)
    with pytest.raises(DownloadDamaged):
        ucf101.fetch(["TaiChi"])


def test_a_corrupted_clip_is_reported_and_classes_before_it_are_kept(
    served: Server, video: MakeVideo, tmp_path: Path
) -> None:
    ucf101.list_classes()
    content = bytearray(served.content)
    content[content.index(video(5)) + 50] ^= 255
    served.content = bytes(content)
    with pytest.raises(DownloadDamaged, match="v_YoYo_g03_c01"):
        ucf101.fetch(["TaiChi", "YoYo"])
    assert files(tmp_path / "home/datasets").keys() == {
        *(f"ucf101/TaiChi/{name}" for name in CLIPS[:3]),
        *(f".ucf101-unfinished/YoYo/{name}" for name in CLIPS[3:5]),
    }


def test_another_zip_on_the_server_is_listed_again(served: Server, video: MakeVideo, tmp_path: Path) -> None:
    ucf101.list_classes()
    serve(served, tmp_path, {f"UCF101/v_TaiChi_g0{number}_c01.avi": video(number + 10) for number in (1, 2, 3)})
    with pytest.raises(DownloadDamaged, match="the file on the server has changed"):
        ucf101.fetch(["TaiChi"])
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/x.zip", "The connection to .* failed"),
        ("http://no-such-host.invalid/x.zip", r"There is no server called no-such-host\.invalid"),
        ("ftp://a/b", "not a web address"),
    ],
)
def test_an_address_without_a_server_is_reported(
    home: SetSettings, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("har.downloads.http._RETRIES", 0)
    home(ucf101_url=url)
    with pytest.raises(DownloadFailed, match=words):
        ucf101.list_classes()


def test_a_clip_that_is_not_a_video_is_reported_without_a_retry(served: Server, tmp_path: Path) -> None:
    serve(served, tmp_path, {"UCF101/v_TaiChi_g01_c01.avi": b"hello " * 100})
    ucf101.list_classes()
    served.requested.clear()
    with pytest.raises(DownloadDamaged, match="is not a video"):
        ucf101.fetch(["TaiChi"])
    assert len(served.requested) == 1  # a file this small is downloaded with its directory
    assert files(tmp_path / "home") == {}


def test_unsafe_entries_are_not_listed(served: Server, video: MakeVideo, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "served.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("UCF101/v_TaiChi_g01_c01.avi", video(1))
        archive.writestr("UCF101/v_TaiChi_g01_c02.avi", bytes(50_000_000))  # a bomb
        for name in ("../v_Evil_g01_c01.avi", "/v_Evil_g01_c01.avi", "UCF101/../../v_Evil_g01_c01.avi", "UCF101/x.sh"):
            archive.writestr(name, video(2))
        for name in ("UCF101/v_Ünicode_g01_c01.avi", f"UCF101/v_{'x' * 300}_g01_c01.avi"):
            archive.writestr(name, video(2))
        link = zipfile.ZipInfo("UCF101/v_Link_g01_c01.avi")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    served.content = (tmp_path / "served.zip").read_bytes()
    [entry] = ucf101.list_classes()
    assert (entry.label, entry.clip_count) == ("TaiChi", 1)
    ucf101.fetch(["TaiChi"])
    assert files(tmp_path / "home").keys() == {"datasets/ucf101/TaiChi/v_TaiChi_g01_c01.avi"}


def test_a_zip_with_too_many_entries_is_refused(served: Server, home: SetSettings, tmp_path: Path) -> None:
    serve(served, tmp_path, {f"v_A_g01_c{number}.avi": b"" for number in range(101)})
    home(ucf101_url=served.url, max_archive_entries=100)
    with pytest.raises(DownloadDamaged, match="not the zip"):
        ucf101.list_classes()


def test_a_directory_that_is_too_large_is_not_read(
    served: Server, home: SetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(served, tmp_path, {f"v_A_g01_c{number}.avi": b"" for number in range(100)})
    home(ucf101_url=served.url, max_archive_entries=1)
    monkeypatch.setattr(ucf101, "_DIRECTORY_BYTES", 100)
    with pytest.raises(DownloadFailed):
        ucf101.list_classes()
    assert served.sent_bytes < 1000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ranges": False}, "does not support range requests"),
        ({"content": b""}, "127.0.0.1"),
        ({"content": b"hello " * 1000}, "is not the zip file of UCF101"),
    ],
)
def test_a_server_without_ranges_or_the_zip_is_reported(
    served: Server, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    vars(served).update(changes)
    with pytest.raises((DownloadDamaged, DownloadFailed), match=words):
        ucf101.list_classes()
    assert files(tmp_path / "home") == {}


def test_cancelling_keeps_finished_clips_only(
    served: Server, video: MakeVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("har.downloads.one_file._REPORT_SEC", 0.0)
    with pytest.raises(StopRequested):
        ucf101.fetch(["TaiChi"], stop_when(lambda progress: progress.done > len(video(0))))
    assert files(tmp_path / "home").keys() == {f"datasets/.ucf101-unfinished/TaiChi/{CLIPS[0]}"}
    with single_download():  # the lock is free
        pass


def test_an_unknown_class_is_reported(served: Server) -> None:
    with pytest.raises(LabelsError, match="Swimming"):
        ucf101.fetch(["TaiChi", "Swimming"])


def test_a_download_for_which_there_is_no_room_is_refused(
    served: Server, home: SetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(ucf101_url=served.url, max_download_bytes=1000)
    with pytest.raises(DownloadFailed, match="fewer classes"):
        ucf101.fetch(["TaiChi"])
    home(ucf101_url=served.url, max_download_bytes=1 << 30, min_free_bytes=1 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(DownloadFailed, match="must stay free"):
        ucf101.fetch(["TaiChi"])
    assert files(tmp_path / "home") == {}


_HOLD_LOCK = """
import fcntl, sys
with open(sys.argv[1], "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_only_one_process_downloads_at_a_time(served: Server, tmp_path: Path) -> None:
    ucf101.list_classes()
    command = [sys.executable, "-c", _HOLD_LOCK, str(tmp_path / "home/datasets/.download-lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        with pytest.raises(DownloadBusy):
            ucf101.fetch(["TaiChi"])
        process.communicate()
    ucf101.fetch(["TaiChi"])


def test_presets_are_choices_of_classes() -> None:
    presets = {name: set(preset.labels or ()) for name, preset in ucf101.SOURCE.presets.items()}
    assert {name: len(labels) for name, labels in presets.items()} == {"tutorial": 4, "ucf50": 50, "all": 0}
    assert presets["tutorial"] < presets["ucf50"]
