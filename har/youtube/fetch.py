"""Fetch a section of a video: cut to the frame, and written as a small MP4 that all of `har` can read."""

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from har.errors import EncodingFailed, FetchFailed, OptionsError, StopRequested, VideoTooLarge, VideoTooLong
from har.progress import MB, OnProgress, Progress, Stage, ignore
from har.settings import MIB, settings
from har.storage.atomic import replacing
from har.video import h264_arguments, probe, run_ffmpeg
from har.youtube.address import VideoAddress
from har.youtube.details import VideoDetails
from har.youtube.lookup import look_up

if TYPE_CHECKING:
    from har.youtube.relay import Relay

_REPORT_EVERY_SEC = 0.5
_SPEED_OVER_SEC = 5.0
_STALL_BYTES = 1 << 15  # fewer within `youtube_stall_sec` count as a stall
_MIN_STRETCH_SEC = 0.1
_MARGIN_SEC = 0.2  # the last frame may end after the section does; the file must stay within the limit


def fetch_section(
    details: VideoDetails, start_sec: float, end_sec: float, target: Path, on_progress: OnProgress = ignore
) -> Path:
    """Fetch a section of a video, picture and sound, as MP4 (H.264, AAC), and return `target`.

    YouTube signs stream URLs for one machine and some hours; where they are refused, the video is looked up once more.
    The first frame is the first one shown at or after `start_sec`. `target` is written whole or not at all; its folder
    is created if need be. Whatever `on_progress`, called twice a second, raises, such as `StopRequested`, cancels the
    fetch.

    Raises:
        OptionsError: the section is not within the video.
        VideoTooLong: it exceeds `settings().max_video_sec`.
        VideoTooLarge: it exceeds `settings().max_video_bytes`.
        FetchFailed: the server refuses, stalls, breaks off or redirects elsewhere; or what it sends is not a video.
        YouTubeError: the second lookup failed.
    """
    from har.youtube.relay import LinkExpired  # with libraries that start slowly

    _check_section(details, start_sec, end_sec)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(details, start_sec, end_sec, target, on_progress)
    except LinkExpired:
        _fetch(look_up(VideoAddress(details.video_id), on_progress), start_sec, end_sec, target, on_progress)
    return target


def _fetch(details: VideoDetails, start_sec: float, end_sec: float, target: Path, on_progress: OnProgress) -> None:
    from har.youtube.relay import Relay

    streams = [details.video] if details.sound is None else [details.video, details.sound]
    duration_sec = min(end_sec - start_sec, settings().max_video_sec - _MARGIN_SEC)
    with replacing(target) as temporary:
        with Relay(streams) as relay:
            arguments = _arguments(relay.urls, start_sec, duration_sec, temporary)
            _Transfer(relay, arguments, duration_sec).run(on_progress)
        _check_result(temporary, duration_sec)


