"""Annotating a video, and burning in once more with other settings."""

import secrets
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from har.annotation.events import BurningIn, DrawingSample, LoadingClassifier, MakingPreview, OnEvent, ignore
from har.annotation.folder import ANNOTATED, PREVIEW, SCORES, open_annotation, write_notes, write_texts
from har.annotation.result import Annotation, LabelOptions, label
from har.classifier import Classifier, folder_of, load, read_card
from har.datasets import figures
from har.recognition import score
from har.render import burn_in
from har.settings import settings
from har.timeline import save_scores
from har.video import make_preview, probe


def annotate(
    video: Path,
    folder: Path,
    classifier: str | Path,
    options: LabelOptions | None = None,
    stride_sec: float | None = None,
    with_preview: bool = False,
    on_event: OnEvent = ignore,
) -> Annotation:
    """Score a video and write every result into a folder.

    Args:
        video: any file that `har.video.probe` takes.
        folder: made if need be; files of an earlier run in it are replaced.
        classifier: a name that `har.classifier.list_cards` lists, or a folder.
        options: labels, threshold, smoothing.
        stride_sec: seconds between two windows; the classifier's own by default.
        with_preview: also make what a page needs: a small copy for its player, and notes to open the folder again.
        on_event: told of progress. `StopRequested` raised out of it while scoring keeps what was scored and writes
            all but the labelled video.

    Raises:
        VideoError: the video cannot be used.
        ClassifierError: the classifier cannot be used.
        LabelsError, OptionsError: the options do not fit the classifier.
        StopRequested: asked to stop before anything was scored, or while the video was written.
    """
    info = probe(video)
    card = read_card(classifier)
    options = (options or LabelOptions()).spelt_as(card.labels)
    on_event(LoadingClassifier(card.title))
    scored = score(info, _loaded(classifier), stride_sec, on_event)
    folder.mkdir(parents=True, exist_ok=True)
    result = Annotation(folder, info, card, options, scored, label(scored, options))
    for name in (ANNOTATED, PREVIEW):
        (folder / name).unlink(missing_ok=True)  # of an earlier run: they would not show these labels
    save_scores(folder / SCORES, scored)
    write_texts(result)
    if with_preview:
        write_notes(folder, info, card, options)
    if not scored.stopped:
        burn(result, with_preview, on_event)
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
    video = _sample(source, on_event) if isinstance(source, str) else source
    annotate(video, folder, classifier, options, stride_sec, True, on_event)


def burn(result: Annotation, with_preview: bool = False, on_event: OnEvent = ignore) -> None:
    """Write the video with its labels.

    Raises:
        EncodingFailed: ffmpeg could not write it.
        StopRequested: raised out of `on_event`; a video that was there stays as it was.
    """
    annotated, preview = result.folder / ANNOTATED, result.folder / PREVIEW
    burn_in(result.info, result.labelled.frames, annotated, on_progress=lambda done: on_event(BurningIn(done)))
    if with_preview:
        mark = secrets.token_hex(16)  # two previews never look alike, and nobody learns a job's id from one
        make_preview(annotated, preview, mark=mark, on_progress=lambda done: on_event(MakingPreview(done)))


def burn_again(folder: Path, options: LabelOptions, on_event: OnEvent = ignore) -> None:
    """Write the video and the texts of an annotated folder again under other options, from its stored scores.

    Raises:
        AnnotationMissing: the folder holds no annotation made with `with_preview`.
        LabelsError: labels that the scores do not have.
        EncodingFailed, StopRequested: as `burn`.
    """
    stored = open_annotation(folder)
    options = options.spelt_as(stored.card.labels)
    changed = replace(stored, options=options, labelled=label(stored.scored, options))
    burn(changed, True, on_event)
    write_texts(changed)
    write_notes(folder, stored.info, stored.card, options)


def _sample(name: str, on_event: OnEvent) -> Path:
    path = settings().home / "samples" / f"v{figures.VERSION}" / f"{name}.mp4"
    if not path.exists():
        if name in figures.SAMPLES:
            on_event(DrawingSample(figures.SAMPLES[name].title))
            path.parent.mkdir(parents=True, exist_ok=True)
        figures.make_sample(path, name)
    return path


def _loaded(classifier: str | Path) -> Classifier:
    folder = folder_of(classifier)
    return _loaded_once(folder, (folder / "card.json").stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _loaded_once(folder: Path, changed_ns: int) -> Classifier:
    """A worker keeps its last classifiers: building a network takes longer than scoring a short video."""
    return load(folder)
