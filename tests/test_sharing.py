"""Links to results: ids that cannot be guessed, one per result, removed with it, and useful for nothing else."""

import errno
import os
import re
import time
from pathlib import Path

import pytest

from har import sharing
from har.errors import DiskFull, LinkMissing
from har.settings import settings
from har.sharing import SharedKind, SharedResult

RESULT_ID = "Ow-ner_Ow-ner_Ow-ner_0"


@pytest.fixture(params=list(SharedKind))
def result(request, tmp_path, override) -> SharedResult:
    """A stored result, in a home of its own."""
    override(home=tmp_path)
    result = SharedResult(request.param, RESULT_ID)
    result.folder.mkdir(parents=True)
    return result


def link_files() -> list[Path]:
    return list(settings().links.glob("*"))


def test_link_leads_to_its_result_and_is_the_only_one(result):
    assert sharing.find_link(result) is None
    link_id = sharing.share(result)
    assert sharing.open_link(link_id) == result
    assert sharing.share(result) == sharing.find_link(result) == link_id
    (file,) = link_files()
    assert file.name == link_id
    assert RESULT_ID in file.read_text()  # stored, so it outlives the app


def test_ids_cannot_be_guessed_or_derived(result):
    ids = set()
    for _ in range(50):
        ids.add(sharing.share(result))
        sharing.stop_sharing(result)
    assert len(ids) == 50  # although they are of the same result
    assert all(re.fullmatch(r"[\w-]{22}", each, re.ASCII) for each in ids)  # 128 bits
    assert RESULT_ID not in ids


def test_link_stays_dead_when_its_result_is_shared_again(result):
    link_id = sharing.share(result)
    sharing.stop_sharing(result)
    assert link_files() == []
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    assert sharing.share(result) != link_id
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)


@pytest.mark.promise("private", "A shared link ends with its result")
def test_link_dies_with_its_result(result):
    link_id = sharing.share(result)
    result.folder.rmdir()
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    sharing.remove_dead_links()
    assert link_files() == []
    with pytest.raises(LinkMissing):
        sharing.share(result)


@pytest.mark.promise("private", "A shared link does not extend how long a result is kept")
def test_sharing_and_viewing_do_not_extend_how_long_a_result_is_kept(result):
    changed_at = time.time() - 3600
    os.utime(result.folder, (changed_at, changed_at))
    before = result.folder.stat().st_mtime
    sharing.open_link(sharing.share(result))
    sharing.stop_sharing(result)
    assert result.folder.stat().st_mtime == before


@pytest.mark.parametrize(
    "link_id", ["", ".", "..", "../jobs", "a" * 21, "a" * 5000, "\0" * 22, "é" * 22, "../" * 7 + "x"]
)
def test_invalid_id_leads_nowhere(link_id):
    with pytest.raises(LinkMissing, match="nothing at this link"):
        sharing.open_link(link_id)


@pytest.mark.parametrize(
    "text", ["", "{", '{"kind": "run", "id": "../../etc"}', '{"kind": "x", "id": "' + "a" * 22 + '"}']
)
def test_damaged_link_leads_nowhere(result, text):
    link_id = sharing.share(result)
    (settings().links / link_id).write_text(text)
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    sharing.remove_dead_links()
    assert sharing.share(result) != link_id


def test_full_disk_is_reported(result, monkeypatch):
    def fail(path, text):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(sharing.atomic, "write_text", fail)
    with pytest.raises(DiskFull, match="disk is full"):
        sharing.share(result)
