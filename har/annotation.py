"""One video from file to results: score it, label its frames, write everything into a folder."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from har import render
from har.classifier import Card, choose, folder_of, load, read_card
from har.errors import VideoError
from har.networks import NETWORKS
from har.progress import OnProgress, Progress, Stage, ignore
from har.recognition import score
from har.results.comparison import comparison_options
from har.results.corrections import apply_corrections, set_aside
from har.results.ground_truth import read_ground_truth, remove_ground_truth, store_ground_truth
from har.results.options import Annotation, LabelOptions, label_scores
from har.results.partial import remove_partial, start_partial
from har.results.samples import ensure_sample
from har.results.store import (
    ANNOTATED,
    PLAYER_FILES,
    SCORES,
    check_folder,
    make_notes,
    open_annotation,
    playable_file,
    write_exports,
    write_notes,
)
from har.timeline import read_table, save_scores
from har.video import VideoInfo, make_proxy, probe
from har.youtube import VideoDetails, fetch_section

YOUTUBE_FILE = "video.mp4"  # in the result's folder

_LOAD_SEC = 6.0  # a classifier, on two cores, as all that follow
_PIXELS_PER_SEC = 1e8  # of a copy with labels
_PLAYER_SHARE = 0.5  # of that time for the player's copy, which is smaller


@dataclass(frozen=True)
class GeneratedSample:
    """A sample from `har.datasets.figures.SAMPLES`, drawn on first use."""

    name: str


@dataclass(frozen=True)
class YouTubeSection:
    """A section of a YouTube video, fetched into the result's folder."""

    details: VideoDetails
    start_sec: float
    end_sec: float


Source = str | Path | GeneratedSample | YouTubeSection


def annotate(
    source: Source,
    folder: Path,
    classifier: str | Path,
    options: LabelOptions | None = None,
    stride_sec: float | None = None,
    *,
    remarks: Iterable[str] = (),
    ground_truth: Path | None = None,
    burn_in: bool = True,
    with_player_copy: bool = False,
    partial: bool = False,
    on_progress: OnProgress = ignore,
) -> Annotation:
    """Score a video and write all results into a folder.

    Args:
        source: path of a file that `har.video.probe` accepts, a generated sample, or a section of a YouTube video.
        folder: created if need be; results of an earlier run in it are replaced.
        classifier: a name from `har.classifier.list_cards`, or a folder.
        options: labels, threshold, smoothing.
        stride_sec: seconds between two windows; by default the classifier's own.
        remarks: sentences for users that belong to the result.
        ground_truth: a file with what really happens, see `har.results.read_ground_truth`; checked first.
        burn_in: whether to write the video with its labels; `burn_in_again` can do so later.
        with_player_copy: whether to write a copy for a browser's player, before anything is scored.
        partial: whether to write the labels so far during scoring, for `har.results.open_partial`.
        on_progress: called with progress. `StopRequested` raised out of it during scoring keeps what was scored, and
            writes everything but the labelled video.

    Raises:
        VideoError, YouTubeError: the video cannot be used.
        GroundTruthInvalid: the table cannot be used.
        ClassifierError: the classifier cannot be used.
        DownloadFailed, DownloadDamaged: a file that it needs cannot be downloaded.
        LabelsError, OptionsError: the options do not fit the classifier, or no such sample.
        LocationError, OptionsError: the folder cannot be written to, or a file in it would be lost.
        StopRequested: stopped before anything was scored, or while the labelled video was written.
    """
    info = probe(_video_file(source, folder, on_progress)).remarked(remarks)
    truth = None if ground_truth is None else read_ground_truth(read_table(ground_truth), info)
    if not with_player_copy:  # else it is a job's own folder, which may have files of an attempt whose worker died
        check_folder(folder, info.path, *filter(None, (ground_truth,)))
    options = (options or LabelOptions()).canonicalize(read_card(classifier).labels)
    card = choose(classifier, on_progress).card
    if with_player_copy:
        _remove(folder, PLAYER_FILES)
        with suppress(VideoError):  # scored all the same, and tried again below
            info = info.remarked(_write_player_copy(info, folder, on_progress))
    write_partial = None
    if partial:
        folder.mkdir(parents=True, exist_ok=True)
        write_partial = start_partial(folder, make_notes(info, card, options))
    on_progress(Progress(Stage.LOAD_CLASSIFIER, subject=card.title))
    scored = score(info, load(classifier), stride_sec, on_progress, write_partial)
    labelled = label_scores(scored, options)
    result = Annotation(folder, info, card, options, scored, labelled, folder_of(classifier).absolute(), truth)
    save_annotation(result, with_player_copy)
    remove_partial(folder)
    if scored.stopped:
        return result
    if with_player_copy and playable_file(folder) is None:
        result = _remarked(result, _write_player_copy(info, folder, on_progress))
    if burn_in:
        result = write_labelled_video(result, on_progress)
    return result


