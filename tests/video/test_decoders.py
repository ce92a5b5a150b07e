"""Only decoders that are in use are tried; nothing ordinary is lost."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from har.errors import VideoError
from har.video import VIDEO_SUFFIXES, probe
from har.video.decoders import DECODERS
from tests.video.conftest import SOUND, ffmpeg, read_numbers

ORDINARY = {  # what cameras and editors write; browsers' own: test_formats.py
    "prores.mov": "-c:v prores -pix_fmt yuv422p10le",
    "dnxhr.mov": "-c:v dnxhd -profile:v dnxhr_sq -vf scale=320:240 -pix_fmt yuv422p",
    "cfhd.mov": "-c:v cfhd -vf scale=320:240 -pix_fmt yuv422p10le",
    "qtrle.mov": "-c:v qtrle",
    "png.mov": "-c:v png",
    "ffv1.mkv": "-c:v ffv1",
    "huffyuv.avi": "-c:v huffyuv -pix_fmt yuv422p",
    "ffvhuff.avi": "-c:v ffvhuff",
    "utvideo.avi": "-c:v utvideo",
    "raw.avi": "-c:v rawvideo -pix_fmt yuv420p",
    "cinepak.avi": "-c:v cinepak",
    "msmpeg4.avi": "-c:v msmpeg4 -q:v 3",
    "msmpeg4v2.avi": "-c:v msmpeg4v2 -q:v 3",
    "wmv1.wmv": f"{SOUND} -c:v wmv1 -q:v 3 -c:a wmav1",
    "h263.3gp": "-c:v h263 -s 176x144 -q:v 3",
    "vp8.webm": f"{SOUND} -c:v libvpx -crf 10 -b:v 1M -c:a libvorbis",
    "ac3.mkv": f"{SOUND} -c:v libx264 -c:a ac3",
    "alac.mov": f"{SOUND} -c:v libx264 -c:a alac",
    "adpcm.avi": f"{SOUND} -c:v mpeg4 -q:v 3 -c:a adpcm_ms",
    "flash.flv": f"{SOUND} -c:v flv1 -q:v 3 -c:a adpcm_swf -ar 44100",
    "camera.m2ts": "-c:v mpeg2video -f mpegts -mpegts_m2ts_mode 1",
    "camera.mts": "-c:v libx264 -f mpegts",
    "disc.vob": "-c:v mpeg2video -f vob",
    "disc.m2v": "-c:v mpeg2video -f mpeg2video",
    "windows.asf": "-c:v wmv2 -f asf",
    "film.divx": "-c:v mpeg4 -f avi",
    "flash.f4v": "-c:v libx264 -f f4v",
    "phone.3g2": "-c:v libx264 -f 3g2",
    "apple.qt": "-c:v libx264 -f mov",
    "film.ogm": "-c:v libtheora -f ogg",
    "stereo.mk3d": "-c:v libx264 -f matroska",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_videos_are_read(source: Path, tmp_path: Path, name: str) -> None:
    assert Path(name).suffix in VIDEO_SUFFIXES
    ffmpeg("-i", source, *ORDINARY[name].split(), "-frames:v", "12", tmp_path / name)
    assert len(read_numbers(tmp_path / name)) == 12


@pytest.mark.promise("hostile", "ffmpeg uses no rare decoders")
@pytest.mark.parametrize("codec", ["asv1", "cljr"])
def test_videos_that_need_a_rarely_used_decoder_are_refused(source: Path, tmp_path: Path, codec: str) -> None:
    ffmpeg("-i", source, "-c:v", codec, "-strict", "experimental", tmp_path / "a.avi")
    assert codec not in DECODERS
    with pytest.raises(VideoError) as refused:
        read_numbers(probe(tmp_path / "a.avi"))
    assert str(tmp_path) not in str(refused.value)


def test_decoders_on_the_list_are_known_to_ffmpeg() -> None:
    listed = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-decoders"], capture_output=True, text=True, check=True
    )
    known = {line.split()[1] for line in listed.stdout.splitlines() if len(line.split()) > 1}
    assert len(set(DECODERS) & known) > 0.9 * len(DECODERS)  # some builds lack libraries
