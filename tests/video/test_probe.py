"""Which files are refused with which message, and how damaged ones are read."""

from pathlib import Path

import pytest

from har.errors import (
    FrameTooLarge,
    NoFrames,
    NotAVideo,
    NoVideoStream,
    PlaylistRefused,
    VideoEmpty,
    VideoMissing,
    VideoStalled,
    VideoTooLarge,
    VideoTooLong,
)
from har.video import probe
from tests.video.conftest import FRAMES, Make, Override, ffmpeg, read_numbers


def truncate(path: Path, fraction: float, out: Path) -> Path:
    data = path.read_bytes()
    out.write_bytes(data[: int(len(data) * fraction)])
    return out


@pytest.mark.promise("numbers", "Truncated videos are used up to the damage, with a warning")
@pytest.mark.parametrize("name", ["sound.mp4", "xvid.avi", "h264.mkv", "vp9.webm", "mpeg1.mpg"])
def test_truncated_files_are_read_with_a_warning(name: str, make: Make, tmp_path: Path) -> None:
    info = probe(truncate(make(name), 0.5, tmp_path / name))
    assert info.warning is not None
    assert "truncated" in info.warning
    if name == "h264.mkv":
        assert info.warning.startswith("The file is truncated: it announces 2.0 seconds and holds ")
        assert info.duration_sec < 1.9
    seen = read_numbers(info)[:-1]  # the last may be half a picture
    assert seen == list(range(len(seen)))
    assert 10 < len(seen) < FRAMES - 1


def test_an_mp4_without_index_is_reported_as_such(make: Make, tmp_path: Path) -> None:
    with pytest.raises(NotAVideo, match="index"):
        probe(truncate(make("h264.mov"), 0.6, tmp_path / "half.mov"))


def test_captions_that_outlast_the_video_are_no_damage(source: Path, tmp_path: Path) -> None:
    (tmp_path / "captions.srt").write_text("1\n00:00:00,000 --> 00:00:09,000\nhello\n")
    inputs = ("-i", source, "-i", tmp_path / "captions.srt")
    ffmpeg(*inputs, "-c:v", "copy", "-c:s", "srt", tmp_path / "captions.mkv")
    assert probe(tmp_path / "captions.mkv").warning is None


def test_a_clock_that_starts_late_is_no_damage(source: Path, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-c", "copy", "-output_ts_offset", "5", tmp_path / "late.mkv")
    info = probe(tmp_path / "late.mkv")
    assert info.warning is None
    assert info.duration_sec == pytest.approx(2.0, abs=0.01)


def test_no_file_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing, match="no file"):
        probe(tmp_path / "nothing.mp4")
    with pytest.raises(VideoMissing, match="folder"):
        probe(tmp_path)


def test_an_empty_file_gives_an_error_of_three_sentences(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoEmpty, match="0 bytes") as caught:
        probe(tmp_path / "empty.mp4")
    assert all(part.endswith(".") for part in (caught.value.received, caught.value.expected, caught.value.remedy))


@pytest.mark.parametrize("content", [b"hello world\n" * 100, bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(500)])
def test_not_a_video(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "some.mp4").write_bytes(content)
    with pytest.raises(NotAVideo, match=r"some\.mp4 is not a video"):
        probe(tmp_path / "some.mp4")


@pytest.mark.parametrize("name", ["sound.m4a", "sound.mp3", "sound.wav", "sound.ogg", "sound.mp4"])
def test_sound_only(name: str, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.5", tmp_path / name)
    with pytest.raises(NoVideoStream, match="sound"):
        probe(tmp_path / name)


def test_neither_a_picture_nor_cover_art_is_a_video(make: Make, source: Path, tmp_path: Path) -> None:
    cover, song, both = (tmp_path / name for name in ("cover.jpg", "song.mp4", "both.mp4"))
    ffmpeg("-i", source, "-frames:v", "1", cover)
    (tmp_path / "picture.mp4").write_bytes(cover.read_bytes())
    with pytest.raises(NotAVideo):
        probe(tmp_path / "picture.mp4")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.5", "-c:a", "aac", tmp_path / "plain.m4a")
    copied = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", cover, "-i", tmp_path / "plain.m4a", *copied, song)
    with pytest.raises(NoVideoStream):
        probe(song)
    ffmpeg("-i", cover, "-i", make("sound.mp4"), *copied, both)
    info = probe(both)
    assert (info.codec, info.has_audio, info.frame_count) == ("h264", True, FRAMES)


def test_tracks_that_refer_to_each_other_are_read(make: Make, tmp_path: Path) -> None:
    ffmpeg("-i", make("sound.mp4"), "-timecode", "01:00:00:00", "-c", "copy", tmp_path / "camera.mov")
    info = probe(tmp_path / "camera.mov")
    assert (info.codec, info.has_audio, info.warning) == ("h264", True, None)


def test_a_stream_of_no_frames(make: Make, tmp_path: Path) -> None:
    ffmpeg("-i", make("h264.mp4"), "-c", "copy", "-frames:v", "0", tmp_path / "none.avi")
    with pytest.raises(NoFrames):
        probe(tmp_path / "none.avi")


def test_a_stream_that_cannot_be_decoded(make: Make, tmp_path: Path) -> None:
    data = bytearray(make("sound.mp4").read_bytes())  # its index comes first
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    (tmp_path / "zeros.mp4").write_bytes(data)
    with pytest.raises(NoFrames):
        probe(tmp_path / "zeros.mp4")


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{secret}'\n",
    "concat": "file '{secret}'\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{secret}</BaseURL></MPD>',
    "smil": '<smil><body><video src="{secret}"/></body></smil>',
    "pls": "[playlist]\nFile1={secret}\n",
    "mov reference": "RTSPtext\n{secret}\n",
    "byte order mark": "\ufeff#EXTM3U\n{secret}\n",
    "blanks first": "\n\n  #extm3u\n{secret}\n",
}


