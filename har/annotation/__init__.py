"""The whole way from a video to everything a visitor takes away, in one folder.

    annotated.mp4   the video with the action written on every frame
    timeline.json   video, classifier, settings, verdict and segments
    timeline.csv    a row a frame
    captions.vtt, captions.srt
    scores.npz      what the network said: enough to do all of the above again with other settings
    proxy.mp4       what a page plays, where one asked for it; or proxy.webm
    so-far.npz      while a page waits: the scores so far
    truth.json      what truly happens, where somebody has brought that
    second/         what a second classifier says, where somebody has asked one

Scoring and drawing are two passes, so a new threshold costs milliseconds and only burning in is done again.
"""

from har.annotation.events import AnnotationEvent, BurningIn, DrawingSample, LoadingClassifier, MakingProxy
from har.annotation.folder import (
    ANNOTATED,
    CSV,
    JSON,
    PLAYED,
    SCORES,
    SRT,
    VTT,
    ends_at,
    export_text,
    is_annotated,
    open_annotation,
    to_play,
)
from har.annotation.growing import Growing, changed_ns, open_growing
from har.annotation.result import Annotation, Labelled, LabelOptions, label
from har.annotation.run import annotate, annotate_for_page, burn, burn_again
from har.annotation.second import annotate_second, forget_second, open_second, own_options
from har.annotation.truth import AgainstTruth, against_truth, forget_truth, keep_truth
from har.annotation.youtube import annotate_youtube_for_page

__all__ = [
    "ANNOTATED",
    "CSV",
    "JSON",
    "PLAYED",
    "SCORES",
    "SRT",
    "VTT",
    "AgainstTruth",
    "Annotation",
    "AnnotationEvent",
    "BurningIn",
    "DrawingSample",
    "Growing",
    "LabelOptions",
    "Labelled",
    "LoadingClassifier",
    "MakingProxy",
    "against_truth",
    "annotate",
    "annotate_for_page",
    "annotate_second",
    "annotate_youtube_for_page",
    "burn",
    "burn_again",
    "changed_ns",
    "ends_at",
    "export_text",
    "forget_second",
    "forget_truth",
    "is_annotated",
    "keep_truth",
    "label",
    "open_annotation",
    "open_growing",
    "open_second",
    "own_options",
    "to_play",
]