class _Transfer:
    """ffmpeg in a thread, so that it can be ended even while it waits for the network."""

    def __init__(self, relay: "Relay", arguments: list[str], duration_sec: float) -> None:
        self._relay, self._arguments, self._duration_sec = relay, arguments, duration_sec
        self._fraction = 0.0
        self._cancelled = False

    def run(self, on_progress: OnProgress) -> None:
        with ThreadPoolExecutor(1, "fetch") as pool:
            encoding = pool.submit(
                run_ffmpeg, self._arguments, duration_sec=self._duration_sec, on_progress=self._set_fraction
            )
            try:
                self._watch(encoding, on_progress)
            finally:
                self._cancelled = True
                self._relay.close()  # ffmpeg sees the end of its input and stops waiting
        if self._relay.failure is not None:
            raise self._relay.failure
        try:
            encoding.result()
        except EncodingFailed as error:
            raise FetchFailed(
                "The data from YouTube's video server could not be converted to a video.",
                "It must be a video, and the disk must have space for it.",
                "Try another section, or download the clip on your own computer and upload it.",
            ) from error

    def _set_fraction(self, fraction: float) -> None:
        self._fraction = fraction
        if self._cancelled:
            raise StopRequested

    def _watch(self, encoding: "Future[None]", on_progress: OnProgress) -> None:
        """Report progress until ffmpeg has ended; enforce the limits on time and bytes."""
        limits = settings()
        started_at = moved_at = time.monotonic()
        last = (-1, -1.0)
        history: deque[tuple[float, int]] = deque([(started_at, 0)], maxlen=round(_SPEED_OVER_SEC / _REPORT_EVERY_SEC))
        while not encoding.done() and self._relay.failure is None:
            wait([encoding], _REPORT_EVERY_SEC)
            now, received, fraction = time.monotonic(), self._relay.received_bytes, self._fraction
            history.append((now, received))
            note = _note(history, fraction, now - started_at)
            on_progress(Progress(Stage.FETCH, fraction * self._duration_sec, self._duration_sec, note=note))
            if (state := (received // _STALL_BYTES, fraction)) != last:
                last, moved_at = state, now
            if encoding.done():
                return
            if now - moved_at > limits.youtube_stall_sec or now - started_at > limits.youtube_fetch_sec:
                raise FetchFailed(
                    f"YouTube's video server is too slow: cancelled after {now - started_at:.0f} seconds.",
                    "A section usually downloads faster than it plays.",
                    "Try again, or choose a shorter section.",
                )
            if received > limits.youtube_fetch_bytes:
                raise _too_large(limits.youtube_fetch_bytes)


def _note(history: deque[tuple[float, int]], fraction: float, elapsed_sec: float) -> str:
    """Speed, and the time left once enough has arrived to estimate it."""
    (first_at, first), (last_at, last) = history[0], history[-1]
    speed = f"{(last - first) / max(last_at - first_at, 1e-3) / MB:.1f} MB/s"
    if fraction <= 0.02:
        return speed
    left_sec = elapsed_sec * (1 - fraction) / fraction
    return f"{speed}, {f'{left_sec:.0f} s' if left_sec < 90 else f'{left_sec / 60:.0f} min'} left"


def _arguments(urls: list[str], start_sec: float, duration_sec: float, out: Path) -> list[str]:
    chosen = settings()
    timeout_us = str(round(2e6 * chosen.youtube_stall_sec))  # longer than ours, whose message is better
    limits = ["-protocol_whitelist", "http,tcp", "-format_whitelist", "mov,matroska", "-rw_timeout", timeout_us]
    limits += ["-http_proxy", ""]  # a proxy in the environment is for other servers, not for our relay
    limits += ["-max_pixels", str(chosen.max_frame_pixels), "-ss", f"{start_sec:.6f}", "-t", f"{duration_sec:.6f}"]
    inputs = [part for url in urls for part in (*limits, "-i", url)]
    side = chosen.youtube_short_side // 2 * 2
    size = f"scale='if(gt(iw,ih),-2,trunc(min(iw,{side})/2)*2)':'if(gt(iw,ih),trunc(min(ih,{side})/2)*2,-2)'"
    picture = ["-map", "0:V:0", "-vf", f"{size}:flags=bicubic,setsar=1", *h264_arguments()]
    picture += ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    sound = ["-map", f"{len(urls) - 1}:a:0?", "-c:a", "aac", "-b:a", "96k", "-ac", "2"]
    rest = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart"]
    return [*inputs, *picture, *sound, *rest, "-fs", str(chosen.max_video_bytes), "-f", "mp4", "-y", f"file:{out}"]


def _check_section(details: VideoDetails, start_sec: float, end_sec: float) -> None:
    # A video may be some frames longer than YouTube says.
    if not 0 <= start_sec <= end_sec - _MIN_STRETCH_SEC or end_sec > details.duration_sec + 1:
        raise OptionsError(
            f"The section from {start_sec:g} to {end_sec:g} seconds cannot be downloaded.",
            f"It must be within the video's {details.duration_sec:g} seconds and end after it starts.",
            "Choose another section.",
        )
    limit = settings().max_video_sec
    if end_sec - start_sec > limit:
        raise VideoTooLong(
            f"The section is {(end_sec - start_sec) / 60:.1f} minutes long.",
            f"At most {limit / 60:g} minutes are allowed.",
            "Choose a shorter one; HAR_MAX_VIDEO_SEC raises the limit.",
        )


def _check_result(path: Path, duration_sec: float) -> None:
    """Check what has arrived, whatever the server claimed.

    Raises:
        VideoTooLarge: ffmpeg stopped at the limit.
        VideoError: the file cannot be used.
    """
    limit = settings().max_video_bytes
    size_bytes = path.stat().st_size
    actual_sec = probe(path).duration_sec if 0 < size_bytes <= limit else 0.0
    if size_bytes > limit or (size_bytes > 0.9 * limit and actual_sec < duration_sec - 1):
        raise _too_large(limit)
    if not size_bytes:
        raise FetchFailed("The section is empty.", "It must contain at least one frame.", "Choose another section.")


def _too_large(limit: int) -> VideoTooLarge:
    return VideoTooLarge(f"The section exceeds {limit / MIB:g} MiB.", "That is the limit.", "Choose a shorter section.")
