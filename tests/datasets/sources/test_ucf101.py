import multiprocessing
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from har.datasets.fetching.limits import Downloading, SourceEvent, only_download
from har.datasets.folder import open_folder
from har.datasets.sources import ucf101
from har.errors import DownloadBusy, DownloadDamaged, DownloadFailed, LabelsError, StopRequested
from har.settings import Settings
from tests.datasets.conftest import Server, files

Make = Callable[[int], bytes]
Home = Callable[..., Settings]

CLIPS = [f"v_{label}_g0{group}_c01.avi" for label in ("TaiChi", "YoYo") for group in (1, 2, 3)]


@pytest.fixture
def served(server: Server, video: Make, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server with six clips of two classes, and patience that tests can bear."""
    monkeypatch.setattr(ucf101, "_PAUSE_SEC", 0.0)
    monkeypatch.setattr(ucf101, "_DIRECTORY_BYTES", 2048)
    serve(server, tmp_path, {f"UCF101/{name}": video(number) for number, name in enumerate(CLIPS)})
    home(ucf101_url=server.url)
    return server


def serve(server: Server, tmp_path: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "served.zip", "w") as archive:  # stored, as videos hardly shrink
        for name, content in contents.items():
            archive.writestr(name, content)
    server.content = (tmp_path / "served.zip").read_bytes()


def test_classes_are_listed_with_what_they_weigh(served: Server, video: Make) -> None:
    tai_chi, yo_yo = ucf101.classes()
    assert (tai_chi.label, tai_chi.clip_count, tai_chi.ready) == ("TaiChi", 3, False)
    assert tai_chi.size_bytes == sum(len(video(number)) for number in range(3))
    assert yo_yo.label == "YoYo"


def test_the_list_is_kept_for_when_there_is_no_network(served: Server) -> None:
    before = ucf101.classes()
    served.status = 503
    assert ucf101.classes() == before


def test_only_the_chosen_class_is_fetched(served: Server, video: Make, tmp_path: Path) -> None:
    ucf101.classes()
    served.asked.clear()
    events: list[SourceEvent] = []
    folder = ucf101.fetch(["tai chi"], events.append)
    assert files(folder) == {f"TaiChi/{name}": len(video(number)) for number, name in enumerate(CLIPS[:3])}
    assert [video.group for video in open_folder(folder).videos] == ["g01", "g02", "g03"]
    assert [entry.ready for entry in ucf101.classes()] == [True, False]
    directory, *clips = served.asked
    assert directory == "bytes=-2048"
    assert max(int(asked.split("-")[1]) for asked in clips) < served.content.index(b"UCF101/v_YoYo_g01_c01.avi")
    last = events[-1]
    assert isinstance(last, Downloading)
    assert 0 < last.done_bytes <= last.total_bytes == sum(len(video(number)) for number in range(3))


def test_what_is_here_is_not_fetched_again(served: Server) -> None:
    ucf101.fetch(["TaiChi"])
    served.status = 500
    ucf101.fetch(["TaiChi"])


def test_a_connection_that_breaks_once_recovers(served: Server, video: Make) -> None:
    ucf101.classes()
    served.break_after, served.breaks = len(video(1)) // 2, 1
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3


def test_a_connection_that_keeps_breaking_is_told_and_gone_on_with(served: Server, video: Make, tmp_path: Path) -> None:
    ucf101.classes()

    def break_from_now_on(event: SourceEvent) -> None:
        served.break_after, served.breaks = len(video(1)) // 2, -1

    with pytest.raises(DownloadFailed, match="is kept"):
        ucf101.fetch(["TaiChi"], break_from_now_on)
    datasets = tmp_path / "home/datasets"
    assert not (datasets / "ucf101").exists()
    kept = files(datasets)
    assert len(kept) == 1  # the first clip, whole; nothing of the second
    assert not [name for name in kept if "part" in name]
    served.break_after = None
    served.asked.clear()
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3
    assert len(served.asked) == 3  # the directory and the two clips that were missing
    assert files(datasets).keys() == {f"ucf101/TaiChi/{name}" for name in CLIPS[:3]}


def test_a_server_without_range_support_is_told(served: Server, tmp_path: Path) -> None:
    served.ranges = False
    with pytest.raises(DownloadFailed, match="does not send parts"):
        ucf101.classes()
    assert files(tmp_path / "home") == {}


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_told_with_its_number(served: Server, status: int) -> None:
    served.status = status
    with pytest.raises(DownloadFailed, match=str(status)):
        ucf101.classes()


def test_a_refusal_is_not_asked_for_again(served: Server) -> None:
    ucf101.classes()
    served.asked.clear()
    served.status = 404
    with pytest.raises(DownloadFailed):
        ucf101.fetch(["TaiChi"])
    assert len(served.asked) == 1


def test_a_server_that_sends_more_than_asked_for_is_refused(served: Server) -> None:
    ucf101.classes()
    served.asked.clear()
    served.too_much = 10
    with pytest.raises(DownloadFailed):
        ucf101.fetch(["TaiChi"])
    assert len(served.asked) == 6  # the directory ends with the file; the clip does not


def test_a_directory_that_is_damaged_meanwhile_is_told(served: Server) -> None:
    ucf101.classes()
    served.content = served.content[:-40] + bytes(40)
    with pytest.raises(DownloadDamaged):
        ucf101.fetch(["TaiChi"])


def test_a_class_is_in_its_place_before_the_next(served: Server, video: Make, tmp_path: Path) -> None:
    ucf101.classes()
    content = bytearray(served.content)
    content[content.index(video(5)) + 50] ^= 255
    served.content = bytes(content)
    with pytest.raises(DownloadDamaged, match="YoYo"):
        ucf101.fetch(["TaiChi", "YoYo"])
    assert len(files(tmp_path / "home/datasets/ucf101")) == 3


def test_another_zip_on_the_server_is_listed_anew(served: Server, video: Make, tmp_path: Path) -> None:
    ucf101.classes()
    serve(served, tmp_path, {f"UCF101/v_TaiChi_g0{number}_c01.avi": video(number + 10) for number in (1, 2, 3)})
    with pytest.raises(DownloadDamaged, match="another file now"):
        ucf101.fetch(["TaiChi"])
    assert len(files(ucf101.fetch(["TaiChi"]))) == 3


def test_a_name_that_is_not_known_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("har.datasets.fetching.http._RETRIES", 0)
    home(ucf101_url="http://no-such-host.invalid/x.zip")
    with pytest.raises(DownloadFailed, match=r"The address no-such-host\.invalid is not known"):
        ucf101.classes()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.zip", "http://no-such-host.invalid/x.zip", "ftp://a/b", "x"])
def test_a_server_that_is_not_there_is_told(home: Home, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("har.datasets.fetching.http._RETRIES", 0)
    home(ucf101_url=url)
    with pytest.raises(DownloadFailed):
        ucf101.classes()


def test_a_certificate_that_does_not_verify_is_told(
    home: Home, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    def unverified(*arguments: object, **more: object) -> None:
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests.Session, "get", unverified)
    home(ucf101_url=server.url)
    with pytest.raises(DownloadFailed, match="could not prove"):
        ucf101.classes()


def test_a_corrupted_clip_is_named(served: Server, video: Make, tmp_path: Path) -> None:
    ucf101.classes()
    content = bytearray(served.content)
    content[content.index(video(0)) + 50] ^= 255
    served.content = bytes(content)
    with pytest.raises(DownloadDamaged, match="v_TaiChi_g01_c01"):
        ucf101.fetch(["TaiChi"])
    assert files(tmp_path / "home") == {}


def test_a_clip_that_is_text_is_named(served: Server, tmp_path: Path) -> None:
    serve(served, tmp_path, {"UCF101/v_TaiChi_g01_c01.avi": b"hello " * 100})
    ucf101.classes()
    served.asked.clear()
    with pytest.raises(DownloadDamaged, match="is not a video"):
        ucf101.fetch(["TaiChi"])
    assert len(served.asked) == 1  # so short a file comes with its directory
    assert files(tmp_path / "home") == {}


def test_entries_that_cannot_be_trusted_are_not_listed(served: Server, video: Make, tmp_path: Path) -> None:
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
    [entry] = ucf101.classes()
    assert (entry.label, entry.clip_count) == ("TaiChi", 1)
    ucf101.fetch(["TaiChi"])
    assert files(tmp_path / "home").keys() == {"datasets/ucf101/TaiChi/v_TaiChi_g01_c01.avi"}


def test_a_zip_of_too_many_entries_is_refused(served: Server, home: Home, tmp_path: Path) -> None:
    serve(served, tmp_path, {f"v_A_g01_c{number}.avi": b"" for number in range(101)})
    home(ucf101_url=served.url, max_archive_entries=100)
    with pytest.raises(DownloadDamaged, match="not the zip"):
        ucf101.classes()


def test_a_directory_beyond_measure_is_not_read(
    served: Server, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "served.zip", "w") as archive:
        for number in range(100):
            archive.writestr(f"v_A_g01_c{number}.avi", b"")
    served.content = (tmp_path / "served.zip").read_bytes()
    home(ucf101_url=served.url, max_archive_entries=1)
    monkeypatch.setattr(ucf101, "_DIRECTORY_BYTES", 100)
    with pytest.raises(DownloadFailed):
        ucf101.classes()
    assert served.sent_bytes < 1000


@pytest.mark.parametrize("content", [b"", b"hello " * 1000])
def test_what_is_no_zip_is_told(served: Server, content: bytes) -> None:
    served.content = content
    with pytest.raises((DownloadDamaged, DownloadFailed)):
        ucf101.classes()


def test_stopping_keeps_whole_clips_only(served: Server, video: Make, tmp_path: Path) -> None:
    def stop(event: SourceEvent) -> None:
        if isinstance(event, Downloading) and event.done_bytes > len(video(0)):
            raise StopRequested

    ucf101._TOLD_SEC = 0.0
    try:
        with pytest.raises(StopRequested):
            ucf101.fetch(["TaiChi"], stop)
    finally:
        ucf101._TOLD_SEC = 0.1
    assert files(tmp_path / "home").keys() == {f"datasets/.ucf101-unfinished/TaiChi/{CLIPS[0]}"}
    with only_download():  # the lock is free
        pass


def test_a_class_that_is_not_there_is_named(served: Server) -> None:
    with pytest.raises(LabelsError, match="Swimming"):
        ucf101.fetch(["TaiChi", "Swimming"])


def test_too_much_at_once_is_refused(served: Server, home: Home, tmp_path: Path) -> None:
    home(ucf101_url=served.url, max_download_bytes=1000)
    with pytest.raises(DownloadFailed, match="fewer classes"):
        ucf101.fetch(["TaiChi"])
    assert files(tmp_path / "home") == {}


def test_a_disk_without_room_is_told(served: Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home(ucf101_url=served.url, min_free_bytes=1 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(DownloadFailed, match="must stay free"):
        ucf101.fetch(["TaiChi"])


def _hold(lock_at: str, held: Any, let_go: Any) -> None:
    from har.datasets.fetching import limits

    limits.settings = lambda: Settings(home=Path(lock_at))
    with limits.only_download():
        held.set()
        let_go.wait(30)


def test_one_download_at_a_time_whatever_the_process(served: Server, tmp_path: Path) -> None:
    ucf101.classes()
    context = multiprocessing.get_context("spawn")
    held, let_go = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(tmp_path / "home"), held, let_go))
    process.start()
    try:
        assert held.wait(30)
        with pytest.raises(DownloadBusy):
            ucf101.fetch(["TaiChi"])
    finally:
        let_go.set()
        process.join()
    ucf101.fetch(["TaiChi"])


def test_presets_are_what_they_say() -> None:
    assert {name: len(labels) if labels else None for name, labels in ucf101.PRESETS.items()} == {
        "The tutorial's four": 4,
        "The 50 of UCF50": 50,
        "All": None,
    }
    tutorial, fifty = ucf101.PRESETS["The tutorial's four"], ucf101.PRESETS["The 50 of UCF50"]
    assert tutorial
    assert fifty
    assert set(tutorial) < set(fifty)
    assert len(set(fifty)) == 50
