"""The result of annotating a video: files in one folder, which can be opened and changed later.

    annotated.mp4    the video with the label written on every frame
    timeline.json, timeline.csv, captions.vtt, captions.srt    see `har.exports`
    scores.npz       window scores: enough to compute all of the above again with other options
    notes.json       what opening the folder needs in addition to the scores
    corrections.json a person's corrections, with undo steps; exports and the labelled video follow them
    proxy.mp4        a copy for a browser's player (or proxy.webm)
    preview.jpg      pictures for lists of results, made when they are first shown
    so-far.npz       while the video is being scored: the scores so far
    truth.json       imported ground truth
    second/          a second classifier's labels, for comparison
    explained/       explanations of single windows
    highlights.mp4, two-classifiers.mp4, with-ground-truth.mp4    films, see `har.reels`

Scoring and drawing are two passes, so a new threshold costs milliseconds, and only burning in is repeated.
"""

from har.results.bundled_sample import copy_bundled_sample
from har.results.comparison import add_comparison, comparison_options, open_comparison, remove_comparison
from har.results.corrections import (
    CORRECTIONS,
    apply_corrections,
    import_corrections,
    read_corrections,
    replace_segments,
    save_corrections,
    undo_correction,
)
from har.results.explanations import (
    ExplanationTarget,
    explain_target,
    list_explanations,
    read_explanation,
    target_at,
)
from har.results.filmstrip import find_filmstrip, write_filmstrip
from har.results.ground_truth import (
    GroundTruthComparison,
    compare_with_ground_truth,
    import_ground_truth,
    remove_ground_truth,
)
from har.results.listing import ListedResult, list_results
from har.results.options import Annotation, Labelled, LabelOptions, label_scores
from har.results.partial import open_partial, partial_changed_ns
from har.results.store import (
    ANNOTATED,
    SCORES,
    expires_at,
    export_text,
    free_folder,
    is_annotated,
    open_annotation,
    other_video,
    playable_file,
    write_exports,
)
from har.results.training_clips import SavedClips, save_training_clips, select_clips
