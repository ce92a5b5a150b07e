"""Sound that is not described, cannot be decoded, or has unusual channels never costs the picture."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har.errors import EncodingFailed
from har.video import make_preview, make_proxy, probe, run_ffmpeg
from har.video.sound import aac_arguments, clock_output, write_with_sound
from tests.video.conftest import FRAMES, InfoOf, Make, ffmpeg, read_numbers, read_times

TS_PACKET = 188
SOUND_PID = 0x101  # as ffmpeg numbers the second stream


def pid(packet: bytes) -> int:
    return (packet[1] & 0x1F) << 8 | packet[2]


def ts_packets(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[at : at + TS_PACKET] for at in range(0, len(data), TS_PACKET)]


def muted(source: Path, out: Path) -> Path:
    """A broadcast that announces sound and sends none."""
    out.write_bytes(b"".join(packet for packet in ts_packets(source) if pid(packet) != SOUND_PID))
    return out


def scrambled(source: Path, out: Path) -> Path:
    """A broadcast whose sound is encrypted."""
    noise = np.random.default_rng(0).bytes(TS_PACKET)
    packets = (packet[:8] + noise[8:] if pid(packet) == SOUND_PID else packet for packet in ts_packets(source))
    out.write_bytes(b"".join(packets))
    return out


def undescribed(source: Path, out: Path) -> Path:
    """An MP4 whose sound has no sample description."""
    data = bytearray(source.read_bytes())
    at = data.index(b"stsd", data.index(b"soun"))
    data[at : at + 4] = b"free"
    out.write_bytes(data)
    return out


def spatial(source: Path, out: Path) -> Path:
    """A MOV whose first sound track is in a codec without a decoder."""
    data = bytearray(source.read_bytes())
    entry = data.index(b"mp4a", data.index(b"soun"))
    decoder = data.index(b"esds", entry)
    data[entry : entry + 4], data[decoder : decoder + 4] = b"apac", b"dapa"
    out.write_bytes(data)
    return out


@pytest.fixture(scope="session")
def two_tracks(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "two.mov"
    tones = [part for hertz in (440, 660) for part in ("-f", "lavfi", "-i", f"sine=f={hertz}:d=2:r=44100")]
    ffmpeg("-i", source, *tones, "-map", "0", "-map", "1", "-map", "2", "-c:v", "copy", "-c:a", "aac", path)
    return path


@pytest.mark.parametrize(
    ("name", "spoil"),
    [("mpeg2.ts", muted), ("mpeg2.ts", scrambled), ("sound.mp4", undescribed)],
    ids=["muted", "scrambled", "undescribed"],
)
def test_sound_that_is_not_described_is_left_out_in_one_sentence(name: str, spoil, make: Make, tmp_path: Path) -> None:
    info = probe(spoil(make(name), tmp_path / name))
    assert not info.has_audio
    assert len(info.remarks) == 1
    assert info.remarks[0].endswith("is empty, scrambled or not described, and is left out.")
    assert info.notices() == info.remarks
    assert (info.warning, info.frame_count) == (None, FRAMES)
    assert read_numbers(info) == list(range(FRAMES))
    assert read_numbers(make_proxy(info, tmp_path, mark="")) == list(range(FRAMES))


def test_sound_without_any_packet_is_left_out(make: Make, tmp_path: Path) -> None:
    data = bytearray(make("sound.mp4").read_bytes())
    at = data.index(b"soun")
    for table, count in ((b"stsz", 12), (b"stsc", 8), (b"stco", 8), (b"stts", 8)):
        box = data.index(table, at) + count
        data[box : box + 4] = bytes(4)
    (tmp_path / "muted.mp4").write_bytes(data)
    info = probe(tmp_path / "muted.mp4")
    assert (info.has_audio, info.plays_in_browsers) == (False, True)
    assert info.remarks == ("The sound (aac) is empty, scrambled or not described, and is left out.",)


def test_the_first_track_that_can_be_decoded_is_used(two_tracks: Path, tmp_path: Path) -> None:
    info = probe(spatial(two_tracks, tmp_path / "spatial.mov"))
    assert (info.has_audio, info.audio_stream) == (True, 1)
    assert info.remarks == ("The first sound track (apple_apac) cannot be decoded: track 2 is used instead.",)
    np.testing.assert_allclose(read_times(info), np.arange(FRAMES) / 25, atol=1e-3)
    make_preview(info, tmp_path / "copy.mp4", mark="")
    assert probe(tmp_path / "copy.mp4").has_audio


def test_sound_that_cannot_be_decoded_is_left_out(make: Make, tmp_path: Path) -> None:
    ffmpeg("-i", make("sound.mp4"), "-c", "copy", tmp_path / "one.mov")
    info = probe(spatial(tmp_path / "one.mov", tmp_path / "spatial.mov"))
    assert info.remarks == ("The sound (apple_apac) cannot be decoded, and is left out.",)
    assert not probe(make_proxy(info, tmp_path, mark="")).has_audio


def test_ordinary_sound_gives_no_remark_and_keeps_its_channels(two_tracks: Path, info_of: InfoOf) -> None:
    for info in (probe(two_tracks), info_of("sound.mp4"), info_of("h264.mp4")):
        assert (info.audio_stream, info.remarks) == (0, ())
    for layout in ("mono", "stereo", "5.1(side)", "7.1"):
        same = replace(info_of("sound.mp4"), audio_layout=layout)
        assert aac_arguments(same, "192k") == ["-c:a", "aac", "-b:a", "192k"]


@pytest.mark.parametrize("layout", ["FR", "downmix", "TFL+TFR", "16C", "11C", "22.2"])
def test_other_channels_are_mixed_to_stereo(layout: str, source: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "in.mov", tmp_path / "out.mp4"
    tone = f"aevalsrc=0.5*sin(2764*t):c=mono:d=1:s=48000,aformat=channel_layouts=mono,pan={layout}|c0=c0"
    ffmpeg("-i", source, "-f", "lavfi", "-i", tone, "-c:v", "copy", "-c:a", "pcm_s16le", "-shortest", path)
    info = probe(path)
    make_preview(info, out, mark="")
    assert probe(out).audio_layout == "stereo"
    run_ffmpeg(["-i", str(path), *aac_arguments(info, "192k"), "-vn", str(tmp_path / "sound.m4a")])
    raw = tmp_path / "sound.raw"
    ffmpeg("-i", tmp_path / "sound.m4a", "-f", "f32le", raw)
    samples = np.fromfile(raw, np.float32).reshape(-1, 2)
    assert np.abs(samples[4800:-4800]).max() > 0.02


def test_sound_that_fails_while_a_copy_is_written_is_left_out(make: Make, tmp_path: Path) -> None:
    ffmpeg("-i", make("sound.mp4"), "-vn", "-c:a", "flac", tmp_path / "sound.flac")
    maps = ("-map", "0:v", "-map", "1", "-c", "copy")
    ffmpeg("-i", make("sound.mp4"), "-i", tmp_path / "sound.flac", *maps, tmp_path / "in.mkv")
    sound = (tmp_path / "sound.flac").read_bytes()
    start = sound.index(b"\xff\xf8")  # of the first frame; others start alike
    data = (tmp_path / "in.mkv").read_bytes().replace(sound[start : start + 4], bytes(4))
    (tmp_path / "in.mkv").write_bytes(data)
    info, remarks = probe(tmp_path / "in.mkv"), []
    assert info.has_audio
    make_preview(info, tmp_path / "out.mp4", mark="", on_remark=remarks.append)
    assert remarks == ["The sound could not be converted and is left out."]
    copy = probe(tmp_path / "out.mp4")
    assert (copy.has_audio, copy.frame_count) == (False, FRAMES)


@pytest.mark.parametrize("fails_always", [False, True])
def test_without_its_sound_a_copy_keeps_the_clock_or_is_an_error(fails_always: bool, info_of: InfoOf) -> None:
    calls, info, remarks = [], info_of("sound.mp4"), []

    def write(sound: list[str], more: list[str]) -> None:
        calls.append((sound, more))
        if sound or fails_always:
            raise EncodingFailed("no", "no", "no")

    with pytest.raises(EncodingFailed) if fails_always else nullcontext():
        write_with_sound(info, ["-map", "0:a:0"], write, remarks.append)
    assert calls == [(["-map", "0:a:0"], []), ([], clock_output(info))]
    assert len(remarks) == (not fails_always)
