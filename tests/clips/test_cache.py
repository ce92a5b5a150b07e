"""Decoded videos on disk: decoded once, shared, replaced when damaged."""

import errno
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from har.clips import ClipSpec, cache, decode, decode_cached, find_cached
from har.errors import NotAVideo
from har.settings import Settings, override_settings, settings
from har.video import VideoInfo, probe, write_video

pytestmark = pytest.mark.media

SPEC = ClipSpec(4, 16, 24, 0.4)


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> VideoInfo:
    """Ten different frames."""
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    write_video(path, (np.full((64, 64, 3), 20 * number, np.uint8) for number in range(10)), Fraction(10))
    return probe(path)


@pytest.fixture(autouse=True)
def _own_home(override: Callable[..., Settings], tmp_path: Path) -> None:
    override(home=tmp_path)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[ClipSpec]:
    """The spec of each decoding."""
    specs: list[ClipSpec] = []

    def recording(info: VideoInfo, spec: ClipSpec) -> np.ndarray:
        specs.append(spec)
        return decode(info, spec)

    monkeypatch.setattr(cache, "decode", recording)
    return specs


def files() -> list[Path]:
    return [path for path in settings().clips.rglob("*") if path.is_file()]


def test_each_video_is_decoded_once_and_read_back_unchanged(info: VideoInfo, decoded: list[ClipSpec]) -> None:
    expected = decode(info, SPEC)
    assert find_cached("video", SPEC) is None
    for _ in range(3):
        samples = decode_cached("video", info, SPEC)
        np.testing.assert_array_equal(samples, expected)
        assert not samples.flags.writeable
    np.testing.assert_array_equal(find_cached("video", SPEC), expected)
    assert find_cached("other", SPEC) is None
    assert decoded == [SPEC]


@pytest.mark.parametrize(
    "other", [{"frames": 5}, {"height": 24}, {"width": 16}, {"span_sec": 0.3}, {"fit": "crop"}, {"zoom": 1.5}]
)
def test_specs_have_separate_files(info: VideoInfo, decoded: list[ClipSpec], other: dict[str, object]) -> None:
    specs = [SPEC, replace(SPEC, **other)]  # type: ignore[arg-type]
    for spec in specs * 2:
        np.testing.assert_array_equal(decode_cached("video", info, spec), decode(info, spec))
    assert decoded == specs


def test_samples_of_another_version_are_ignored(info: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    decode_cached("video", info, SPEC)
    monkeypatch.setattr(cache, "_VERSION", -1)
    assert find_cached("video", SPEC) is None


def array_file(array: np.ndarray, folder: Path) -> bytes:
    np.save(folder / "array.npy", array)
    return (folder / "array.npy").read_bytes()


@pytest.mark.parametrize("damage", ["header only", "truncated", "text", "short", "size", "kind", "object"])
def test_a_damaged_file_is_replaced(info: VideoInfo, decoded: list[ClipSpec], tmp_path: Path, damage: str) -> None:
    expected = np.array(decode_cached("video", info, SPEC))
    (path,) = files()
    data = path.read_bytes()
    path.write_bytes(
        {
            "header only": data[:60],
            "truncated": data[:-1],
            "text": b"not an array" * 100,
            "short": array_file(expected[:3], tmp_path),
            "size": array_file(expected[:, :8], tmp_path),
            "kind": array_file(expected.astype(np.float32), tmp_path),
            "object": array_file(np.array([None]), tmp_path),
        }[damage]
    )
    assert find_cached("video", SPEC) is None
    np.testing.assert_array_equal(decode_cached("video", info, SPEC), expected)
    np.testing.assert_array_equal(find_cached("video", SPEC), expected)
    assert len(decoded) == 2


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 127), st.binary(min_size=1, max_size=8))
def test_a_garbled_header_is_harmless(info: VideoInfo, offset: int, garbage: bytes) -> None:
    decode_cached("video", info, SPEC)
    (path,) = files()
    data = path.read_bytes()
    path.write_bytes(data[:offset] + garbage + data[offset + len(garbage) :])
    cached = find_cached("video", SPEC)
    assert cached is None or (cached.dtype == np.uint8 and cached.shape[1:] == SPEC.shape[1:])
    path.write_bytes(data)


def test_evicted_samples_stay_readable_where_in_use_and_are_decoded_again(
    info: VideoInfo, decoded: list[ClipSpec]
) -> None:
    expected = decode(info, SPEC)
    in_use = decode_cached("video", info, SPEC)
    (path,) = files()
    path.unlink()
    np.testing.assert_array_equal(in_use, expected)
    np.testing.assert_array_equal(decode_cached("video", info, SPEC), expected)
    assert len(decoded) == 2


def test_a_file_evicted_before_it_is_opened_counts_as_missing(info: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    decode_cached("video", info, SPEC)
    find = cache.clip_cache().find

    def find_and_evict(key: str) -> Path | None:
        path = find(key)
        monkeypatch.undo()
        if path:
            path.unlink()
        return path

    monkeypatch.setattr(cache.clip_cache(), "find", find_and_evict)
    assert find_cached("video", SPEC) is None


@pytest.mark.parametrize("limit", [0, 1_000_000])
def test_samples_are_returned_even_if_there_is_no_room_to_cache_them(
    info: VideoInfo, override: Callable[..., Settings], limit: int
) -> None:
    override(clip_cache_bytes=limit)
    samples = decode_cached("video", info, SPEC)
    assert isinstance(samples, np.memmap) == (limit > 0)
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, decode(info, SPEC))


@pytest.mark.promise("jobs", "Caches on a full disk make work slower, not wrong")
def test_a_full_disk_is_tolerated(info: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    samples = decode_cached("video", info, SPEC)
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, decode(info, SPEC))
    assert not files()


def test_numpy_reads_cached_files(info: VideoInfo) -> None:
    for shape in ((4, 1, 1, 3), (123456, 64, 64, 3)):
        assert len(cache._header(shape)) == cache._HEADER_BYTES
    samples = decode_cached("video", info, SPEC)
    np.testing.assert_array_equal(np.load(files()[0]), samples)


def test_unreadable_videos_leave_no_file(info: VideoInfo, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(NotAVideo):
        decode_cached("broken", probe(tmp_path / "broken.mp4"), SPEC)
    assert not files()


def test_files_are_closed(info: VideoInfo) -> None:
    decode_cached("video", info, SPEC)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(300):
        decode_cached("video", info, SPEC)
    assert len(os.listdir("/proc/self/fd")) < before + 100  # other threads open some meanwhile


def sum_in(home: Path, info: VideoInfo) -> int:
    with override_settings(home=home):
        return int(sum(int(decode_cached(f"video {number}", info, SPEC).sum()) for number in range(10)))


def test_concurrent_processes_get_the_same_samples(info: VideoInfo, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sums = pool.starmap(sum_in, [(tmp_path, info)] * 4, chunksize=1)
    assert set(sums) == {10 * int(decode(info, SPEC).sum())}
    assert len(files()) == 10
