"""Mutated archives, on the road of a visitor's own data set: unpacked, looked through, opened."""

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

from har.datasets import open_dataset
from har.datasets.sources import user
from har.errors import DatasetError
from stress.fuzz import damage, seeds
from stress.fuzz.canary import TOKEN, Canary
from stress.fuzz.case import Case

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
_ENDINGS = (".zip", ".tar", ".tgz", ".tar.xz", ".7z", ".rar", ".mp4", "", ".gz")

Entry = tuple[str, bytes]


class Archives:
    """Cases of the kind `archive`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self._videos = list(seeds.videos(folder / "seeds", ("mpeg4.mp4", "vp9.webm", "small.gif", "h264.flv")).values())
        self.canary = Canary(folder / "planted", self._videos[0])

    def make(self, index: int) -> tuple[str, str, bytes]:
        """What it is, a file's name, and its bytes."""
        chance = random.Random(f"{self._seed} archive {index}")
        write = chance.choice((_zip, _zip, _zip, _lying_zip, _tar, _tar, _odd_tar, _seven, _rar, _bomb, _many))
        data = write(self._entries(chance), chance, self.canary)
        told = write.__name__.strip("_")
        others = [data, *self._videos]
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
            if data:
                change = chance.choice(damage.ALL)
                data, told = change(data, others, chance), f"{told}, {change.__name__}"
        return told, f"upload{chance.choice(_ENDINGS)}", data

    def run(self, index: int, folder: Path) -> Case:
        """Take one along the road."""
        told, name, data = self.make(index)
        (folder / name).write_bytes(data)
        return Case(told, lambda: self._road(folder / name), {name})

    def _entries(self, chance: random.Random) -> list[Entry]:
        contents = (
            *self._videos,
            *self._videos,
            b"file,group\na,b\n",
            b"#EXTM3U\n" + str(self.canary.video).encode(),
            b"",
        )
        names = (_NAMES, _NAMES[:5])
        return [
            (chance.choice(chance.choice(names)), chance.choice(contents))
            for _ in range(chance.choice((0, 1, 2, 2, 3, 4)))
        ]

    def _road(self, path: Path) -> object:
        name = user.new_name()
        skipped = user.add_archive(name, path)
        folder = user.folder_of(name)
        for inside in folder.rglob("*"):
            if (
                inside.is_symlink()
                or not (inside.is_dir() or inside.is_file())
                or (inside.stat().st_nlink > 2 and inside.is_file())
            ):
                raise TypeError(f"{inside} is neither a file nor a folder")
            if inside.is_file() and TOKEN.encode() in inside.read_bytes():
                raise TypeError("the planted text was unpacked")
        try:
            return skipped, [video.label for video in open_dataset(name).videos]
        except DatasetError as error:  # a set of one clip, or a table that cannot be: which the page tells
            return skipped, str(error)


def _zip(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """With links, devices, secrets, and other ways of packing."""
    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "w") as packed:  # of names that come twice
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name.encode("utf-8", "replace").decode()
            info.compress_type = chance.choice((0, 8, 8, 12, 14))
            mode = chance.choice(
                (0, 0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFSOCK)
            )
            info.external_attr = (mode | 0o777) << 16
            info.extra = chance.choice((b"", b"", struct.pack("<HHQQ", 1, 16, 1 << 60, 1), b"\x75\x70\x05\0\x01../x"))
            info.comment = chance.choice((b"", b"c" * 200))
            packed.writestr(info, str(canary.text).encode() if mode == stat.S_IFLNK else content)
        packed.comment = chance.choice((b"", b"PK\x05\x06" + bytes(18), b"x" * 60_000))
    return out.getvalue()


def _lying_zip(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """Sizes, places, counts and ways of packing that are not so, in its directory and before its files."""
    data = bytearray(_zip(entries, chance, canary))
    for mark, fields in ((b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 32, 38, 42)), (b"PK\x03\x04", (6, 8, 14, 18, 22,
    26)),
                         (b"PK\x05\x06", (4, 8, 10, 12, 16, 20))):  # fmt: skip
        at = data.find(mark)
        while at >= 0:
            if chance.random() < 0.5:
                value = damage.number(chance)[:4]
                place = at + chance.choice(fields)
                data[place : place + len(value)] = value
            at = data.find(mark, at + 4)
    return bytes(data)


