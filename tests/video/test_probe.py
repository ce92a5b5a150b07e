"""What is refused, in which words, and what is said of files that are not whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from har.errors import (
    FrameTooBig,
    NoFrames,
    NotAVideo,
    NoVideoStream,
    PlaylistRefused,
    VideoEmpty,
    VideoError,
    VideoMissing,
    VideoStalled,
    VideoTooBig,
    VideoTooLong,
)
from har.video import probe, read_frames
from tests.video.barcode import number
from tests.video.conftest import FRAMES, Make, ffmpeg

Limits = Callable[..., None]


def cut(path: Path, share: float, out: Path) -> Path:
    data = path.read_bytes()
    out.write_bytes(data[: int(len(data) * share)])
    return out


@pytest.mark.parametrize("name", ["sound.mp4", "xvid.avi", "h264.mkv", "vp9.webm", "mpeg1.mpg"])
def test_of_a_file_cut_off_in_the_middle_the_beginning_is_read_and_a_sentence_says_so(
    name: str, make: Make, tmp_path: Path
) -> None:
    info = probe(cut(make(name), 0.5, tmp_path / name))
    assert info.warning is not None
    assert "cut off" in info.warning
    with read_frames(info) as reader:
        seen = [number(frame) for frame in reader][:-1]  # of the last there may be half a picture
    assert seen == list(range(len(seen)))
    assert 10 < len(seen) < FRAMES - 1


def test_the_warning_says_how_much_is_missing(make: Make, tmp_path: Path) -> None:
    info = probe(cut(make("h264.mkv"), 0.5, tmp_path / "half.mkv"))
    assert str(info.warning).startswith("The file is cut off: it announces 2.0 seconds and holds ")
    assert info.duration_sec < 1.9


def test_an_mp4_without_its_index_is_said_to_be_incomplete(make: Make, tmp_path: Path) -> None:
    with pytest.raises(NotAVideo, match="index"):
        probe(cut(make("h264.mov"), 0.6, tmp_path / "half.mov"))


def test_captions_that_outlast_the_pictures_are_no_damage(source: Path, tmp_path: Path) -> None:
    (tmp_path / "captions.srt").write_text("1\n00:00:00,000 --> 00:00:09,000\nhello\n")
    inputs = ("-i", source, "-i", tmp_path / "captions.srt")
    ffmpeg(*inputs, "-c:v", "copy", "-c:s", "srt", tmp_path / "captions.mkv")
    assert probe(tmp_path / "captions.mkv").warning is None


def test_a_clock_that_starts_late_is_no_damage(source: Path, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-c", "copy", "-output_ts_offset", "5", tmp_path / "late.mkv")
    info = probe(tmp_path / "late.mkv")
    assert info.warning is None
    assert info.duration_sec == pytest.approx(2.0, abs=0.01)


def test_frames_that_were_cut_away_on_the_phone_do_not_count(source: Path, tmp_path: Path) -> None:
    ffmpeg("-ss", "0.7", "-i", source, "-c", "copy", tmp_path / "trimmed.mp4")  # they stay in the file, hidden
    info = probe(tmp_path / "trimmed.mp4")
    with read_frames(info, collect_times=True) as reader:
        seen = [number(frame) for frame in reader]
    assert seen == list(range(FRAMES - len(seen), FRAMES))
    assert 30 < len(seen) < 35
    assert info.frame_count == len(reader.times_sec) == len(seen)
    assert info.duration_sec == pytest.approx(len(seen) / 25, abs=0.05)


def test_no_file_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing, match="no file"):
        probe(tmp_path / "nothing.mp4")
    with pytest.raises(VideoMissing, match="folder"):
        probe(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoEmpty, match="0 bytes"):
        probe(tmp_path / "empty.mp4")


@pytest.mark.parametrize("content", [b"hello world\n" * 100, bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(500)])
def test_not_a_video(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "some.mp4").write_bytes(content)
    with pytest.raises(NotAVideo, match=r"some\.mp4 is not a video"):
        probe(tmp_path / "some.mp4")


def test_a_picture_is_not_a_video(source: Path, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-frames:v", "1", "-f", "image2", tmp_path / "picture.jpg")
    (tmp_path / "picture.jpg").rename(tmp_path / "picture.mp4")
    with pytest.raises(NotAVideo):
        probe(tmp_path / "picture.mp4")


@pytest.mark.parametrize("name", ["sound.m4a", "sound.mp3", "sound.wav", "sound.ogg", "sound.mp4"])
def test_sound_only(name: str, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.5", tmp_path / name)
    with pytest.raises(NoVideoStream, match="sound"):
        probe(tmp_path / name)


def test_cover_art_is_not_a_video(source: Path, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-frames:v", "1", tmp_path / "cover.jpg")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.5", "-c:a", "aac", tmp_path / "plain.m4a")
    both = ("-i", tmp_path / "plain.m4a", "-i", tmp_path / "cover.jpg", "-map", "0", "-map", "1", "-c", "copy")
    ffmpeg(*both, "-disposition:v", "attached_pic", "-f", "mp4", tmp_path / "song.mp4")
    with pytest.raises(NoVideoStream):
        probe(tmp_path / "song.mp4")


def test_beside_cover_art_the_video_is_found(make: Make, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-frames:v", "1", tmp_path / "cover.jpg")
    both = ("-i", tmp_path / "cover.jpg", "-i", make("sound.mp4"), "-map", "0", "-map", "1", "-c", "copy")
    ffmpeg(*both, "-disposition:v:0", "attached_pic", tmp_path / "both.mp4")
    info = probe(tmp_path / "both.mp4")
    assert (info.width, info.height, info.codec, info.frame_count) == (160, 120, "h264", FRAMES)


def test_tracks_that_refer_to_each_other_are_found(make: Make, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8"])
def test_a_list_of_other_files_is_refused_unread(kind: str, suffix: str, make: Make, tmp_path: Path) -> None:
    path = tmp_path / f"list{suffix}"
    path.write_text(PLAYLISTS[kind].format(secret=make("h264.mp4")), encoding="utf-8")
    with pytest.raises(PlaylistRefused, match="list of other files"):
        probe(path)


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_ffmpeg_itself_would_not_follow_a_list_either(
    kind: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("har.video.checks.is_playlist", lambda head: False)
    path = tmp_path / "list.m3u8"
    path.write_text(PLAYLISTS[kind].format(secret=make("h264.mp4")), encoding="utf-8")
    with pytest.raises(NotAVideo):
        probe(path)


def test_more_bytes_than_allowed(make: Make, limits: Limits) -> None:
    limits(max_video_bytes=1000)
    with pytest.raises(VideoTooBig, match="At most 0 MiB"):
        probe(make("h264.mp4"))


def test_more_seconds_than_allowed(make: Make, limits: Limits) -> None:
    limits(max_video_sec=1.9)
    with pytest.raises(VideoTooLong):
        probe(make("h264.mp4"))
    limits(max_video_sec=2.1)
    assert probe(make("h264.mp4")).duration_sec == 2.0


def test_a_file_that_announces_less_than_it_holds_is_still_too_long(make: Make, limits: Limits, tmp_path: Path) -> None:
    data = make("h264.mkv").read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # Matroska's Duration: a double, in milliseconds
    (tmp_path / "liar.mkv").write_bytes(data[:at] + bytes.fromhex("4059000000000000") + data[at + 8 :])  # 100.0
    assert probe(tmp_path / "liar.mkv").duration_sec == pytest.approx(2.0, abs=0.05)
    limits(max_video_sec=1)
    with pytest.raises(VideoTooLong):
        probe(tmp_path / "liar.mkv")


@pytest.mark.parametrize("name", ["h264.mp4", "xvid.avi", "vp9.webm", "small.gif", "hevc.mp4", "mpeg1.mpg"])
def test_more_pixels_than_allowed(name: str, make: Make, limits: Limits) -> None:
    limits(max_frame_pixels=160 * 120 - 1)
    with pytest.raises(FrameTooBig, match="160×"):
        probe(make(name))


def test_a_title_that_reads_like_messages_of_ffmpeg_changes_nothing(make: Make, tmp_path: Path) -> None:
    lines = ["Stream mapping:", "[warning] truncated", "Output #0, mp4", "[in#0/mp4 @ 0x55] [error] partial file"]
    for ending in ("\n", "\r", "\r\n"):
        told = tmp_path / "told.mp4"
        title = ending.join(["", *lines, "at home"])
        ffmpeg("-i", make("sound.mp4"), "-c", "copy", "-metadata", f"title={title}", "-y", told)
        info = probe(told)
        assert info.warning is None
        assert (info.codec, info.has_audio) == ("h264", True)


def test_pixel_aspect_counts_towards_the_pixels(make: Make, limits: Limits) -> None:
    limits(max_frame_pixels=200 * 120)
    with pytest.raises(FrameTooBig, match="240×120"):
        probe(make("wide.mp4"))


def test_looking_at_a_file_has_an_end(make: Make, limits: Limits) -> None:
    limits(probe_sec=0.004)
    with pytest.raises(VideoStalled):
        probe(make("h264.mp4"))


@pytest.mark.parametrize(
    "name", ["-i.mp4", "http:x.mp4", "a b 'c' \"d\".mp4", "100%d.mp4", "vidéo 動画.mp4", "concat:a|b.mp4", "a\nb.mp4"]
)
def test_any_name_will_do(name: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    path.write_bytes(make("sound.mp4").read_bytes())
    monkeypatch.chdir(tmp_path)
    for given in (path, Path(name)):
        info = probe(given)
        assert (info.codec, info.container, info.has_audio) == ("h264", "mp4", True)
        with read_frames(info, size=(12, 16)) as reader:
            assert sum(1 for _ in reader) == FRAMES


def test_every_refusal_is_three_sentences(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoError) as caught:
        probe(tmp_path / "empty.mp4")
    assert all(part.endswith(".") for part in (caught.value.received, caught.value.expected, caught.value.remedy))
