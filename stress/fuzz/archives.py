"""Mutated archives, as uploads for a visitor's own data set: unpacked, checked, opened."""

import bz2
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from har.datasets import open_dataset, user_sets
from har.errors import DatasetError
from stress.fuzz import byte_changes, seeds
from stress.fuzz.case import Case
from stress.fuzz.tripwire import TOKEN, Tripwire

_NAMES = (
    "run/a.mp4", "walk/b.avi", "run/a.mp4", "RUN/A.MP4", "deep/er/c.mp4", "groups.csv", "run/groups.csv",
    "../out.mp4", "run/../../out.mp4",
    "/tmp/out.mp4", "//host/share/x.mp4", "C:\\x.mp4", "..\\..\\x.mp4", "run\\x.mp4", "run/x.mp4\0.txt",
    "\x1b[2Jx.mp4", "run/\u202egpj.mp4",
    "run/" + "n" * 300 + ".mp4", "d/" * 40 + "x.mp4", "run/.hidden.mp4", "__MACOSX/x.mp4", "run", "run/",
    "run/a.mp4/b.mp4", "", ".", "..",
    "./run/e.mp4", "run//f.mp4", "con.mp4", "run/ä\u0308ö.mp4", "run/\ud800.mp4", "-rf.mp4", "run/x.mp4 ",
    "run/%s%n.mp4", "run/file:x.mp4",
    "run/x.m3u8", "run/x.zip", "run/<b>x</b>.mp4", "~root/x.mp4", "run/\n.mp4", "run/" + "é" * 130 + ".mp4",
    "*/x.mp4", "run/x..mp4", "...",
)  # fmt: skip
_SUFFIXES = (".zip", ".tar", ".tgz", ".tar.xz", ".7z", ".rar", ".mp4", "", ".gz")

Entry = tuple[str, bytes]


class Archives:
    """Cases of the kind `archive`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self._videos = list(seeds.videos(folder / "seeds", ("mpeg4.mp4", "vp9.webm", "small.gif", "h264.flv")).values())
        self.tripwire = Tripwire(folder / "planted", self._videos[0])

    def generate(self, index: int) -> tuple[str, str, bytes]:
        """A description, a file name and the content."""
        rng = random.Random(f"{self._seed} archive {index}")
        write = rng.choice(
            (_zip, _zip, _zip, _inconsistent_zip, _tar, _tar, _odd_tar, _seven_zip, _rar, _zip_bomb, _many_entries)
        )
        data = write(self._entries(rng), rng, self.tripwire)
        description = write.__name__.strip("_")
        others = [data, *self._videos]
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
            if data:
                change = rng.choice(byte_changes.ALL)
                data, description = change(data, others, rng), f"{description}, {change.__name__}"
        return description, f"upload{rng.choice(_SUFFIXES)}", data

    def make_case(self, index: int, folder: Path) -> Case:
        """Write it to the folder; the target unpacks and opens it."""
        description, name, data = self.generate(index)
        (folder / name).write_bytes(data)
        return Case(description, lambda: self._process(folder / name), {name})

    def _entries(self, rng: random.Random) -> list[Entry]:
        contents = (
            *self._videos,
            *self._videos,
            b"file,group\na,b\n",
            b"#EXTM3U\n" + str(self.tripwire.video).encode(),
            b"",
        )
        names = (_NAMES, _NAMES[:5])
        return [(rng.choice(rng.choice(names)), rng.choice(contents)) for _ in range(rng.choice((0, 1, 2, 2, 3, 4)))]

    def _process(self, path: Path) -> object:
        name = user_sets.new_name()
        skipped = user_sets.add_archive(name, path)
        folder = user_sets.dataset_folder(name)
        for inner in folder.rglob("*"):
            if (
                inner.is_symlink()
                or not (inner.is_dir() or inner.is_file())
                or (inner.stat().st_nlink > 2 and inner.is_file())
            ):
                raise TypeError(f"{inner} is neither a file nor a folder")
            if inner.is_file() and TOKEN.encode() in inner.read_bytes():
                raise TypeError("the planted text was extracted")
        try:
            return skipped, [video.label for video in open_dataset(name).videos]
        except DatasetError as error:  # only one clip, or an invalid table: the page shows this
            return skipped, str(error)


def _zip(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """With links, devices and various compression methods."""
    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "w") as packed:  # about duplicate names
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name.encode("utf-8", "replace").decode()
            info.compress_type = rng.choice((0, 8, 8, 12, 14))
            mode = rng.choice(
                (0, 0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFSOCK)
            )
            info.external_attr = (mode | 0o777) << 16
            info.extra = rng.choice((b"", b"", struct.pack("<HHQQ", 1, 16, 1 << 60, 1), b"\x75\x70\x05\0\x01../x"))
            info.comment = rng.choice((b"", b"c" * 200))
            packed.writestr(info, str(tripwire.text).encode() if mode == stat.S_IFLNK else content)
        packed.comment = rng.choice((b"", b"PK\x05\x06" + bytes(18), b"x" * 60_000))
    return out.getvalue()


def _inconsistent_zip(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """Wrong sizes, offsets, counts and methods, in the central directory and the local headers."""
    data = bytearray(_zip(entries, rng, tripwire))
    for mark, fields in ((b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 32, 38, 42)), (b"PK\x03\x04", (6, 8, 14, 18, 22,
    26)),
                         (b"PK\x05\x06", (4, 8, 10, 12, 16, 20))):  # fmt: skip
        at = data.find(mark)
        while at >= 0:
            if rng.random() < 0.5:
                value = byte_changes.number(rng)[:4]
                place = at + rng.choice(fields)
                data[place : place + len(value)] = value
            at = data.find(mark, at + 4)
    return bytes(data)


def _tar(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """With links and devices, compressed or not."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=rng.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))) as packed:
        for name, content in entries:
            info = tarfile.TarInfo(name.encode("utf-8", "replace").decode()[:90])
            case_sources = (tarfile.REGTYPE,) * 4 + (
                tarfile.SYMTYPE,
                tarfile.LNKTYPE,
                tarfile.CHRTYPE,
                tarfile.FIFOTYPE,
                tarfile.DIRTYPE,
            )
            info.type = rng.choice(case_sources)
            info.linkname = rng.choice((str(tripwire.text), "../../x", "run/a.mp4", "run"))[:90]
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            info.mode = rng.choice((0o644, 0o4777, 0))
            packed.addfile(info, io.BytesIO(content))
    return _compress(out.getvalue(), rng)


