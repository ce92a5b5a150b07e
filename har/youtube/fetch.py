"""Fetching a stretch of a video: cut to the frame, and written as a small MP4 that everything else here can read."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from har.errors import EncodingFailed, FetchFailed, OptionsError, StopRequested, VideoTooBig, VideoTooLong
from har.settings import MIB, settings
from har.video import h264_arguments, probe, run_ffmpeg, under_another_name
from har.youtube.listing import Listing
from har.youtube.relay import Relay

_TELL_SEC = 0.5
_MEAN_SEC = 5.0  # over which the speed is told
_TRICKLE_BYTES = 1 << 15  # less than that in all the time of a stall is none
_SHORTEST_SEC = 0.1
_ROOM_SEC = 0.2  # the last frame may end after the end of the stretch; what is fetched must stay within the limit


@dataclass(frozen=True)
class Fetching:
    """A share of the stretch is here."""

    done: float  # 0 to 1
    received_bytes: int
    bytes_per_sec: float
    left_sec: float | None  # None: too early to tell


OnEvent = Callable[[Fetching], None]


def ignore(event: Fetching) -> None:
    """Nobody is told."""


def fetch(listing: Listing, start_sec: float, end_sec: float, target: Path, on_event: OnEvent = ignore) -> Path:
    """Fetch a stretch of a video, picture and sound, as MP4 (H.264, AAC).

    Args:
        listing: of the video; its addresses are good for some hours.
        start_sec: where the stretch begins; its first frame is the first that is shown from there on.
        end_sec: where it ends, at most the video's end.
        target: replaced when all is there, and not before.
        on_event: told twice a second. What it raises, such as `StopRequested`, ends the work and leaves nothing behind.

    Returns:
        `target`.

    Raises:
        OptionsError: no such stretch.
        VideoTooLong: more seconds than `settings().max_video_sec`.
        VideoTooBig: it became larger than `settings().max_video_bytes`.
        FetchFailed: the server refuses, stalls, breaks off, or leads elsewhere; or it is no video. Its subclass
            `relay.Expired`: a new look at the video may help.
    """
    _check_stretch(listing, start_sec, end_sec)
    streams = [listing.video] if listing.sound is None else [listing.video, listing.sound]
    duration_sec = min(end_sec - start_sec, settings().max_video_sec - _ROOM_SEC)
    with under_another_name(target) as beside:
        with Relay(streams) as relay:
            arguments = _arguments(relay.urls, start_sec, duration_sec, beside)
            _Run(relay, arguments, duration_sec).watch(on_event)
        _check_result(beside, duration_sec)
    return target


class _Run:
    """One run of ffmpeg in a thread of its own, so that it can be ended even while it waits for the network."""

    def __init__(self, relay: Relay, arguments: list[str], duration_sec: float) -> None:
        self._relay, self._arguments, self._duration_sec = relay, arguments, duration_sec
        self._done = 0.0
        self._over = False

    def watch(self, on_event: OnEvent) -> None:
        """Start it, wait for its end, and tell how far it is."""
        with ThreadPoolExecutor(1, "fetch") as pool:
            running = pool.submit(run_ffmpeg, self._arguments, duration_sec=self._duration_sec, on_progress=self._note)
            try:
                self._follow(running, on_event)
            finally:
                self._over = True
                self._relay.close()  # ffmpeg reads the end of its input, and so does not wait any longer
        if self._relay.failure is not None:
            raise self._relay.failure
        try:
            running.result()
        except EncodingFailed as error:
            raise FetchFailed(
                "What YouTube's video server sent could not be made into a video.",
                "A video, and room on the disk, are needed.",
                "Try another stretch, or download the clip on your own computer and upload it.",
            ) from error

    def _note(self, done: float) -> None:
        self._done = done
        if self._over:
            raise StopRequested

    def _follow(self, running: "Future[None]", on_event: OnEvent) -> None:
        chosen = settings()
        begun = moved_at = time.monotonic()
        mark = (-1, -1.0)
        came: deque[tuple[float, int]] = deque([(begun, 0)], maxlen=round(_MEAN_SEC / _TELL_SEC))
        while not running.done() and self._relay.failure is None:
            wait([running], _TELL_SEC)
            now, received, done = time.monotonic(), self._relay.received_bytes, self._done
            came.append((now, received))
            on_event(Fetching(done, received, _speed(came), _left_sec(done, now - begun)))
            if (there := (received // _TRICKLE_BYTES, done)) != mark:
                mark, moved_at = there, now
            if running.done():
                return
            if now - moved_at > chosen.youtube_stall_sec or now - begun > chosen.youtube_fetch_sec:
                raise _too_slow(now - begun)
            if received > chosen.youtube_fetch_bytes:
                raise _too_big(chosen.youtube_fetch_bytes)


def _speed(came: deque[tuple[float, int]]) -> float:
    (first_at, first), (last_at, last) = came[0], came[-1]
    return (last - first) / max(last_at - first_at, 1e-3)


def _left_sec(done: float, took_sec: float) -> float | None:
    return took_sec * (1 - done) / done if done > 0.02 else None


def _arguments(urls: list[str], start_sec: float, duration_sec: float, out: Path) -> list[str]:
    chosen = settings()
    patience = str(round(2e6 * chosen.youtube_stall_sec))  # more than ours, which ends it with a better message
    limits = ["-protocol_whitelist", "http,tcp", "-format_whitelist", "mov,matroska", "-rw_timeout", patience]
    limits += ["-http_proxy", ""]  # one that the environment names is for the world outside, not for our door
    limits += ["-max_pixels", str(chosen.max_frame_pixels), "-ss", f"{start_sec:.6f}", "-t", f"{duration_sec:.6f}"]
    inputs = [part for url in urls for part in (*limits, "-i", url)]
    side = chosen.youtube_short_side // 2 * 2
    size = f"scale='if(gt(iw,ih),-2,trunc(min(iw,{side})/2)*2)':'if(gt(iw,ih),trunc(min(ih,{side})/2)*2,-2)'"
    picture = ["-map", "0:V:0", "-vf", f"{size}:flags=bicubic,setsar=1", *h264_arguments()]
    picture += ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    sound = ["-map", f"{len(urls) - 1}:a:0?", "-c:a", "aac", "-b:a", "96k", "-ac", "2"]
    rest = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart"]
    return [*inputs, *picture, *sound, *rest, "-fs", str(chosen.max_video_bytes), "-f", "mp4", "-y", f"file:{out}"]


def _check_stretch(listing: Listing, start_sec: float, end_sec: float) -> None:
    # A video may be some frames longer than what is told of it.
    if not 0 <= start_sec <= end_sec - _SHORTEST_SEC or end_sec > listing.duration_sec + 1:
        raise OptionsError(
            f"The stretch from {start_sec:g} to {end_sec:g} seconds cannot be had.",
            f"It must lie within the video's {listing.duration_sec:g} seconds, and end after it starts.",
            "Choose another.",
        )
    limit = settings().max_video_sec
    if end_sec - start_sec > limit:
        raise VideoTooLong(
            f"The stretch is {(end_sec - start_sec) / 60:.1f} minutes long.",
            f"At most {limit / 60:g} minutes are allowed.",
            "Choose a shorter one; HAR_MAX_VIDEO_SEC raises the limit.",
        )


def _check_result(path: Path, duration_sec: float) -> None:
    """Claims of sizes and lengths end here: this is what came.

    Raises:
        VideoTooBig: ffmpeg ended it at the limit.
        VideoError: it cannot be used.
    """
    limit = settings().max_video_bytes
    size_bytes = path.stat().st_size
    came_sec = probe(path).duration_sec if 0 < size_bytes <= limit else 0.0
    if size_bytes > limit or (size_bytes > 0.9 * limit and came_sec < duration_sec - 1):
        raise _too_big(limit)
    if not size_bytes:
        raise FetchFailed("There is nothing in that stretch.", "A stretch with pictures was expected.", "Try another.")


def _too_big(limit: int) -> VideoTooBig:
    return VideoTooBig(f"The stretch takes more than {limit / MIB:g} MiB.", "It must not.", "Choose a shorter one.")


def _too_slow(after_sec: float) -> FetchFailed:
    return FetchFailed(
        f"YouTube's video server sends too little: ended after {after_sec:.0f} seconds.",
        "A stretch mostly comes faster than it plays.",
        "Try again, or a shorter stretch.",
    )
