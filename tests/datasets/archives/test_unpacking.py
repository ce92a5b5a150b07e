import errno
import gzip
import io
import shutil
import stat
import struct
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from har.datasets import Note
from har.datasets.archives import unpacking
from har.datasets.folder import open_folder
from har.errors import ArchiveRefused, StopRequested
from har.progress import Stage
from har.settings import MIB
from tests.datasets.conftest import MakeVideo, SetSettings, files, stop_when, zipped

pytestmark = [pytest.mark.media, pytest.mark.usefixtures("home")]


def has_libarchive() -> bool:
    try:
        import libarchive  # noqa: F401
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    return True


TEXT = b"hello " * 100  # not a video
ZEROS = bytes(11 * MIB)
needs_libarchive = pytest.mark.skipif(not has_libarchive(), reason="no libarchive on this machine; .ci/run installs it")


def packed(kind: str, contents: dict[str, bytes], **options: Any) -> bytes:
    """An archive as bytes: 'zip', 'tar', 'tgz', '7z' or 'rar' (version 4, stored)."""
    memory = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in contents.items():
                out.writestr(name, content)
    elif kind == "7z":
        import libarchive

        with libarchive.custom_writer(memory.write, "7zip") as out:
            for name, content in contents.items():
                out.add_file_from_memory(name, len(content), content)
    elif kind == "rar":
        memory.write(b"Rar!\x1a\x07\x00" + rar_block(struct.pack("<BHHHI", 0x73, 0, 13, 0, 0)))
        for name, content in contents.items():
            sizes = struct.pack("<IIBII", len(content), len(content), 3, zlib.crc32(content), 0x21 << 16)
            kind_of_file = struct.pack("<BBHI", 20, 0x30, len(name), 0o100644)
            header = struct.pack("<BHH", 0x74, 0x8000, 32 + len(name)) + sizes + kind_of_file + name.encode()
            memory.write(rar_block(header) + content)
        memory.write(rar_block(struct.pack("<BHH", 0x7B, 0x4000, 7)))
    else:
        with tarfile.open(fileobj=memory, mode="w:gz" if kind == "tgz" else "w", **options) as out:
            for name, content in contents.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))
    return memory.getvalue()


def rar_block(body: bytes) -> bytes:
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def patch_last_entry(archive: Path, at: int, new: bytes) -> None:
    """Change what the directory of a zip says about its last entry."""
    raw = bytearray(archive.read_bytes())
    at += raw.rindex(b"PK\x01\x02")
    raw[at : at + len(new)] = new
    archive.write_bytes(raw)


def assert_refused(archive: Path, tmp_path: Path, match: str) -> None:
    """The archive is refused, and nothing is left behind."""
    before = files(tmp_path)
    with pytest.raises(ArchiveRefused, match=match):
        unpacking.unpack(archive, tmp_path / "out")
    assert files(tmp_path) == before
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".unpacking-*"))


@pytest.mark.promise("hostile", "Archives cannot write outside their folder")
def test_entries_outside_the_folder_are_skipped(tmp_path: Path, video: MakeVideo) -> None:
    reasons = {
        "../run/evil.avi": "leads outside",
        "run/../../evil.avi": "leads outside",
        "..\\..\\evil.avi": "leads outside",
        "/etc/evil.avi": "an absolute path",
        "C:\\evil.avi": "an absolute path",
        "run/e\x1b[2Jvil.avi": "control characters in its name",
    }
    inner = packed("zip", {"../../evil.mp4": video(2), "run/a.mp4": video(2)})
    archive = zipped(
        tmp_path / "a.zip", {"run/good.mp4": video(1)} | dict.fromkeys(reasons, video(2)) | {"in.zip": inner}
    )
    skipped = {item.name: item.reason for item in unpacking.unpack(archive, tmp_path / "in/out")}
    assert skipped == {name.replace("\x1b", "?"): reason for name, reason in reasons.items()} | {
        "../../evil.mp4": "leads outside"
    }
    assert files(tmp_path).keys() == {"a.zip", "in/out/run/good.mp4", "in/out/in/run/a.mp4"}


