"""Links: ids that nobody can guess or derive, one a result, gone with it, and good for nothing else."""

import os
import re
import time
from pathlib import Path

import pytest

from har import results, sharing
from har.errors import LinkMissing, RunMissing
from har.runs import open_run
from har.settings import settings
from har.sharing import Kind, Result

OWNERS = "Ow-ner_Ow-ner_Ow-ner_0"


@pytest.fixture(params=list(Kind))
def result(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """One that is there, in a home of its own."""
    limits = settings().model_copy(update={"home": tmp_path})
    monkeypatch.setattr(sharing, "settings", lambda: limits)
    result = Result(request.param, OWNERS)
    result.folder.mkdir(parents=True)
    return result


def files(result: Result) -> list[str]:
    return [path.name for path in (result.folder.parent.parent / "links").glob("*")]


def test_a_link_leads_to_its_result_and_there_is_one_alone(result: Result) -> None:
    assert sharing.link_to(result) is None
    link_id = sharing.share(result)
    assert sharing.open_link(link_id) == result
    assert sharing.share(result) == sharing.link_to(result) == link_id
    assert files(result) == [link_id]


def test_ids_cannot_be_guessed_or_derived(result: Result) -> None:
    found = set()
    for _ in range(50):
        found.add(sharing.share(result))
        sharing.end_sharing(result)
    assert len(found) == 50  # of one and the same result: nothing but chance makes them
    assert all(re.fullmatch(r"[\w-]{22}", each, re.ASCII) for each in found)  # 128 bits
    assert OWNERS not in found


def test_a_link_outlives_the_app(result: Result) -> None:
    link_id = sharing.share(result)
    text = (result.folder.parent.parent / "links" / link_id).read_text()
    assert OWNERS in text  # on the disk and not in a process
    assert sharing.open_link(link_id) == result


def test_an_ended_link_is_dead_and_the_next_is_another(result: Result) -> None:
    link_id = sharing.share(result)
    sharing.end_sharing(result)
    assert files(result) == []
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    assert sharing.share(result) != link_id
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)


def test_a_link_dies_with_its_result(result: Result) -> None:
    link_id = sharing.share(result)
    result.folder.rmdir()
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    sharing.sweep()
    assert files(result) == []
    with pytest.raises(LinkMissing):
        sharing.share(result)


def test_sharing_and_looking_do_not_keep_a_result_longer(result: Result) -> None:
    then = time.time() - 3600
    os.utime(result.folder, (then, then))
    before = result.folder.stat().st_mtime
    sharing.open_link(sharing.share(result))
    sharing.end_sharing(result)
    assert result.folder.stat().st_mtime == before


def test_an_owners_id_is_no_link_and_a_link_no_owners_id(result: Result) -> None:
    link_id = sharing.share(result)
    with pytest.raises(LinkMissing):
        sharing.open_link(OWNERS)
    for folder in (settings().jobs, settings().runs):
        assert not (folder / link_id).exists()
    assert not results.is_annotated(settings().jobs / link_id)
    with pytest.raises(RunMissing):
        open_run(link_id)


@pytest.mark.parametrize(
    "link_id", ["", ".", "..", "../jobs", "a" * 21, "a" * 5000, "\0" * 22, "é" * 22, "../" * 7 + "x"]
)
def test_what_is_no_id_leads_nowhere(link_id: str) -> None:
    with pytest.raises(LinkMissing, match="nothing under this link"):
        sharing.open_link(link_id)


@pytest.mark.parametrize(
    "text", ["", "{", '{"kind": "run", "id": "../../etc"}', '{"kind": "x", "id": "' + "a" * 22 + '"}']
)
def test_a_damaged_link_leads_nowhere(result: Result, text: str) -> None:
    link_id = sharing.share(result)
    path = result.folder.parent.parent / "links" / link_id
    path.write_text(text)
    with pytest.raises(LinkMissing):
        sharing.open_link(link_id)
    sharing.sweep()
    assert sharing.share(result) != link_id