@pytest.mark.promise("hostile", "A playlist that poses as a video is refused unread")
@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8"])
def test_playlists_are_refused_unread_and_ffmpeg_itself_does_not_follow_them(
    kind: str, suffix: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"list{suffix}"
    path.write_text(PLAYLISTS[kind].format(secret=make("h264.mp4")), encoding="utf-8")
    with pytest.raises(PlaylistRefused, match="list of other files"):
        probe(path)
    monkeypatch.setattr("har.video.checks.is_playlist", lambda head: False)
    with pytest.raises(NotAVideo):
        probe(path)


@pytest.mark.parametrize(
    ("limits", "name", "error", "message"),
    [
        ({"max_video_bytes": 1000}, "h264.mp4", VideoTooLarge, "At most 0 MiB"),
        ({"max_video_sec": 1.9}, "h264.mp4", VideoTooLong, "longer than"),
        ({"max_frame_pixels": 200 * 120}, "wide.mp4", FrameTooLarge, "240×120"),  # after pixel aspect
        ({"probe_sec": 0.004}, "h264.mp4", VideoStalled, "took longer"),
        *(
            ({"max_frame_pixels": 160 * 120 - 1}, name, FrameTooLarge, "160×")
            for name in ("h264.mp4", "xvid.avi", "vp9.webm", "small.gif", "hevc.mp4", "mpeg1.mpg")
        ),
    ],
)
def test_videos_beyond_a_limit_are_refused(make: Make, override: Override, limits, name, error, message) -> None:
    assert probe(make(name)).duration_sec == pytest.approx(2.0, abs=0.11)
    override(**limits)
    with pytest.raises(error, match=message):
        probe(make(name))


@pytest.mark.promise("hostile", "Limits on size and length hold even for files that understate them")
def test_a_file_that_understates_its_length_is_still_too_long(make: Make, override: Override, tmp_path: Path) -> None:
    data = make("h264.mkv").read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # Matroska's Duration: a double, in milliseconds
    (tmp_path / "understated.mkv").write_bytes(data[:at] + bytes.fromhex("4059000000000000") + data[at + 8 :])  # 100.0
    assert probe(tmp_path / "understated.mkv").duration_sec == pytest.approx(2.0, abs=0.05)
    override(max_video_sec=1)
    with pytest.raises(VideoTooLong):
        probe(tmp_path / "understated.mkv")


def test_a_title_that_looks_like_ffmpegs_messages_changes_nothing(make: Make, tmp_path: Path) -> None:
    lines = ["Stream mapping:", "[warning] truncated", "Output #0, mp4", "[in#0/mp4 @ 0x55] [error] partial file"]
    for ending in ("\n", "\r"):
        path = tmp_path / "titled.mp4"
        title = ending.join(["", *lines, "at home"])
        ffmpeg("-i", make("sound.mp4"), "-c", "copy", "-metadata", f"title={title}", "-y", path)
        info = probe(path)
        assert info.warning is None
        assert (info.codec, info.has_audio) == ("h264", True)


@pytest.mark.promise("hostile", "File names have no special meaning")
@pytest.mark.parametrize(
    "name", ["-i.mp4", "http:x.mp4", "a b 'c' \"d\".mp4", "100%d.mp4", "vidéo 動画.mp4", "concat:a|b.mp4", "a\nb.mp4"]
)
def test_any_file_name_is_read(name: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    path.write_bytes(make("sound.mp4").read_bytes())
    monkeypatch.chdir(tmp_path)
    for same in (path, Path(name)):
        assert len(read_numbers(same, size=(12, 16))) == FRAMES