def test_entries_that_cannot_be_unpacked_are_skipped_with_the_reason(tmp_path: Path, video: MakeVideo) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:  # stored, so that bytes can be changed in place
        out.writestr("run/good.mp4", video(1))
        out.writestr("run/bad.mp4", video(2))
        for name, mode in (("run/link.avi", stat.S_IFLNK), ("run/device.avi", stat.S_IFCHR)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode | 0o777) << 16
            out.writestr(info, b"/etc/passwd")
        out.writestr("run/bz2.avi", bytes(1000), zipfile.ZIP_BZIP2)
        out.writestr("run/lzma.avi", bytes(1000), zipfile.ZIP_LZMA)
        out.writestr("run/secret.mp4", video(3))
    damaged = video(2)[:100] + bytes([video(2)[100] ^ 255]) + video(2)[101:]
    archive.write_bytes(archive.read_bytes().replace(video(2), damaged))
    patch_last_entry(archive, 8, b"\1")
    assert {item.name: item.reason for item in unpacking.unpack(archive, tmp_path / "out")} == {
        "run/bad.mp4": "damaged",
        "run/link.avi": "a link or a device",
        "run/device.avi": "a link or a device",
        "run/bz2.avi": "an unknown compression method",
        "run/lzma.avi": "an unknown compression method",
        "run/secret.mp4": "encrypted",
    }
    assert files(tmp_path / "out").keys() == {"run/good.mp4"}


@needs_libarchive
def test_links_and_devices_in_a_tar_are_skipped(tmp_path: Path, video: MakeVideo) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as out:
        good = tarfile.TarInfo("run/good.mp4")
        good.size = len(video(1))
        out.addfile(good, io.BytesIO(video(1)))
        for name, kind in (("l.avi", tarfile.SYMTYPE), ("h.avi", tarfile.LNKTYPE), ("d.avi", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(f"run/{name}")
            info.type, info.linkname = kind, "run/good.mp4" if kind == tarfile.LNKTYPE else "/etc/passwd"
            out.addfile(info)
        through = tarfile.TarInfo("run/l.avi/x.mp4")  # through the link
        through.size = len(video(2))
        out.addfile(through, io.BytesIO(video(2)))
    skipped = unpacking.unpack(tmp_path / "a.tar", tmp_path / "out")
    assert {item.name for item in skipped} == {"run/l.avi", "run/h.avi", "run/d.avi"}
    assert files(tmp_path / "out").keys() == {"run/good.mp4", "run/l.avi/x.mp4"}
    assert not (tmp_path / "out/run/l.avi").is_symlink()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("run/text.avi", TEXT, "not a video"),
        ("text.avi", TEXT, "not a video"),  # named without the temporary folder
        ("run/b.RMVB", b"RMF", "convert it"),
        ("run/good.mp4/a.mp4", TEXT, "a file and a folder have the same name"),
        ("a/" * 20 + "x.mp4", TEXT, "too deep"),
        (("a" * 200 + "/") * 6 + "x.mp4", TEXT, "too deep"),
        ("in.zip", b"PK", "damaged"),
        ("in.zip", b"PK\x03\x04" + bytes(99), "damaged"),
        ("in.zip", b"Rar!\x1a\x07\x00" + bytes(90), "damaged"),
    ],
)
def test_files_that_are_not_videos_are_skipped(
    tmp_path: Path, video: MakeVideo, name: str, content: bytes, reason: str
) -> None:
    archive = zipped(tmp_path / "a.zip", {"run/good.mp4": video(1), "run/notes.txt": b"", name: content})
    [skipped] = unpacking.unpack(archive, tmp_path / "out")
    assert skipped.name == name[:300]
    assert reason in skipped.reason
    assert files(tmp_path / "out").keys() == {"run/good.mp4"}