def _tar(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """With links and devices, packed or not."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=chance.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))) as packed:
        for name, content in entries:
            info = tarfile.TarInfo(name.encode("utf-8", "replace").decode()[:90])
            kinds = (tarfile.REGTYPE,) * 4 + (
                tarfile.SYMTYPE,
                tarfile.LNKTYPE,
                tarfile.CHRTYPE,
                tarfile.FIFOTYPE,
                tarfile.DIRTYPE,
            )
            info.type = chance.choice(kinds)
            info.linkname = chance.choice((str(canary.text), "../../x", "run/a.mp4", "run"))[:90]
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            info.mode = chance.choice((0o644, 0o4777, 0))
            packed.addfile(info, io.BytesIO(content))
    return _packed(out.getvalue(), chance)


def _odd_tar(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """With headers that change what the next one says: names, sizes, holes."""
    told = {
        "path": chance.choice(_NAMES).encode("utf-8", "replace").decode(), "size": str(chance.choice(damage.NUMBERS)),
        "linkpath": str(canary.text), "GNU.sparse.realsize": "99999999999", "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.map": "0,1,99999999999,1", "SCHILY.filetype": "sparse", "hdrcharset": "BINARY", "mtime": "1e400",
    }  # fmt: skip
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for _, content in entries:
            info = tarfile.TarInfo("run/a.mp4")
            info.size = len(content)
            info.pax_headers = {name: told[name] for name in chance.sample(sorted(told), 2)}
            packed.addfile(info, io.BytesIO(content))
    data = bytearray(out.getvalue())
    if len(data) > 1024 and chance.random() < 0.5:  # a size in the header itself, octal or in base 256
        at = 512 * chance.randrange(len(data) // 512) + 124
        data[at : at + 12] = chance.choice(
            (b"77777777777\0", b"\x80" + bytes(3) + b"\xff" * 8, b"\xff" * 12, b"-1\0" + bytes(9))
        )
    return _packed(bytes(data), chance)


def _packed(data: bytes, chance: random.Random) -> bytes:
    pack: Callable[[bytes], bytes] = chance.choice((bytes, bytes, gzip.compress, bz2.compress, lzma.compress, _twice))
    return pack(data)


def _twice(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


def _seven(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """A 7z, if the machine can write one."""
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError):
        return _zip(entries, chance, canary)
    parts: list[bytes] = []

    def take(block: bytes) -> int:
        parts.append(bytes(block))
        return len(block)

    with libarchive.custom_writer(take, "7zip") as packed:
        for name, content in entries:
            plain = name.encode("utf-8", "replace").decode().replace("\0", "") or "x"
            packed.add_file_from_memory(plain, len(content), content)  # with anything but files the writer itself dies
    return b"".join(parts)


def _rar(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """A rar of the fourth version, its files not packed; made by hand, for nothing free writes one."""
    blocks = [b"Rar!\x1a\x07\x00", _rar_block(0x73, 0, bytes(6))]
    for name, content in entries:
        plain = name.encode("utf-8", "replace")
        size = chance.choice((len(content),) * 4 + damage.NUMBERS[-6:-3])
        method, attributes = chance.choice((0x30, 0x30, 0x33)), chance.choice((0o100644, 0o120777, 0o040755))
        head = struct.pack(
            "<IIBIIBBHI", len(content), size, 3, zlib.crc32(content), 0x5A21_0000, 29, method, len(plain), attributes
        )
        blocks.append(_rar_block(0x74, 0x8000, head + plain) + content)
    return b"".join([*blocks, _rar_block(0x7B, 0x4000, b"")])


def _rar_block(kind: int, flags: int, rest: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def _bomb(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """Megabytes of nothing in a few kilobytes; or an archive in an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("run/zeros.mp4", bytes(chance.choice((1, 12, 40)) << 20))
        packed.writestr("run/inner.zip", _zip(entries, chance, canary))
    data = out.getvalue()
    if chance.random() < 0.4:
        claimed = struct.pack("<I", chance.choice((100, 0xFFFFFFFF, 1 << 30)))
        at = data.find(b"PK\x01\x02") + 24
        data = damage.put(data, at, claimed)
    return data if chance.random() < 0.7 else gzip.compress(bytes(20 << 20))


def _many(entries: list[Entry], chance: random.Random, canary: Canary) -> bytes:
    """More entries than are allowed, or all of one name."""
    out = io.BytesIO()
    count, one = chance.choice((300, 501, 2000)), chance.random() < 0.5
    with tarfile.open(fileobj=out, mode="w") as packed:
        for number in range(count):
            packed.addfile(tarfile.TarInfo("run/notes.txt" if one else f"run/{number}.txt"))
    return _packed(out.getvalue(), chance)
