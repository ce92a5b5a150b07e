"""The whole way from a video to everything a visitor takes away, in one folder.

    annotated.mp4   the video with the action written on every frame
    timeline.json   video, classifier, settings, verdict and segments
    timeline.csv    a row a frame
    captions.vtt, captions.srt
    scores.npz      what the network said: enough to do all of the above again with other settings
    notes.json      what opening the folder again needs beside the scores
    corrections.json  what a person has corrected, and the steps that can be undone; all of the above follows it
    proxy.mp4       what a page plays, where one asked for it; or proxy.webm
    so-far.npz      while a page waits: the scores so far
    truth.json      what truly happens, where somebody has brought that
    second/         what a second classifier says, where somebody has asked one
    explained/      why it said so at some moments, where a page asked for it

Scoring and drawing are two passes, so a new threshold costs milliseconds and only burning in is done again.
"""

from har.results.bundled_sample import open_sample
from har.results.comparison import annotate_second, forget_second, open_second, own_options
from har.results.corrections import CORRECTIONS, bring, change, corrected, corrections_of, keep_corrections, undo
from har.results.events import AnnotationEvent, BurningIn, Cutting, DrawingSample, LoadingClassifier, MakingProxy
from har.results.explanations import Place, explain_place, explained, place_at, read_explained
from har.results.ground_truth import AgainstTruth, against_truth, forget_truth, keep_truth
from har.results.options import Annotation, Labelled, LabelOptions, label
from har.results.partial import Growing, changed_ns, open_growing
from har.results.store import (
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
from har.results.training_clips import Kept, clips_of, keep, keep_for_page

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
    "AgainstTruth",
    "Annotation",
    "AnnotationEvent",
    "BurningIn",
    "Cutting",
    "DrawingSample",
    "Growing",
    "Kept",
    "LabelOptions",
    "Labelled",
    "LoadingClassifier",
    "MakingProxy",
    "Place",
    "against_truth",
    "annotate_second",
    "bring",
    "change",
    "changed_ns",
    "clips_of",
    "corrected",
    "corrections_of",
    "ends_at",
    "explain_place",
    "explained",
    "export_text",
    "forget_second",
    "forget_truth",
    "is_annotated",
    "keep",
    "keep_corrections",
    "keep_for_page",
    "keep_truth",
    "label",
    "open_annotation",
    "open_growing",
    "open_sample",
    "open_second",
    "own_options",
    "place_at",
    "read_explained",
    "to_play",
    "undo",
    "write_texts",
]