def test_an_archive_without_videos_is_refused_with_the_reason(tmp_path: Path) -> None:
    assert_refused(zipped(tmp_path / "a.zip", {"run/text.avi": TEXT}), tmp_path, "text.avi is not a video")
    assert_refused(zipped(tmp_path / "b.zip", {"inner.zip": b"PK"}), tmp_path, "no usable video")


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        (["zip"], "run/zeros.avi"),
        (["zip", "zip"], "run/zeros.avi"),
        pytest.param(["tgz"], "run/zeros.avi", marks=needs_libarchive),
        pytest.param(["tgz"], "notes.txt", marks=needs_libarchive),  # ignored, but decompressed
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, kinds: list[str], name: str) -> None:
    contents = {name: ZEROS}
    for kind in kinds:
        contents = {"run/in.zip": packed(kind, contents)}
    (tmp_path / "a.zip").write_bytes(contents["run/in.zip"])
    assert_refused(tmp_path / "a.zip", tmp_path, "100 times its size")


@pytest.mark.promise("hostile", "Zip bombs are not unpacked")
def test_a_zip_bomb_with_a_false_size_is_skipped(tmp_path: Path, video: MakeVideo) -> None:
    archive = zipped(tmp_path / "a.zip", {"run/good.mp4": video(1), "run/zeros.avi": ZEROS})
    patch_last_entry(archive, 24, struct.pack("<I", 1000))
    skipped = unpacking.unpack(archive, tmp_path / "out")
    assert [item.name for item in skipped] == ["run/zeros.avi"]
    assert files(tmp_path / "out").keys() == {"run/good.mp4"}


def test_an_announced_size_over_the_limit_is_refused(tmp_path: Path, home: SetSettings) -> None:
    home(max_video_bytes=1 << 40, max_unpacked_bytes=1 << 30)
    archive = zipped(tmp_path / "a.zip", {"run/a.avi": bytes(1000)})
    patch_last_entry(archive, 20, struct.pack("<II", 0xF0000000, 0xFFFFFFF0))
    assert_refused(archive, tmp_path, "more than 1.0 GB")


def test_a_video_over_the_limit_is_skipped(tmp_path: Path, video: MakeVideo, home: SetSettings) -> None:
    home(max_video_bytes=len(video(1)) + 100)
    archive = zipped(tmp_path / "a.zip", {"run/good.mp4": video(1), "run/big.mp4": video(1) + bytes(500)})
    [skipped] = unpacking.unpack(archive, tmp_path / "out")
    assert skipped.name == "run/big.mp4"


@pytest.mark.parametrize("announced", [65_535, 1])  # the count may be false
def test_100_000_entries_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: int) -> None:
    many_entries(tmp_path / "a.zip", 100_000, announced)

    def never(*arguments: object) -> None:
        raise AssertionError("its directory was read")

    monkeypatch.setattr(zipfile.ZipFile, "__init__", never)
    assert_refused(tmp_path / "a.zip", tmp_path, "too many entries")


def many_entries(path: Path, count: int, announced: int) -> None:
    """A zip with a directory of nameless entries."""
    entry = b"PK\x01\x02" + struct.pack("<4B4HL2L5H2L", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, announced, announced, count * len(entry), 30, 0)
    path.write_bytes(b"PK\x03\x04" + bytes(26) + entry * count + end)


def test_entries_without_a_name_are_skipped(tmp_path: Path) -> None:
    many_entries(tmp_path / "a.zip", 3, announced=3)
    assert_refused(tmp_path / "a.zip", tmp_path, "no name")


@needs_libarchive
def test_many_entries_of_a_tar_are_refused(tmp_path: Path, home: SetSettings) -> None:
    home(max_archive_entries=100)
    (tmp_path / "a.tar").write_bytes(packed("tar", {f"run/{number}.avi": b"" for number in range(101)}))
    assert_refused(tmp_path / "a.tar", tmp_path, "too many entries")


