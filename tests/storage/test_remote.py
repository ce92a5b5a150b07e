import builtins
import secrets

import fsspec
import pytest

from har.errors import LocationError
from har.storage import remote


@pytest.fixture(params=["path", "file", "memory"])
def root(request, tmp_path):
    return {
        "path": str(tmp_path / "root"),
        "file": f"file://{tmp_path}/root",
        "memory": f"memory://{secrets.token_hex(4)}",
    }[request.param]


def test_uploaded_folder_can_be_listed_and_downloaded(root, tmp_path):
    (tmp_path / "made").mkdir()
    for text in ("first", "second"):
        (tmp_path / "made/a.txt").write_text(text)
        remote.upload_folder(tmp_path / "made", f"{root}/results")
    assert remote.list_names(root) == {"results"}
    assert remote.size_bytes(f"{root}/results/a.txt") == 6
    (tmp_path / "back").mkdir()
    assert remote.fetch(f"{root}/results/a.txt", tmp_path / "back").read_text() == "second"


def test_file_is_written_read_replaced_and_removed(root):
    assert remote.read(f"{root}/deep/file") is None
    assert remote.list_names(root) == frozenset()
    remote.write(f"{root}/deep/file", b"1")
    remote.write(f"{root}/deep/file", b"22")
    assert remote.read(f"{root}/deep/file") == b"22"
    assert remote.list_names(f"{root}/deep") == {"file"}
    remote.remove(f"{root}/deep/file")
    remote.remove(f"{root}/deep/file")
    assert remote.read(f"{root}/deep/file") is None


def test_only_paths_and_file_urls_are_local(tmp_path):
    assert remote.local_path("a/b.mp4").parts == ("a", "b.mp4")
    assert remote.local_path(f"file://{tmp_path}/b.mp4") == tmp_path / "b.mp4"
    assert remote.local_path("memory://b.mp4") is None


def test_joining_keeps_urls_and_paths(tmp_path):
    assert remote.join("s3://bucket/out/", "x") == "s3://bucket/out/x"
    assert remote.join(str(tmp_path), "x") == str(tmp_path / "x")


@pytest.mark.parametrize(
    "url", ["ftp://host/x.mp4", "simplecache::s3://a/b", "zip://a::s3://b", "://x", "github://a/b", "http://a/b"]
)
def test_other_kinds_of_urls_are_refused(url):
    with pytest.raises(LocationError, match="Supported: paths, and"):
        remote.check(url)


def test_url_does_not_lead_on_to_another(tmp_path):
    (tmp_path / "x").write_text("secret")
    assert remote.read(f"memory://x::file://{tmp_path}/x") is None


@pytest.mark.parametrize("url", ["memory://", "memory://a/..", "file:///"])
def test_url_without_a_file_name_is_refused(url):
    with pytest.raises(LocationError):
        remote.file_name(url)


def test_missing_package_is_named(monkeypatch):
    import_module = builtins.__import__

    def import_without_s3(name, *rest, **more):
        if name.startswith("s3fs"):
            raise ImportError(name)
        return import_module(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", import_without_s3)
    fsspec.registry._registry.pop("s3", None) if hasattr(fsspec.registry, "_registry") else None
    with pytest.raises(LocationError, match="pip install s3fs"):
        remote.check("s3://bucket/video.mp4")


def test_errors_of_the_storage_are_put_into_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LocationError, match="cannot be used"):
        remote.upload_folder(tmp_path, str(tmp_path / "file/inside"))
    with pytest.raises(LocationError, match="No such file"):
        remote.size_bytes(str(tmp_path / "none"))
