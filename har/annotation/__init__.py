"""The whole way from a video to everything a visitor takes away, in one folder.

    annotated.mp4   the video with the action written on every frame
    timeline.json   video, classifier, settings, verdict and segments
    timeline.csv    a row a frame
    captions.vtt, captions.srt
    scores.npz      what the network said: enough to do all of the above again with other settings

Scoring and drawing are two passes, so a new threshold costs milliseconds and only burning in is done again.
"""

from har.annotation.events import AnnotationEvent, BurningIn, DrawingSample, LoadingClassifier, MakingPreview
from har.annotation.folder import (
    ANNOTATED,
    CSV,
    JSON,
    PREVIEW,
    SCORES,
    SRT,
    VTT,
    ends_at,
    export_text,
    is_annotated,
    open_annotation,
)
from har.annotation.result import Annotation, Labelled, LabelOptions, label
from har.annotation.run import annotate, annotate_for_page, burn, burn_again
from har.annotation.youtube import annotate_youtube_for_page

__all__ = [
    "ANNOTATED",
    "CSV",
    "JSON",
    "PREVIEW",
    "SCORES",
    "SRT",
    "VTT",
    "Annotation",
    "AnnotationEvent",
    "BurningIn",
    "DrawingSample",
    "LabelOptions",
    "Labelled",
    "LoadingClassifier",
    "MakingPreview",
    "annotate",
    "annotate_for_page",
    "annotate_youtube_for_page",
    "burn",
    "burn_again",
    "ends_at",
    "export_text",
    "is_annotated",
    "label",
    "open_annotation",
]