def test_long_and_non_ascii_names_are_kept_as_far_as_possible(tmp_path: Path, video: MakeVideo) -> None:
    long, longer = "ü" * 125 + ".mp4", "x" * 400
    names = [f"prüfung 检查/{long}", f"prüfung 检查/{longer}1.mp4", f"prüfung 检查/{longer}2.mp4", "🤸/a.mp4"]
    archive = zipped(tmp_path / "a.zip", {name: video(number) for number, name in enumerate(names)})
    assert unpacking.unpack(archive, tmp_path / "out") == ()
    dataset = open_folder(tmp_path / "out")
    assert dataset.labels == ("prüfung 检查", "🤸")
    assert len(dataset.videos) == 4
    assert {item.path.suffix for item in dataset.videos} == {".mp4"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_with_the_same_name_get_numbers(tmp_path: Path, video: MakeVideo) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for number in range(3):
            out.writestr("run/a.mp4", video(number))
    assert unpacking.unpack(tmp_path / "a.zip", tmp_path / "out") == ()
    assert files(tmp_path / "out") == {f"run/a{end}.mp4": len(video(n)) for n, end in enumerate(("", "-2", "-3"))}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 nothing more",
        b"Rar!\x1a\x07\x00" + bytes(90),
        TEXT,
        packed("zip", {"run/a.mp4": TEXT, "run/b.mp4": TEXT})[:-100],
    ],
)
def test_damaged_archives_and_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert_refused(tmp_path / "a.zip", tmp_path, r"a\.zip")


def test_without_libarchive_a_tar_is_refused_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.tar").write_bytes(packed("tar", {"run/a.avi": b""}))
    monkeypatch.setitem(sys.modules, "libarchive", None)
    assert_refused(tmp_path / "a.tar", tmp_path, "pack the videos in a zip file")


def test_cancelling_leaves_nothing_behind(tmp_path: Path, video: MakeVideo) -> None:
    archive = zipped(tmp_path / "a.zip", {f"run/{number}.mp4": video(number) for number in range(3)})
    before = files(tmp_path)
    with pytest.raises(StopRequested):
        unpacking.unpack(archive, tmp_path / "out", stop_when(lambda progress: progress.stage is Stage.CHECK_VIDEOS))
    assert files(tmp_path) == before


def test_too_little_disk_space_and_a_full_disk_are_reported(
    tmp_path: Path, video: MakeVideo, home: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "a.zip", {"run/a.mp4": video(1)})
    home(min_free_bytes=1 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 99, 1))
    assert_refused(archive, tmp_path, "must stay free")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(unpacking._Unpacker, "_copy", full)
    assert_refused(archive, tmp_path, "the disk is full")


def test_a_long_list_of_skipped_files_is_shortened(tmp_path: Path, video: MakeVideo) -> None:
    contents = {f"../{number}.avi": b"" for number in range(250)} | {"run/good.mp4": video(1)}
    skipped = unpacking.unpack(zipped(tmp_path / "a.zip", contents), tmp_path / "out")
    assert len(skipped) == 201
    assert skipped[-1].name == "50 more"


@needs_libarchive
def test_an_archive_compressed_twice_is_refused(tmp_path: Path, video: MakeVideo) -> None:
    (tmp_path / "b.gz").write_bytes(gzip.compress(packed("tgz", {"run/good.mp4": video(1)})))
    assert_refused(tmp_path / "b.gz", tmp_path, "more than once")


