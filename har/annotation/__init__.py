"""The whole way from a video to everything a visitor takes away, in one folder.

    annotated.mp4   the video with the action written on every frame
    timeline.json   video, classifier, settings, verdict and segments
    timeline.csv    a row a frame
    captions.vtt, captions.srt
    scores.npz      what the network said: enough to do all of the above again with other settings
    proxy.mp4       what a page plays, where one asked for it; or proxy.webm

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
from har.annotation.result import Annotation, Labelled, LabelOptions, label
from har.annotation.run import annotate, annotate_for_page, burn, burn_again
from har.annotation.samples import true_timeline
from har.annotation.shipped import open_sample
from har.annotation.youtube import annotate_youtube_for_page

__all__ = [
    "ANNOTATED",
    "CSV",
    "JSON",
    "PLAYED",
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
    "MakingProxy",
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
    "open_sample",
    "to_play",
    "true_timeline",
]