def _odd_tar(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """With extended headers that override names, sizes and holes."""
    description = {
        "path": rng.choice(_NAMES).encode("utf-8", "replace").decode(), "size": str(rng.choice(byte_changes.NUMBERS)),
        "linkpath": str(tripwire.text), "GNU.sparse.realsize": "99999999999", "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.map": "0,1,99999999999,1", "SCHILY.filetype": "sparse", "hdrcharset": "BINARY", "mtime": "1e400",
    }  # fmt: skip
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for _, content in entries:
            info = tarfile.TarInfo("run/a.mp4")
            info.size = len(content)
            info.pax_headers = {name: description[name] for name in rng.sample(sorted(description), 2)}
            packed.addfile(info, io.BytesIO(content))
    data = bytearray(out.getvalue())
    if len(data) > 1024 and rng.random() < 0.5:  # a size in the header itself, in octal or base 256
        at = 512 * rng.randrange(len(data) // 512) + 124
        data[at : at + 12] = rng.choice(
            (b"77777777777\0", b"\x80" + bytes(3) + b"\xff" * 8, b"\xff" * 12, b"-1\0" + bytes(9))
        )
    return _compress(bytes(data), rng)


def _compress(data: bytes, rng: random.Random) -> bytes:
    pack: Callable[[bytes], bytes] = rng.choice((bytes, bytes, gzip.compress, bz2.compress, lzma.compress, _twice))
    return pack(data)


def _twice(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


def _seven_zip(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """A 7z archive, if this machine can write one."""
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError):
        return _zip(entries, rng, tripwire)
    parts: list[bytes] = []

    def take(block: bytes) -> int:
        parts.append(bytes(block))
        return len(block)

    with libarchive.custom_writer(take, "7zip") as packed:
        for name, content in entries:
            plain = name.encode("utf-8", "replace").decode().replace("\0", "") or "x"
            packed.add_file_from_memory(plain, len(content), content)  # the writer crashes with anything but files
    return b"".join(parts)


def _rar(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """A RAR 4 archive of stored files, built here because no free program writes one."""
    blocks = [b"Rar!\x1a\x07\x00", _rar_block(0x73, 0, bytes(6))]
    for name, content in entries:
        plain = name.encode("utf-8", "replace")
        size = rng.choice((len(content),) * 4 + byte_changes.NUMBERS[-6:-3])
        method, attributes = rng.choice((0x30, 0x30, 0x33)), rng.choice((0o100644, 0o120777, 0o040755))
        head = struct.pack(
            "<IIBIIBBHI", len(content), size, 3, zlib.crc32(content), 0x5A21_0000, 29, method, len(plain), attributes
        )
        blocks.append(_rar_block(0x74, 0x8000, head + plain) + content)
    return b"".join([*blocks, _rar_block(0x7B, 0x4000, b"")])


def _rar_block(kind: int, flags: int, rest: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def _zip_bomb(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """Megabytes of zeros in a few kilobytes, or an archive in an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("run/zeros.mp4", bytes(rng.choice((1, 12, 40)) << 20))
        packed.writestr("run/inner.zip", _zip(entries, rng, tripwire))
    data = out.getvalue()
    if rng.random() < 0.4:
        claimed = struct.pack("<I", rng.choice((100, 0xFFFFFFFF, 1 << 30)))
        at = data.find(b"PK\x01\x02") + 24
        data = byte_changes.put(data, at, claimed)
    return data if rng.random() < 0.7 else gzip.compress(bytes(20 << 20))


def _many_entries(entries: list[Entry], rng: random.Random, tripwire: Tripwire) -> bytes:
    """More entries than allowed, or all with the same name."""
    out = io.BytesIO()
    count, one = rng.choice((300, 501, 2000)), rng.random() < 0.5
    with tarfile.open(fileobj=out, mode="w") as packed:
        for number in range(count):
            packed.addfile(tarfile.TarInfo("run/notes.txt" if one else f"run/{number}.txt"))
    return _compress(out.getvalue(), rng)