@needs_libarchive
def test_a_list_of_files_outside_the_archive_is_refused(tmp_path: Path, video: MakeVideo) -> None:
    (tmp_path / "secret.mp4").write_bytes(video(1))
    (tmp_path / "a.tar").write_text(f"#mtree\n./run/a.mp4 type=file contents={tmp_path}/secret.mp4 size=1000\n")
    assert_refused(tmp_path / "a.tar", tmp_path, "not an archive")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("zip", "zip"),
        *(
            pytest.param(*kinds, marks=needs_libarchive)
            for kinds in [("tar", "zip"), ("tgz", "rar"), ("rar", "tgz"), ("7z", "7z")]
        ),
    ],
)
def test_videos_and_tables_of_archives_and_those_in_them_are_unpacked(
    tmp_path: Path, video: MakeVideo, outer: str, inner: str
) -> None:
    contents = {
        "hmdb/walk/d.avi": video(3),
        f"hmdb/wave.{inner}": packed(inner, {"wave/a.avi": video(1), "wave/._b.avi": b"x"}),
        f"hmdb/clap.{inner}": packed(inner, {"c.avi": video(2)}),  # its label is the archive's name
        "hmdb/readme.txt": b"hello",
        "__MACOSX/hmdb/._x.avi": b"junk",
        "groups.csv": b"file,group\nd.avi,dan\n",
    }
    (tmp_path / "hmdb").write_bytes(packed(outer, contents))  # the kind does not depend on the suffix
    assert unpacking.unpack(tmp_path / "hmdb", tmp_path / "out") == ()
    unpacked = {"groups.csv", "hmdb/clap/c.avi", "hmdb/walk/d.avi", "hmdb/wave/wave/a.avi"}
    assert files(tmp_path / "out").keys() == unpacked
    found = {item.label: (item.group, item.path.read_bytes()) for item in open_folder(tmp_path / "out").videos}
    assert found == {"clap": (None, video(2)), "walk": ("dan", video(3)), "wave": (None, video(1))}
    assert not list(tmp_path.glob(".unpacking-*"))


def test_archives_are_unpacked_one_level_down_only(tmp_path: Path, video: MakeVideo) -> None:
    inner = packed("zip", {"deep.zip": packed("zip", {"run/a.mp4": video(1)}), "run/b.mp4": video(2)})
    [skipped] = unpacking.unpack(zipped(tmp_path / "a.zip", {"inner.zip": inner}), tmp_path / "out")
    assert skipped.name == "deep.zip"
    assert "unpack it first" in skipped.reason
    assert files(tmp_path / "out").keys() == {"inner/run/b.mp4"}


@pytest.mark.promise("hostile", "Archives in archives are within the same limits")
def test_archives_in_an_archive_are_within_the_limits(tmp_path: Path, video: MakeVideo, home: SetSettings) -> None:
    home(max_archive_entries=10)
    inner = {f"{name}.zip": packed("zip", {f"run/{name}{n}.txt": b"" for n in range(6)}) for name in "ab"}
    assert_refused(zipped(tmp_path / "a.zip", inner), tmp_path, "too many entries")
    home(max_unpacked_bytes=len(video(1)) + 500)
    big = {"a.zip": packed("zip", {"run/a.mp4": video(1)})}
    assert_refused(zipped(tmp_path / "b.zip", big), tmp_path, "unpacks to more than")


def zip_with_raw_names(path: Path, contents: dict[bytes, bytes], extra: dict[bytes, bytes] | None = None) -> Path:
    """A zip whose names have no mark for UTF-8."""
    plain = {chr(97 + number) * len(name): name for number, name in enumerate(contents)}
    with zipfile.ZipFile(path, "w") as out:
        for ascii_name, name in plain.items():
            info = zipfile.ZipInfo(ascii_name)
            info.extra = (extra or {}).get(name, b"")
            out.writestr(info, contents[name])
    raw = path.read_bytes()
    for ascii_name, name in plain.items():
        raw = raw.replace(ascii_name.encode(), name)
    path.write_bytes(raw)
    return path


def test_names_in_utf_8_without_a_mark_are_read_as_utf_8(tmp_path: Path, video: MakeVideo) -> None:
    names = [unicodedata.normalize("NFD", f"Übungen/{label}/a.mp4") for label in ("Liegestütz", "空手")]
    archive = zip_with_raw_names(tmp_path / "a.zip", {name.encode(): video(n) for n, name in enumerate(names)})
    assert unpacking.unpack(archive, tmp_path / "out") == ()
    assert open_folder(tmp_path / "out").labels == ("Liegestütz", "空手")


