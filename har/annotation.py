"""Annotating a video, and burning in once more with other settings."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from har import youtube
from har.classifier import folder_of, load_cached, read_card
from har.errors import VideoError
from har.recognition import score
from har.render import burn_in
from har.results import partial
from har.results.corrections import CORRECTIONS, corrected
from har.results.events import AnnotationEvent, BurningIn, LoadingClassifier, MakingProxy, OnEvent, ignore
from har.results.options import Annotation, LabelOptions, label
from har.results.samples import drawn_sample
from har.results.store import (
    ANNOTATED,
    PLAYED,
    SCORES,
    Notes,
    notes_of,
    open_annotation,
    to_play,
    write_notes,
    write_texts,
)
from har.settings import settings
from har.timeline import WindowScores, open_truth, save_scores
from har.video import VideoInfo, make_proxy, probe


def annotate(
    video: Path,
    folder: Path,
    classifier: str | Path,
    options: LabelOptions | None = None,
    stride_sec: float | None = None,
    for_page: bool = False,
    truth: Path | None = None,
    on_event: OnEvent = ignore,
    with_video: bool = True,
) -> Annotation:
    """Score a video and write every result into a folder.

    Args:
        video: any file that `har.video.probe` takes.
        folder: made if need be; files of an earlier run in it are replaced.
        classifier: a name that `har.classifier.list_cards` lists, or a folder.
        options: labels, threshold, smoothing.
        stride_sec: seconds between two windows; the classifier's own by default.
        for_page: also make what a page needs: something for its player to play.
            Into videos longer than `settings().burn_in_sec` labels are then not burned in before somebody asks.
        truth: a table of what truly happens, see `har.timeline.read_truth`; what is wrong with it is told at once.
        on_event: told of progress. `StopRequested` raised out of it while scoring keeps what was scored and writes
            all but the labelled video.
        with_video: whether to write the labelled video at all.

    Raises:
        VideoError: the video cannot be used.
        TruthRefused: the table cannot be used.
        ClassifierError: the classifier cannot be used.
        LabelsError, OptionsError: the options do not fit the classifier.
        StopRequested: asked to stop before anything was scored, or while the video was written.
    """
    info = probe(video)
    told = None if truth is None else open_truth(truth, info.duration_sec)
    card = read_card(classifier)
    options = (options or LabelOptions()).spelt_as(card.labels)
    keep = _begin_for_page(folder, notes_of(info, card, options), on_event) if for_page else None
    on_event(LoadingClassifier(card.title))
    scored = score(info, load_cached(classifier), stride_sec, on_event, keep)
    folder.mkdir(parents=True, exist_ok=True)
    labelled = label(scored, options)
    result = Annotation(folder, info, card, options, scored, labelled, folder_of(classifier).absolute(), told)
    for name in (ANNOTATED, *(() if for_page else PLAYED)):
        (folder / name).unlink(missing_ok=True)  # of an earlier run: it would not show these labels
    save_scores(folder / SCORES, scored)
    if (folder / CORRECTIONS).exists():  # of an earlier run: somebody's work, which is put aside
        (folder / CORRECTIONS).replace(folder / f"earlier-{CORRECTIONS}")
    write_texts(result)
    write_notes(folder, info, card, options, result.classifier)
    if for_page:
        partial.end(folder)
        if to_play(folder) is None and not scored.stopped:  # it could not be made before
            _make_proxy(info, folder, on_event)
    if with_video and not scored.stopped and not (for_page and scored.duration_sec > settings().burn_in_sec):
        burn(result, on_event)
    return result


def annotate_for_page(
    source: Path | str,
    folder: Path,
    classifier: str | Path,
    options: LabelOptions,
    stride_sec: float,
    on_event: OnEvent = ignore,
) -> None:
    """`annotate` with what a page needs. It gives nothing back: the page opens the folder.

    Args:
        source: a video, or the name of one of `har.datasets.figures.SAMPLES`, which is drawn if it has not been yet.
        folder: made if need be.
        classifier: a name that `har.classifier.list_cards` lists, or a folder.
        options: labels, threshold, smoothing.
        stride_sec: seconds between two windows.
        on_event: told of progress, and may stop the work, as in `annotate`.

    Raises:
        OptionsError: no sample of that name; all else as `annotate`.
    """
    video = drawn_sample(source, on_event) if isinstance(source, str) else source
    annotate(video, folder, classifier, options, stride_sec, for_page=True, on_event=on_event)


def burn(result: Annotation, on_event: OnEvent = ignore) -> None:
    """Write the video with its labels.

    Raises:
        EncodingFailed: ffmpeg could not write it.
        StopRequested: raised out of `on_event`; a video that was there stays as it was.
    """
    out = result.folder / ANNOTATED
    burn_in(result.info, result.labelled.frames, out, on_progress=lambda done: on_event(BurningIn(done)))


def burn_again(folder: Path, options: LabelOptions, on_event: OnEvent = ignore) -> None:
    """Write the video and the texts of an annotated folder again under other options, from its stored scores.

    Where a person has corrected it, what they say stands there.

    Raises:
        AnnotationMissing: the folder holds no annotation.
        CorrectionsRefused: its corrections cannot be read.
        LabelsError: labels that the scores do not have.
        EncodingFailed, StopRequested: as `burn`.
    """
    stored = open_annotation(folder)
    options = options.spelt_as(stored.card.labels)
    changed = corrected(replace(stored, options=options, labelled=label(stored.scored, options)))
    if to_play(folder) is None:
        _make_proxy(changed.info, folder, on_event)
    burn(changed, on_event)
    write_texts(changed)
    write_notes(folder, stored.info, stored.card, options, stored.classifier)


def _begin_for_page(folder: Path, about: Notes, on_event: OnEvent) -> Callable[[Callable[[], WindowScores]], None]:
    """Make what the player plays before anything is scored, so that the scores can be watched coming.

    Where it cannot be made, the video is scored all the same; see `annotate` for what happens then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in PLAYED:
        (folder / name).unlink(missing_ok=True)
    with suppress(VideoError):
        _make_proxy(about.info, folder, on_event)
    return partial.begin(folder, about)


def _make_proxy(info: VideoInfo, folder: Path, on_event: OnEvent) -> None:
    mark = secrets.token_hex(16)  # two proxies never look alike, and nobody learns a job's id from one
    make_proxy(info, folder, mark=mark, on_progress=lambda done: on_event(MakingProxy(done)))


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
