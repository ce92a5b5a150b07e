"""Burning labels into a video: ffmpeg reads the file again, draws, and writes; no frame passes through Python."""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from har import memory
from har.render.script import STRETCH, script
from har.render.text import FONT_FILE
from har.timeline import FrameLabels
from har.video import VideoInfo, input_arguments, run_ffmpeg
from har.video.process import Ffmpeg
from har.video.write import transcoding_arguments, under_another_name

_SCRIPT = "labels.ass"
_FONTS = "fonts"
_AS_IN_MP4 = frozenset({"mp4", "mov", "matroska", "flv"})  # containers that hold AAC in the same form


def burn_in(
    info: VideoInfo, labels: FrameLabels, out: Path, *, on_progress: Callable[[float], None] | None = None
) -> None:
    """Write the video as MP4 (H.264, yuv420p, faststart) with its label, the confidence and the next two on each frame.

    Size, duration, the time of every frame and the sound are those of the original; frames come out upright, with
    square pixels, an odd side one line longer. `labels` has an entry for every frame, by its time.

    Args:
        info: the video.
        labels: what to write on its frames.
        out: replaced when all is written.
        on_progress: told of the share that is done, 0 to 1. What it raises ends the work and is raised from here.

    Raises:
        EncodingFailed: it could not be written.
    """
    width, height = info.width + info.width % 2, info.height + info.height % 2
    decode, encode = transcoding_arguments()
    with tempfile.TemporaryDirectory(prefix="har-burn-") as name, under_another_name(out) as beside:
        # Filters name their files relative to the working folder: no path, with whatever signs, needs escaping in them.
        folder = Path(name)
        (folder / _FONTS).mkdir()
        shutil.copyfile(FONT_FILE, folder / _FONTS / FONT_FILE.name)
        (folder / _SCRIPT).write_text(script(labels, width, height), encoding="utf-8", newline="\n")
        memory.give_back()  # what labels and scores took on the way here; ffmpeg will need some
        run_ffmpeg(
            [
                *input_arguments(info.path, *decode),
                *_picture(info),
                *encode,
                *_sound(info),
                *_container(),
                "-y",
                f"file:{beside.absolute()}",
            ],
            cwd=folder,
            duration_sec=info.duration_sec,
            on_progress=on_progress,
        )


def _picture(info: VideoInfo) -> list[str]:
    filters = [
        f"scale={info.width}:{info.height}:flags=bicubic",
        "setsar=1",
        "pad=ceil(iw/2)*2:ceil(ih/2)*2",
        "format=yuv420p",
        f"setpts=PTS*{STRETCH}",
        f"ass={_SCRIPT}:fontsdir={_FONTS}",
        f"setpts=PTS/{STRETCH}",
    ]
    # Frames keep their times: none is dropped or repeated, and the encoder counts in the ticks of the file.
    times = ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    patient = ["-max_error_rate", "1"]  # of a file that is mostly damaged, what can be read
    return ["-map", "0:V:0", "-vf", ",".join(filters), *times, *patient]


def _sound(info: VideoInfo) -> list[str]:
    """Sound as it is where an MP4 can take it over, else as AAC, which every browser plays."""
    codec = _sound_codec(info) if info.has_audio else None
    if codec is None:
        return []
    # Elsewhere AAC comes in another form, and its conversion gives up at the first damaged byte; decoding goes on.
    kept = codec == "aac" and info.container in _AS_IN_MP4
    return ["-map", "0:a:0", *(["-c:a", "copy"] if kept else ["-c:a", "aac", "-b:a", "192k"])]


def _sound_codec(info: VideoInfo) -> str | None:
    """The name that ffmpeg has for it; None if not one packet can be read."""
    first = ["-map", "0:a:0", "-c", "copy", "-frames:a", "1", "-f", "framecrc", "pipe:1"]
    with Ffmpeg(["-nostats", "-loglevel", "error", *input_arguments(info.path), *first]) as ffmpeg:
        told = b"".join(ffmpeg.chunks())
    found = re.search(rb"^#codec_id 0: (\S+)", told, re.MULTILINE)
    return found[1].decode() if found else None


def _container() -> list[str]:
    """Nothing of what the original says about where, when and with what it was made; nor of how this one was."""
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return ["-map_metadata", "-1", "-map_chapters", "-1", *exact, "-movflags", "+faststart", "-f", "mp4"]
