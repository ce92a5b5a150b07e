import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from har.errors import ClassifierDamaged
from har.networks.weights import read_weights, write_weights

EXPECTED = {"conv/kernel": (3, 2), "conv/bias": (2,)}


def arrays(**changes: np.ndarray) -> dict[str, np.ndarray]:
    return {"conv|kernel": np.ones((3, 2), "f4"), "conv|bias": np.zeros(2, "f4")} | changes


def npz(path: Path, members: dict[str, np.ndarray]) -> Path:
    np.savez(path, **members)  # type: ignore[arg-type]
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.npz"


def test_written_arrays_are_read_unchanged(path: Path) -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 2)).astype("f4")
    write_weights(path, {"conv/kernel": kernel, "conv/bias": np.zeros(2, "f4")})
    found = read_weights(path, EXPECTED)
    np.testing.assert_array_equal(found["conv/kernel"], kernel)


def test_half_precision_is_read_as_full_precision(path: Path) -> None:
    npz(path, {name: array.astype("f2") for name, array in arrays().items()})
    assert {array.dtype for array in read_weights(path, EXPECTED).values()} == {np.dtype("f4")}


@pytest.mark.parametrize(
    "changes",
    [
        {"conv|kernel": np.ones((2, 3), "f4")},
        {"conv|kernel": np.ones((3, 2), "f8")},
        {"conv|kernel": np.ones((3, 2), "i4")},
        {"conv|kernel": np.ones((3, 2), ">f4")},
        {"conv|kernel": np.array([[1, np.nan], [1, 1], [1, 1]], "f4")},
        {"conv|bias": np.array([np.inf, 0], "f2")},
        {"conv|kernel": np.array([[{}] * 2] * 3)},
        {"more": np.ones(1, "f4")},
    ],
    ids=["shape", "double", "integer", "big-endian", "nan", "infinite", "pickled", "too many"],
)
def test_arrays_of_another_network_are_refused(path: Path, changes: dict[str, np.ndarray]) -> None:
    npz(path, arrays(**changes))
    with pytest.raises(ClassifierDamaged) as caught:
        read_weights(path, EXPECTED)
    assert str(path) in str(caught.value)


def test_a_missing_array_is_named(path: Path) -> None:
    npz(path, {"conv|kernel": np.ones((3, 2), "f4")})
    with pytest.raises(ClassifierDamaged, match=r"conv\|bias"):
        read_weights(path, EXPECTED)


@pytest.mark.parametrize("keep", [None, 0, 200, -30])
def test_a_missing_or_truncated_file_is_refused(path: Path, keep: int | None) -> None:
    if keep is not None:
        path.write_bytes(npz(path, arrays()).read_bytes()[:keep])
    with pytest.raises(ClassifierDamaged):
        read_weights(path, EXPECTED)


def test_a_flipped_bit_is_detected(path: Path) -> None:
    content = bytearray(npz(path, arrays()).read_bytes())
    content[content.index(np.ones(1, "f4").tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(ClassifierDamaged):
        read_weights(path, EXPECTED)


@pytest.mark.promise("hostile", "Arrays of a classifier are compared with its network before they are unpacked")
def test_a_huge_array_is_refused_from_its_header(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred bytes could unpack to gigabytes, so headers are checked before anything is unpacked."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": (1 << 40,), "fortran_order": False, "descr": "<f4"})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conv|kernel.npy", header.getvalue())
        archive.writestr("conv|bias.npy", header.getvalue())
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("arrays were loaded before headers were checked"))
    with pytest.raises(ClassifierDamaged, match="1099511627776"):
        read_weights(path, EXPECTED)


def test_extra_bytes_after_an_array_are_refused(path: Path) -> None:
    good = io.BytesIO()
    np.save(good, np.zeros(2, "f4"))
    kernel = io.BytesIO()
    np.save(kernel, np.ones((3, 2), "f4"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conv|kernel.npy", kernel.getvalue() + bytes(1 << 20))
        archive.writestr("conv|bias.npy", good.getvalue())
    with pytest.raises(ClassifierDamaged, match="too few or too many bytes"):
        read_weights(path, EXPECTED)


def test_a_duplicate_member_is_refused(path: Path) -> None:
    npz(path, arrays())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("conv|bias.npy", b"")
    with pytest.raises(ClassifierDamaged):
        read_weights(path, EXPECTED)


@pytest.mark.parametrize("header", ["(" * 900, "-" * 900 + "1", "{1:" * 300, "__import__('os')", "{'descr': '|O', "])
def test_a_header_is_never_evaluated(path: Path, header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python literals can be nested so deeply that parsing them takes any amount of memory."""
    monkeypatch.setattr("ast.literal_eval", lambda *_: pytest.fail("a header was evaluated"))
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conv|kernel.npy", member)
        archive.writestr("conv|bias.npy", member)
    with pytest.raises(ClassifierDamaged):
        read_weights(path, EXPECTED)


def test_only_compression_methods_of_numpy_are_unpacked(path: Path) -> None:
    npz(path, arrays())
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ClassifierDamaged, match="unknown compression"):
        read_weights(path, EXPECTED)