def annotate_job(
    source: Source,
    folder: Path,
    classifier: str | Path | None,
    options: LabelOptions,
    stride_sec: float,
    burn_in: bool,
    on_progress: OnProgress = ignore,
) -> None:
    """`annotate` as a job that can be watched. The result stays in its folder and is not sent back.

    Where no classifier is given, the options are meant for the preferred one. If another has to be used, it has its own
    threshold and stride.

    Raises:
        HarError: as `annotate`; or why the preferred classifier cannot be downloaded, if the other lacks some labels.
    """
    chosen = choose(classifier, on_progress)
    if chosen.failure is not None:
        asked, options, stride_sec = options, comparison_options(chosen.card, options), chosen.card.stride_sec
        if asked.labels is not None and options.labels is None:
            raise chosen.failure
    annotate(
        source,
        folder,
        chosen.where,
        options,
        stride_sec,
        remarks=chosen.remarks,
        burn_in=burn_in,
        with_player_copy=True,
        partial=True,
        on_progress=on_progress,
    )


def estimate_sec(info: VideoInfo, card: Card, stride_sec: float) -> float:
    """How long a page takes to annotate a video on two cores, correct within a factor of about two."""
    copies = (not info.plays_in_browsers) * _PLAYER_SHARE
    write_sec = copies * info.width * info.height * float(info.fps) / _PIXELS_PER_SEC
    score_sec = NETWORKS[card.network].score_sec * card.stride_sec / stride_sec
    return _LOAD_SEC + info.duration_sec * (write_sec + score_sec)


def save_annotation(result: Annotation, with_player_copy: bool = False) -> None:
    """Write scores, ground truth, exports and notes into the result's folder, which is created if need be.

    Videos of an earlier run are removed, since they show other labels, except a player copy that is this run's.
    """
    folder = result.folder
    folder.mkdir(parents=True, exist_ok=True)
    _remove(folder, (ANNOTATED,) if with_player_copy else (ANNOTATED, *PLAYER_FILES))
    save_scores(folder / SCORES, result.scored)
    set_aside(folder)
    if result.ground_truth is None:
        remove_ground_truth(folder)
    else:
        store_ground_truth(folder, result.ground_truth)
    _write_descriptions(result)


def write_labelled_video(result: Annotation, on_progress: OnProgress = ignore) -> Annotation:
    """Write the video with its labels.

    Returns:
        The result, with a remark, also in its files, if the labelled video lacks something.

    Raises:
        EncodingFailed: ffmpeg could not write it.
        StopRequested: raised out of `on_progress`; an earlier video stays as it was.
    """
    remarks: list[str] = []
    out = result.folder / ANNOTATED
    render.burn_in(result.info, result.labelled.frames, out, on_progress=on_progress, on_remark=remarks.append)
    return _remarked(result, remarks)


def burn_in_again(folder: Path, options: LabelOptions, on_progress: OnProgress = ignore) -> None:
    """Write the labelled video and the exports of a result again, with other options and with its corrections.

    Raises:
        AnnotationMissing: no annotation in the folder.
        CorrectionsInvalid: its corrections cannot be read.
        LabelsError: labels that the scores lack.
        EncodingFailed, StopRequested: as `write_labelled_video`.
    """
    stored = open_annotation(folder)
    options = options.canonicalize(stored.card.labels)
    changed = apply_corrections(stored.relabelled(options))
    if playable_file(folder) is None:
        changed = _remarked(changed, _write_player_copy(changed.info, folder, on_progress))
    _write_descriptions(write_labelled_video(changed, on_progress))


def _remarked(result: Annotation, remarks: list[str]) -> Annotation:
    """The result with what its copies lack, which is known only when they are written; its files say so, too."""
    info = result.info.remarked(remarks)
    if info == result.info:
        return result
    _write_descriptions(changed := replace(result, info=info))
    return changed


def _write_descriptions(result: Annotation) -> None:
    write_exports(result)
    write_notes(result.folder, result.info, result.card, result.options, result.classifier)


def _video_file(source: Source, folder: Path, on_progress: OnProgress) -> Path:
    match source:
        case GeneratedSample(name):
            return ensure_sample(name, on_progress)
        case YouTubeSection(details, start_sec, end_sec):
            return fetch_section(details, start_sec, end_sec, folder / YOUTUBE_FILE, on_progress)
        case _:
            return Path(source)


def _write_player_copy(info: VideoInfo, folder: Path, on_progress: OnProgress) -> list[str]:
    """Write the copy; return what it lacks, in sentences for users."""
    folder.mkdir(parents=True, exist_ok=True)
    remarks: list[str] = []
    mark = secrets.token_hex(16)  # no two copies are alike, and none reveals the job's id
    make_proxy(info, folder, mark=mark, on_progress=on_progress, on_remark=remarks.append)
    return remarks


def _remove(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)
