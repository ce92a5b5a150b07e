"""The whole way from a video to everything a visitor takes away, in one folder.

    annotated.mp4   the video with the action written on every frame
    timeline.json   video, classifier, settings, verdict and segments
    timeline.csv    a row a frame
    captions.vtt, captions.srt
    scores.npz      what the network said: enough to do all of the above again with other settings
    notes.json      what opening the folder again needs beside the scores
    corrections.json  what a person has corrected, and the steps that can be undone; all of the above follows it
    proxy.mp4       what a page plays, where one asked for it; or proxy.webm

Scoring and drawing are two passes, so a new threshold costs milliseconds and only burning in is done again.
"""

from har.annotation.correcting import CORRECTIONS, bring, change, corrected, corrections_of, keep_corrections, undo
from har.annotation.events import AnnotationEvent, BurningIn, Cutting, DrawingSample, LoadingClassifier, MakingProxy
from har.annotation.folder import (
    ACTIVITYNET,
    ANNOTATED,
    CSV,
    JSON,
    LABEL_STUDIO,
    PLAYED,
    SCORES,
    SRT,
    VTT,
    ends_at,
    export_text,
    is_annotated,
    open_annotation,
    to_play,
    write_texts,
)
from har.annotation.keeping import Kept, clips_of, keep, keep_for_page
from har.annotation.result import Annotation, Labelled, LabelOptions, label
from har.annotation.run import annotate, annotate_for_page, burn, burn_again
from har.annotation.samples import true_timeline
from har.annotation.youtube import annotate_youtube_for_page

__all__ = [
    "ACTIVITYNET",
    "ANNOTATED",
    "CORRECTIONS",
    "CSV",
    "JSON",
    "LABEL_STUDIO",
    "PLAYED",
    "SCORES",
    "SRT",
    "VTT",
    "Annotation",
    "AnnotationEvent",
    "BurningIn",
    "Cutting",
    "DrawingSample",
    "Kept",
    "LabelOptions",
    "Labelled",
    "LoadingClassifier",
    "MakingProxy",
    "annotate",
    "annotate_for_page",
    "annotate_youtube_for_page",
    "bring",
    "burn",
    "burn_again",
    "change",
    "clips_of",
    "corrected",
    "corrections_of",
    "ends_at",
    "export_text",
    "is_annotated",
    "keep",
    "keep_corrections",
    "keep_for_page",
    "label",
    "open_annotation",
    "to_play",
    "true_timeline",
    "undo",
    "write_texts",
]
