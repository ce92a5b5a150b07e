"""Burn labels into a video: ffmpeg reads the file again, draws and writes; no frame passes through Python."""

import re
import shutil
import tempfile
from pathlib import Path

from har import memory
from har.exports import single_line
from har.progress import OnProgress, Progress, Stage, ignore
from har.render.glyphs import SPELLED_REMARK, drawable_labels
from har.render.subtitles import TIME_SCALE, subtitle_script
from har.render.text import FONT_FILE
from har.storage.atomic import replacing
from har.timeline import FrameLabels
from har.video import VideoInfo, input_arguments, run_ffmpeg
from har.video.ffmpeg import Ffmpeg
from har.video.fit import centre
from har.video.picture import deinterlace, scale_to_write
from har.video.sound import OnRemark, aac_arguments, ignore_remark, sound_map, write_with_sound
from har.video.write import NO_METADATA, last_duration_arguments, transcoding_arguments

_SCRIPT = "labels.ass"
_FONTS = "fonts"
_AAC_AS_IN_MP4 = frozenset({"mp4", "mov", "matroska", "flv"})  # containers that store AAC in the same form as MP4


def burn_in(
    info: VideoInfo,
    labels: FrameLabels,
    out: Path,
    *,
    on_progress: OnProgress = ignore,
    on_remark: OnRemark = ignore_remark,
) -> None:
    """Write the video as MP4 (H.264, yuv420p, faststart) with label, confidence and the next two labels on each frame.

    Size, duration, frame times and sound are those of the original; frames are upright with square pixels, odd sides
    padded by one line. It is written whole or not at all. Whatever `on_progress` raises cancels the work. `on_remark`
    is called with a sentence for users if the sound is left out, or labels are spelled in other letters.

    Raises:
        EncodingFailed: it could not be written.
    """
    width, height = info.width + info.width % 2, info.height + info.height % 2
    decode, encode = transcoding_arguments()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="har-burn-") as name, replacing(out) as temporary:
        # Filters name their files relative to the working folder, so that no path needs escaping in them.
        folder = Path(name)
        (folder / _FONTS).mkdir()
        shutil.copyfile(FONT_FILE, folder / _FONTS / FONT_FILE.name)
        (folder / _SCRIPT).write_text(subtitle_script(labels, width, height), encoding="utf-8", newline="\n")
        memory.release_unused()  # what labels and scores took; ffmpeg will need some
        target = [*NO_METADATA, "-movflags", "+faststart", "-f", "mp4", "-y", f"file:{temporary.absolute()}"]

        def write(sound: list[str], more: list[str]) -> None:
            run_ffmpeg(
                [*input_arguments(info.path, *decode), *_picture(info), *encode, *sound, *target, *more],
                cwd=folder,
                duration_sec=info.duration_sec,
                on_progress=lambda fraction: on_progress(Progress(Stage.WRITE_VIDEO, fraction, 1.0)),
            )

        write_with_sound(info, _sound(info), write, on_remark)
    names = [single_line(label) for label in labels.labels]
    if drawable_labels(names) != names:
        on_remark(SPELLED_REMARK)


def _picture(info: VideoInfo) -> list[str]:
    filters = [
        *deinterlace(info),
        *scale_to_write(info, info.width, info.height),
        "setsar=1",
        centre(info.width, info.height, even=True),
        "format=yuv420p",
        f"setpts=PTS*{TIME_SCALE}",
        f"ass={_SCRIPT}:fontsdir={_FONTS}",
        f"setpts=PTS/{TIME_SCALE}",
    ]
    # Frames keep their times: none is dropped or repeated, and the encoder counts in the ticks of the file.
    times = ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    tolerant = ["-max_error_rate", "1"]  # of a file that is mostly damaged, use what can be read
    return ["-map", info.stream, "-vf", ",".join(filters), *times, *last_duration_arguments(info), *tolerant]


def _sound(info: VideoInfo) -> list[str]:
    """Copy the sound where MP4 can hold it as it is; else convert it to AAC, which all browsers play."""
    codec = _sound_codec(info) if info.has_audio else None
    if codec is None:
        return []
    # From other containers AAC needs conversion, which stops at the first damaged byte; decoding goes on.
    copied = codec == "aac" and info.container in _AAC_AS_IN_MP4
    return [*sound_map(info), *(["-c:a", "copy"] if copied else aac_arguments(info, "192k"))]


def _sound_codec(info: VideoInfo) -> str | None:
    """The sound's codec by ffmpeg's name; None if no packet can be read."""
    first = [*sound_map(info), "-c", "copy", "-frames:a", "1", "-f", "framecrc", "pipe:1"]
    with Ffmpeg(["-nostats", "-loglevel", "error", *input_arguments(info.path), *first]) as ffmpeg:
        output = b"".join(ffmpeg.chunks())
    match = re.search(rb"^#codec_id 0: (\S+)", output, re.MULTILINE)
    return match[1].decode() if match else None
