"""Decoded videos on disk: decoded once, shared, healed when damaged."""

import errno
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from har.clips import ClipSpec, cache, cached, decode, find_cached
from har.errors import NotAVideo
from har.settings import reload_settings, settings
from har.video import VideoInfo, probe, write_video

SPEC = ClipSpec(4, 16, 24, 0.4)


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> VideoInfo:
    """Ten samples of a video that changes."""
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    write_video(path, (np.full((64, 64, 3), 20 * number, np.uint8) for number in range(10)), Fraction(10))
    return probe(path)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that no other test has written to."""
    monkeypatch.setenv("HAR_HOME", str(tmp_path))
    reload_settings()
    yield tmp_path
    monkeypatch.undo()
    reload_settings()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[ClipSpec]:
    """What was decoded."""
    told: list[ClipSpec] = []

    def counted(info: VideoInfo, spec: ClipSpec) -> np.ndarray:
        told.append(spec)
        return decode(info, spec)

    monkeypatch.setattr(cache, "decode", counted)
    return told


def files() -> list[Path]:
    return [path for path in settings().clips.rglob("*") if path.is_file()]


def test_a_video_is_decoded_once_and_comes_back_as_it_was(info: VideoInfo, decoded: list[ClipSpec]) -> None:
    expected = decode(info, SPEC)
    assert find_cached("video", SPEC) is None
    for _ in range(3):
        np.testing.assert_array_equal(cached("video", info, SPEC), expected)
    np.testing.assert_array_equal(find_cached("video", SPEC), expected)
    assert decoded == [SPEC]


@pytest.mark.parametrize(
    "other", [{"frames": 5}, {"height": 24}, {"width": 16}, {"span_sec": 0.3}, {"fit": "crop"}, {"zoom": 1.5}]
)
def test_two_specs_do_not_mix(info: VideoInfo, decoded: list[ClipSpec], other: dict[str, object]) -> None:
    specs = [SPEC, replace(SPEC, **other)]  # type: ignore[arg-type]
    for spec in specs * 2:
        np.testing.assert_array_equal(cached("video", info, spec), decode(info, spec))
    assert decoded == specs


def test_two_videos_do_not_mix(info: VideoInfo, decoded: list[ClipSpec]) -> None:
    cached("video", info, SPEC)
    assert find_cached("other", SPEC) is None
    cached("other", info, SPEC)
    assert len(decoded) == 2


def test_another_version_of_the_sampling_is_decoded_anew(info: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("video", info, SPEC)
    monkeypatch.setattr(cache, "_VERSION", -1)
    assert find_cached("video", SPEC) is None


def test_what_is_kept_cannot_be_written_to(info: VideoInfo) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="read-only"):
            cached("video", info, SPEC)[0] = 0


def array_file(array: np.ndarray, folder: Path) -> bytes:
    np.save(folder / "array.npy", array)
    return (folder / "array.npy").read_bytes()


@pytest.mark.parametrize(
    "damage", ["empty", "head only", "cut off", "text", "short", "size", "depth", "kind", "object"]
)
def test_a_damaged_file_is_replaced(info: VideoInfo, decoded: list[ClipSpec], tmp_path: Path, damage: str) -> None:
    expected = np.array(cached("video", info, SPEC))
    (path,) = files()
    data = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "head only": data[:60],
            "cut off": data[:-1],
            "text": b"no array at all" * 100,
            "short": array_file(expected[:3], tmp_path),
            "size": array_file(expected[:, :8], tmp_path),
            "depth": array_file(expected[..., 0], tmp_path),
            "kind": array_file(expected.astype(np.float32), tmp_path),
            "object": array_file(np.array([None]), tmp_path),
        }[damage]
    )
    assert find_cached("video", SPEC) is None
    np.testing.assert_array_equal(cached("video", info, SPEC), expected)
    np.testing.assert_array_equal(find_cached("video", SPEC), expected)
    assert len(decoded) == 2


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 127), st.binary(min_size=1, max_size=8))
def test_a_garbled_head_never_surprises(info: VideoInfo, place: int, garbage: bytes) -> None:
    cached("video", info, SPEC)
    (path,) = files()
    data = bytearray(path.read_bytes())
    data[place : place + len(garbage)] = garbage
    path.write_bytes(bytes(data))
    found = find_cached("video", SPEC)
    assert found is None or (found.dtype == np.uint8 and found.shape[1:] == SPEC.shape[1:])
    path.unlink()


def test_what_went_to_make_room_is_decoded_anew_and_stays_readable_where_it_is_in_use(
    info: VideoInfo, decoded: list[ClipSpec]
) -> None:
    expected = decode(info, SPEC)
    in_use = cached("video", info, SPEC)
    (path,) = files()
    path.unlink()
    np.testing.assert_array_equal(in_use, expected)
    np.testing.assert_array_equal(cached("video", info, SPEC), expected)
    assert len(decoded) == 2


def test_a_file_that_goes_between_finding_and_opening_is_decoded_anew(
    info: VideoInfo, decoded: list[ClipSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    cached("video", info, SPEC)
    found = cache.kept_clips().find

    def evicted(key: str) -> Path | None:
        path = found(key)
        monkeypatch.undo()
        if path:
            path.unlink()
        return path

    monkeypatch.setattr(cache.kept_clips(), "find", evicted)
    assert find_cached("video", SPEC) is None


@pytest.mark.parametrize("limit", ["0", "1000000"])
def test_without_room_it_is_decoded_all_the_same(info: VideoInfo, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("HAR_CLIP_CACHE_BYTES", limit)
    reload_settings()
    samples = cached("video", info, SPEC)
    assert isinstance(samples, np.memmap) == (limit != "0")
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, decode(info, SPEC))


def test_a_full_disk_is_put_up_with(info: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    samples = cached("video", info, SPEC)
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, decode(info, SPEC))
    assert not files()


def test_it_is_a_file_that_numpy_reads(info: VideoInfo) -> None:
    for shape in ((4, 1, 1, 3), (123456, 64, 64, 3)):
        assert len(cache._head(shape)) == cache._HEAD_BYTES
    samples = cached("video", info, SPEC)
    np.testing.assert_array_equal(np.load(files()[0]), samples)


def test_what_cannot_be_read_leaves_nothing(info: VideoInfo, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(NotAVideo):
        cached("broken", probe(tmp_path / "broken.mp4"), SPEC)
    assert not files()


def test_files_are_let_go(info: VideoInfo) -> None:
    cached("video", info, SPEC)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2000):
        cached("video", info, SPEC)
    assert len(os.listdir("/proc/self/fd")) < before + 100  # others open and close some meanwhile


def sum_of(info: VideoInfo) -> int:
    return int(sum(int(cached(f"video {number}", info, SPEC).sum()) for number in range(10)))


def test_two_processes_at_once_get_the_same(info: VideoInfo) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sums = pool.map(sum_of, [info] * 4, chunksize=1)
    assert set(sums) == {10 * int(decode(info, SPEC).sum())}
    assert len(files()) == 10
