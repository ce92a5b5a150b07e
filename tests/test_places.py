import builtins
import secrets

import fsspec
import pytest

from har import places
from har.errors import PlaceError


@pytest.fixture(params=["path", "file", "memory"])
def root(request, tmp_path):
    return {
        "path": str(tmp_path / "root"),
        "file": f"file://{tmp_path}/root",
        "memory": f"memory://{secrets.token_hex(4)}",
    }[request.param]


def test_what_is_put_somewhere_is_found_there_and_comes_back(root, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made/a.txt").write_text("first")
    places.put(tmp_path / "made", f"{root}/results")
    (tmp_path / "made/a.txt").write_text("second")
    places.put(tmp_path / "made", f"{root}/results")
    assert places.names(root) == {"results"}
    assert places.size_bytes(f"{root}/results/a.txt") == 6
    (tmp_path / "back").mkdir()
    assert places.fetch(f"{root}/results/a.txt", tmp_path / "back").read_text() == "second"


def test_a_file_is_read_as_it_was_written_and_nothing_is_none(root):
    assert places.read(f"{root}/deep/file") is None
    assert places.names(root) == frozenset()
    places.write(f"{root}/deep/file", b"1")
    places.write(f"{root}/deep/file", b"22")
    assert places.read(f"{root}/deep/file") == b"22"
    assert places.names(f"{root}/deep") == {"file"}
    places.remove(f"{root}/deep/file")
    places.remove(f"{root}/deep/file")
    assert places.read(f"{root}/deep/file") is None


def test_only_paths_and_files_are_on_this_machine(tmp_path):
    assert places.local_path("a/b.mp4").parts == ("a", "b.mp4")
    assert places.local_path(f"file://{tmp_path}/b.mp4") == tmp_path / "b.mp4"
    assert places.local_path("memory://b.mp4") is None


@pytest.mark.parametrize(
    "text", ["ftp://host/x.mp4", "simplecache::s3://a/b", "zip://a::s3://b", "://x", "github://a/b", "http://a/b"]
)
def test_other_kinds_of_urls_are_refused(text):
    with pytest.raises(PlaceError, match="There are paths, and"):
        places.check(text)


def test_a_url_does_not_lead_on_to_another(tmp_path):
    (tmp_path / "x").write_text("secret")
    assert places.read(f"memory://x::file://{tmp_path}/x") is None


@pytest.mark.parametrize("text", ["memory://", "memory://a/..", "file:///"])
def test_a_url_without_a_name_is_refused(text):
    with pytest.raises(PlaceError):
        places.name_of(text)


def test_what_must_be_installed_is_said(monkeypatch):
    really = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("s3fs"):
            raise ImportError(name)
        return really(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    fsspec.registry._registry.pop("s3", None) if hasattr(fsspec.registry, "_registry") else None
    with pytest.raises(PlaceError, match="pip install s3fs"):
        places.check("s3://bucket/video.mp4")


def test_what_goes_wrong_there_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError, match="cannot be used"):
        places.put(tmp_path, str(tmp_path / "file/inside"))
    with pytest.raises(PlaceError, match="No such file"):
        places.size_bytes(str(tmp_path / "none"))
