import builtins
import secrets

import fsspec
import pytest

from har.errors import PlaceError
from har.storage import remote


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
    remote.put(tmp_path / "made", f"{root}/results")
    (tmp_path / "made/a.txt").write_text("second")
    remote.put(tmp_path / "made", f"{root}/results")
    assert remote.names(root) == {"results"}
    assert remote.size_bytes(f"{root}/results/a.txt") == 6
    (tmp_path / "back").mkdir()
    assert remote.fetch(f"{root}/results/a.txt", tmp_path / "back").read_text() == "second"


def test_a_file_is_read_as_it_was_written_and_nothing_is_none(root):
    assert remote.read(f"{root}/deep/file") is None
    assert remote.names(root) == frozenset()
    remote.write(f"{root}/deep/file", b"1")
    remote.write(f"{root}/deep/file", b"22")
    assert remote.read(f"{root}/deep/file") == b"22"
    assert remote.names(f"{root}/deep") == {"file"}
    remote.remove(f"{root}/deep/file")
    remote.remove(f"{root}/deep/file")
    assert remote.read(f"{root}/deep/file") is None


def test_only_paths_and_files_are_on_this_machine(tmp_path):
    assert remote.local_path("a/b.mp4").parts == ("a", "b.mp4")
    assert remote.local_path(f"file://{tmp_path}/b.mp4") == tmp_path / "b.mp4"
    assert remote.local_path("memory://b.mp4") is None


@pytest.mark.parametrize(
    "text", ["ftp://host/x.mp4", "simplecache::s3://a/b", "zip://a::s3://b", "://x", "github://a/b", "http://a/b"]
)
def test_other_kinds_of_urls_are_refused(text):
    with pytest.raises(PlaceError, match="There are paths, and"):
        remote.check(text)


def test_a_url_does_not_lead_on_to_another(tmp_path):
    (tmp_path / "x").write_text("secret")
    assert remote.read(f"memory://x::file://{tmp_path}/x") is None


@pytest.mark.parametrize("text", ["memory://", "memory://a/..", "file:///"])
def test_a_url_without_a_name_is_refused(text):
    with pytest.raises(PlaceError):
        remote.name_of(text)


def test_what_must_be_installed_is_said(monkeypatch):
    really = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("s3fs"):
            raise ImportError(name)
        return really(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    fsspec.registry._registry.pop("s3", None) if hasattr(fsspec.registry, "_registry") else None
    with pytest.raises(PlaceError, match="pip install s3fs"):
        remote.check("s3://bucket/video.mp4")


def test_what_goes_wrong_there_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError, match="cannot be used"):
        remote.put(tmp_path, str(tmp_path / "file/inside"))
    with pytest.raises(PlaceError, match="No such file"):
        remote.size_bytes(str(tmp_path / "none"))
