"""Every upload box: its limit is shown and enforced, a full disk is reported, and memory is freed."""

from pathlib import Path

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from har.errors import UploadMissing, UploadTooLarge
from har.settings import settings
from har.storage import quota
from tests.pages import test_annotate
from tests.ui import train_pages
from tests.ui.data_pages import press, ran, texts, video_bytes
from tests.ui.explore import test_sources
from ui import uploads

OWNER = "u" * 22


def annotate_page():
    page = test_annotate.open_page()
    return page.segmented_control(key="source").set_value("Your own video").run(), "Annotate"


def clips_page():
    page = archive_page()[0]
    return page.text_input(key="own-label-0").set_value("Juggling").run(), "Add these clips"


def archive_page():
    return test_sources.open_page(), "Add this archive"


def run_page():
    return train_pages.open_train(owner=OWNER), "Import it"


BOXES = {  # the page, which of its boxes, a file's name
    "annotate": (annotate_page, 0, "a.mp4"),
    "clips": (clips_page, 0, "a.mp4"),
    "archive": (archive_page, 1, "a.zip"),
    "run": (run_page, -1, "run.zip"),
}


@pytest.fixture(params=BOXES)
def box(request):
    """A page with a small file in one of its boxes, and the label of its button."""
    make, number, name = BOXES[request.param]
    page, button = make()
    assert "200 MB" in texts(page)
    page.file_uploader[number].upload(name, video_bytes() if name == "a.mp4" else b"x" * 5000, "video/mp4")
    return ran(page), button


def folders():
    return {path for parent in (settings().jobs, settings().own_datasets) for path in parent.glob("*")}


@pytest.mark.promise("hostile", "Limits on uploads hold on the server")
def test_a_file_over_the_limit_is_refused_and_removed(box, monkeypatch):
    page, button = box
    save = quota.save_upload
    monkeypatch.setattr(quota, "save_upload", lambda source, path, limit: save(source, path, limit // 100_000))
    before = folders()
    page = press(page, button)
    assert "That is the limit for uploads here" in texts(page)
    assert folders() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_reported_and_nothing_stays(box, monkeypatch):
    page, button = box
    whole = Path.open

    def opened(path, mode="r", *rest, **named):
        return open("/dev/full", "wb", buffering=0) if mode == "xb" else whole(path, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", opened)
    before = folders()
    page = press(page, button)
    assert "disk is full" in texts(page)
    assert folders() == before


def test_memory_is_freed_after_the_copy(box, monkeypatch):
    page, button = box
    dropped = []
    monkeypatch.setattr(uploads, "release", lambda *files: dropped.extend(files))
    press(page, button)
    assert len(dropped) == 1


@pytest.fixture
def held(monkeypatch, tmp_path, override):
    """An upload that is held on disk, as a page gets it."""
    override(home=tmp_path)
    record = UploadedFileRec("id", "a.mp4", "video/mp4", uploads.OnDisk(b"x" * 100))

    class Context:
        session_id = "session"
        uploaded_file_mgr = MemoryUploadedFileManager("/upload")

    Context.uploaded_file_mgr.add_file("session", record)
    monkeypatch.setattr(uploads, "get_script_run_ctx", Context)
    return UploadedFile(record, None)


def test_an_upload_on_disk_is_saved_and_read_like_one_in_memory(held, tmp_path):
    assert uploads.save(held, tmp_path, "0", 100).read_bytes() == b"x" * 100
    assert uploads.save(held, tmp_path, "1", 100, uploads.content(held)).read_bytes() == b"x" * 100
    assert uploads.read(held, 30) == b"x" * 30
    with pytest.raises(UploadTooLarge):
        uploads.save(held, tmp_path, "2", 99)


def test_release_removes_the_file_once_nothing_reads_it(held):
    data = uploads.content(held)
    uploads.release(held)
    assert data.path.stat().st_size == 100
    del data
    assert list(settings().uploads.iterdir()) == []


def test_an_upload_that_was_removed_meanwhile_is_reported(held, tmp_path):
    data = uploads.content(held)
    data.path.unlink()
    with pytest.raises(UploadMissing, match="Upload it again"):
        uploads.read(held, 30)
    uploads.release(held)
    with pytest.raises(UploadMissing, match="Upload it again"):
        uploads.save(held, tmp_path, "0", 100)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a.MP4", "0.mp4"), ("a", "0"), ("../../x.sh", "0.sh"), ("a.m\u202ep4", "0"), ("x" * 999 + ".avi", "0.avi")],
)
def test_only_the_ending_of_a_name_is_kept(name, kept, tmp_path):
    file = UploadedFile(UploadedFileRec("id", name, "video/mp4", b"x"), None)
    assert uploads.save(file, tmp_path, "0", 10) == tmp_path / kept