@pytest.mark.parametrize(
    ("encoding", "labels", "title"), [("gbk", ("打太极", "跑步"), "GBK"), ("cp437", ("Größe", "Liegestütz"), "CP437")]
)
def test_names_in_other_encodings_are_decoded_with_a_note(
    tmp_path: Path, video: MakeVideo, encoding: str, labels: tuple[str, ...], title: str
) -> None:
    contents = {f"set/{label}/a.mp4".encode(encoding): video(number) for number, label in enumerate(labels)}
    [note] = unpacking.unpack(zip_with_raw_names(tmp_path / "a.zip", contents), tmp_path / "out")
    assert isinstance(note, Note)
    assert note.name == "a.zip"
    assert title in note.reason
    assert open_folder(tmp_path / "out").labels == labels


def test_a_unicode_name_in_the_extra_field_counts_if_it_belongs_to_the_name(tmp_path: Path, video: MakeVideo) -> None:
    right, wrong = b"r?n/a.mp4", b"j?mp/b.mp4"

    def field(name: bytes, text: str) -> bytes:
        content = b"\x01" + struct.pack("<I", zlib.crc32(name)) + text.encode()
        return struct.pack("<HH", 0x7075, len(content)) + content

    extra = {right: field(right, "rün/a.mp4"), wrong: field(b"other", "jümp/b.mp4")}
    archive = zip_with_raw_names(tmp_path / "a.zip", {right: video(1), wrong: video(2)}, extra)
    assert unpacking.unpack(archive, tmp_path / "out") == ()
    assert open_folder(tmp_path / "out").labels == ("j?mp", "rün")


@needs_libarchive
def test_names_of_a_tar_in_another_encoding_are_decoded_with_a_note(tmp_path: Path, video: MakeVideo) -> None:
    archive = packed("tar", {"prüfung/a.mp4": video(1)}, format=tarfile.GNU_FORMAT, encoding="latin-1")
    (tmp_path / "a.tar").write_bytes(archive)
    [note] = unpacking.unpack(tmp_path / "a.tar", tmp_path / "out")
    assert "Windows-1252" in note.reason
    assert open_folder(tmp_path / "out").labels == ("prüfung",)


def test_a_name_is_not_truncated_at_a_nul(tmp_path: Path, video: MakeVideo) -> None:
    archive = zipped(tmp_path / "a.zip", {"run/good.mp4": video(1), "run/evil.mp4#.txt": video(2)})
    archive.write_bytes(archive.read_bytes().replace(b"evil.mp4#", b"evil.mp4\0"))
    unpacking.unpack(archive, tmp_path / "out")
    assert files(tmp_path / "out").keys() == {"run/good.mp4"}


def test_an_impossible_offset_counts_as_damage(tmp_path: Path, video: MakeVideo) -> None:
    archive = zipped(tmp_path / "a.zip", {"run/good.mp4": video(1), "run/b.mp4": video(2)})
    raw = bytearray(archive.read_bytes())
    entry, end = raw.rindex(b"PK\x01\x02"), raw.rindex(b"PK\x05\x06")
    [directory_bytes] = struct.unpack_from("<I", raw, end + 12)
    raw[end + 12 : end + 16] = struct.pack("<I", directory_bytes + 12)
    raw[entry + 42 : entry + 46] = b"\xff" * 4
    raw[entry + 30 : entry + 32] = struct.pack("<H", 12)
    after_name = entry + 46 + len("run/b.mp4")
    raw[after_name:after_name] = struct.pack("<HHQ", 1, 8, (1 << 64) - 10)
    archive.write_bytes(raw)
    [skipped] = unpacking.unpack(archive, tmp_path / "out")
    assert (skipped.name, skipped.reason) == ("run/b.mp4", "damaged")


def test_an_existing_folder_is_not_changed(tmp_path: Path, video: MakeVideo) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x").write_text("x")
    with pytest.raises(ArchiveRefused, match="already exists"):
        unpacking.unpack(zipped(tmp_path / "a.zip", {"run/a.mp4": video(1)}), tmp_path / "out")
    assert files(tmp_path / "out").keys() == {"x"}
