"""Which sound track of a file is used, and how it gets into a copy."""

import re
from collections.abc import Callable, Sequence

from har.errors import EncodingFailed, EncodingLimited
from har.video.header import AudioStream
from har.video.info import VideoInfo

OnRemark = Callable[[str], None]  # gets sentences for users about a copy

# Layouts that AAC has. Others (height channels, 'downmix', positions of single channels) are mixed down to stereo.
_AAC_LAYOUT = re.compile(r"(mono|stereo|quad|hexagonal|octagonal|\d\.\d)(\([a-z-]+\))?")
_UNNAMED_LAYOUT = re.compile(r"(?P<count>\d+) channels")  # ffmpeg has no rule to mix these


def ignore_remark(remark: str) -> None:
    """An `OnRemark` that does nothing."""


def choose_sound(tracks: Sequence[AudioStream]) -> tuple[int | None, str | None]:
    """The first sound track that can be decoded, and a sentence for users if that is not the first one.

    Returns:
        The track's number, None if there is none; and the sentence, None if nothing is left out.
    """
    chosen = next((number for number, track in enumerate(tracks) if track.layout is not None), None)
    if not tracks or chosen == 0:
        return chosen, None
    if chosen is None:
        return None, left_out(tracks[0])
    return chosen, f"The first sound track{_reason(tracks[0])}: track {chosen + 1} is used instead."


def left_out(track: AudioStream, *, empty: bool = False) -> str:
    """A sentence for users: a file's sound is left out, since no packet of it can be read, or it cannot be decoded."""
    return f"The sound{_reason(track, empty)}, and is left out."


def _reason(track: AudioStream, empty: bool = False) -> str:
    name = "" if track.codec == "none" else f" ({track.codec})"
    return f"{name} {'cannot be decoded' if track.described and not empty else 'is empty, scrambled or not described'}"


def sound_map(info: VideoInfo) -> list[str]:
    """The argument that maps the sound into an output; nothing if there is none."""
    return ["-map", f"0:a:{info.audio_stream}"] if info.has_audio else []


def clock_output(info: VideoInfo) -> list[str]:
    """An output without effect for runs that write no sound: in some containers, sound affects where second 0 is."""
    return [*sound_map(info), "-c", "copy", "-f", "null", "-"] if info.has_audio else []


def aac_arguments(info: VideoInfo, bitrate: str, *, stereo: bool = False) -> list[str]:
    """Encoder options with which AAC accepts this sound, with any channel layout, or mixed down to stereo."""
    encode = ["-c:a", "aac", "-b:a", bitrate]
    if mix := _mix_unnamed(info):
        return ["-af", ",".join(mix), *encode]
    return [*encode, "-ac", "2"] if stereo or not _AAC_LAYOUT.fullmatch(info.audio_layout) else encode


def to_stereo(info: VideoInfo, sample_rate: int) -> list[str]:
    """Filters that turn this sound into stereo of a sample rate, without gaps, from second 0 on."""
    return [*_mix_unnamed(info), f"aresample={sample_rate}:async=1:first_pts=0", "aformat=s16:channel_layouts=stereo"]


def _mix_unnamed(info: VideoInfo) -> list[str]:
    """A filter that mixes channels whose layout has no name; none for others."""
    if not (match := _UNNAMED_LAYOUT.match(info.audio_layout)):
        return []
    mix = "+".join(f"c{channel}" for channel in range(int(match["count"])))
    return [f"pan=stereo|c0<{mix}|c1<{mix}"]


def write_with_sound(
    info: VideoInfo, sound: list[str], write: Callable[[list[str], list[str]], None], on_remark: OnRemark
) -> None:
    """Write a copy with sound; if that fails, without it, and say so to `on_remark`: the picture is what matters.

    `sound` are the arguments that add it, if there is any. `write` gets these, and those of further outputs.

    Raises:
        EncodingFailed: it fails without sound as well, or exceeds a limit.
    """
    if not sound:
        write([], [])
        return
    try:
        write(sound, [])
    except EncodingLimited:
        raise
    except EncodingFailed:
        write([], clock_output(info))
        on_remark("The sound could not be converted and is left out.")
