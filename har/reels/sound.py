"""The sound of a film's shots, each at its time in the film: in two files, since neighbours overlap while they fade."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from har.errors import EncodingLimited
from har.video import VideoInfo, input_arguments
from har.video.ffmpeg import Ffmpeg
from har.video.frames import NOT_SEEKABLE
from har.video.sound import OnRemark, sound_map, to_stereo
from har.video.write import RAW_SOUND

_RATE, _BYTES = 48_000, 4  # samples per second, and bytes of one, as in `RAW_SOUND`
_SILENT = "Parts of the sound of {name} cannot be decoded, and are left out."


@dataclass(frozen=True)
class Sound:
    """What is heard during a shot."""

    info: VideoInfo
    start_sec: float  # in the video
    end_sec: float
    speed: float = 1.0
    at_sec: float = 0.0  # in the film
    fade_in_sec: float = 0.0
    fade_out_sec: float = 0.0


def write_tracks(sounds: Iterable[Sound], folder: Path, on_remark: OnRemark) -> list[Path]:
    """Write two files of `RAW_SOUND` that are to be mixed; none if no video has sound.

    A sound may overlap the next, but not the one after that. `on_remark` is called if sound is left out.

    Raises:
        EncodingLimited: reading it exceeded a limit of `settings()`.
    """
    tracks = [folder / "even.pcm", folder / "odd.pcm"]
    heard = False
    with tracks[0].open("wb") as even, tracks[1].open("wb") as odd:
        for number, sound in enumerate(sounds):
            if not sound.info.has_audio:
                continue
            track = odd if number % 2 else even
            track.seek(round(sound.at_sec * _RATE) * _BYTES)
            for chunk in _read(sound, on_remark):
                heard = True
                track.write(chunk)
    return tracks if heard else []


def _read(sound: Sound, on_remark: OnRemark) -> Iterable[bytes]:
    info, length_sec = sound.info, sound.end_sec - sound.start_sec
    in_film_sec = length_sec / sound.speed
    seek = [] if info.container in NOT_SEEKABLE or sound.start_sec <= 0 else ["-ss", f"{sound.start_sec:.6f}"]
    skipped_sec = 0.0 if seek else sound.start_sec
    filters = [
        *to_stereo(info, _RATE),
        f"atrim=start={skipped_sec:.6f}:end={skipped_sec + length_sec:.6f}",
        "asetpts=PTS-STARTPTS",
        *_slowed(sound.speed),
        *_fade("in", 0.0, sound.fade_in_sec),
        *_fade("out", in_film_sec - sound.fade_out_sec, sound.fade_out_sec),
        f"atrim=end={in_film_sec:.6f}",
    ]
    until = ["-t", f"{skipped_sec + length_sec + 1:.6f}"]
    picture = ["-map", info.stream, "-c", "copy", "-f", "null", "-"]  # where second 0 is depends on all streams
    output = [*sound_map(info), "-vn", "-af", ",".join(filters), *RAW_SOUND, "pipe:1"]
    arguments = ["-nostats", "-loglevel", "error", *input_arguments(info.path, *seek, *until), *output, *picture]
    with Ffmpeg(arguments) as ffmpeg:
        yield from ffmpeg.chunks()
        status = ffmpeg.finish()
    if (exceeded := ffmpeg.exceeded_limit()) is not None:
        raise EncodingLimited(
            f"The sound of {info.path.name} could not be read: ffmpeg {exceeded}.",
            "Reading it must stay within this server's limits.",
            "Choose shorter segments, or remove the sound from the video.",
        )
    if status != 0:
        on_remark(_SILENT.format(name=info.path.name))


def _fade(kind: str, start_sec: float, length_sec: float) -> list[str]:
    return [f"afade=t={kind}:st={start_sec:.6f}:d={length_sec:.6f}"] if length_sec > 0 else []


def _slowed(speed: float) -> list[str]:
    """Filters that slow sound down and keep its pitch: each by a factor of two at most."""
    filters = []
    while speed < 1:
        filters.append(f"atempo={max(speed, 0.5):.6f}")
        speed = min(1.0, speed / 0.5)
    return filters
