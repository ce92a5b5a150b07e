"""The same for a stretch of a video on YouTube, which is fetched first."""

from collections.abc import Callable
from pathlib import Path

from har import youtube
from har.annotation.events import AnnotationEvent, ignore
from har.annotation.result import LabelOptions
from har.annotation.run import annotate_for_page

OnYouTubeEvent = Callable[[AnnotationEvent | youtube.Fetching], None]


def annotate_youtube_for_page(
    listing: youtube.Listing,
    stretch: tuple[float, float],
    folder: Path,
    classifier: str | Path,
    options: LabelOptions,
    stride_sec: float,
    on_event: OnYouTubeEvent = ignore,
) -> None:
    """Fetch a stretch into the folder, then `annotate_for_page`.

    Args:
        listing: what a look at the video has given.
        stretch: its first and last second.
        folder: made if need be.
        classifier: a name that `har.classifier.list_cards` lists, or a folder.
        options: labels, threshold, smoothing.
        stride_sec: seconds between two windows.
        on_event: told of progress, and may stop the work; while it is fetched that leaves nothing.

    Raises:
        YouTubeError, OptionsError, VideoTooLong, VideoTooBig: it cannot be fetched; all else as `annotate`.
    """
    video = youtube.get(listing, *stretch, folder / "video.mp4", on_event)
    annotate_for_page(video, folder, classifier, options, stride_sec, on_event)
