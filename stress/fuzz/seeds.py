"""Small valid videos in every container that `har.video` reads, made with the project's own ffmpeg."""

from collections.abc import Collection
from pathlib import Path

from har.storage import atomic
from har.video import run_ffmpeg

_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "threads=1")
_SOUND = ("-f", "lavfi", "-i", "sine=duration=0.8")
_JPEG = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
RECIPES: dict[str, tuple[str, ...]] = {
    "h264.mp4": (*_SOUND, *_X264, "-c:a", "aac", "-movflags", "+faststart"),
    "parts.mp4": (*_X264, "-movflags", "+frag_keyframe+empty_moov", "-g", "3"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1", "-tag:v", "hvc1"),
    "tracks.mp4": (*_X264, *("-map", "0:v") * 6),
    "mpeg4.mp4": ("-c:v", "mpeg4"),
    "h263.3gp": ("-s", "128x96", "-c:v", "h263"),
    "jpeg.mov": _JPEG,
    "runs.mov": ("-c:v", "qtrle"),
    "png.mov": ("-c:v", "png"),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "0"),
    "clock.mov": (*_SOUND, *_X264, "-c:a", "aac", "-timecode", "01:00:00:00"),
    "h264.mkv": (*_SOUND, *_X264, "-c:a", "libmp3lame"),
    "ffv1.mkv": ("-c:v", "ffv1"),
    "vp8.webm": (*_SOUND, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
    "av1.webm": ("-s", "64x64", "-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1"),
    "xvid.avi": (*_SOUND, "-c:v", "mpeg4", "-vtag", "XVID", "-c:a", "pcm_s16le"),
    "jpeg.avi": _JPEG,
    "raw.avi": ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-frames:v", "3"),
    "huffyuv.avi": ("-c:v", "huffyuv", "-pix_fmt", "yuv422p"),
    "h264.avi": _X264,
    "mpeg1.mpg": (*_SOUND, "-r", "25", "-c:v", "mpeg1video", "-c:a", "mp2"),
    "mpeg2.vob": ("-r", "25", "-c:v", "mpeg2video"),
    "bare.m2v": ("-r", "25", "-c:v", "mpeg2video", "-f", "mpeg2video"),
    "mpeg2.ts": (*_SOUND, "-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2"),
    "h264.ts": (*_X264,),
    "small.gif": (),
    "theora.ogv": (*_SOUND, "-c:v", "libtheora", "-c:a", "libvorbis"),
    "wmv2.wmv": (*_SOUND, "-c:v", "wmv2", "-c:a", "wmav2"),
    "flv1.flv": (*_SOUND, "-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "22050"),
    "h264.flv": _X264,
}
SOUND_ONLY = ("sound.m4a", "sound.mp3", "sound.wav", "sound.ogg")


def videos(folder: Path, names: Collection[str] = (*RECIPES, *SOUND_ONLY)) -> dict[str, bytes]:
    """Contents of seeds by name, about 48×32 pixels and eight frames. Created once per folder."""
    folder.mkdir(parents=True, exist_ok=True)
    exact = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")
    for name, arguments in RECIPES.items():
        if name in names and not (folder / name).exists():
            picture = ("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=0.8")
            inputs, rest = (_SOUND, arguments[4:]) if arguments[:4] == _SOUND else ((), arguments)
            _make_seed([*picture, *inputs, *rest, *exact], folder / name)
    for name in SOUND_ONLY:
        if name in names and not (folder / name).exists():
            _make_seed(["-f", "lavfi", "-i", "sine=duration=0.3", *exact], folder / name)
    return {name: (folder / name).read_bytes() for name in names}


def _make_seed(arguments: list[str], path: Path) -> None:
    with atomic.replacing(path) as temporary:
        run_ffmpeg([*arguments, "-y", f"file:{temporary}"])
