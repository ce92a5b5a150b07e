"""How well groups are guessed from visual similarity, on data sets whose groups are known.

Recall is the share of pairs of one recording that are put into one group; precision is the share of pairs in one group
that are of one recording. `python -m benchmarks.similarity_groups FOLDER…`; without folders, on some generated clips.
"""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from har.datasets import Dataset, open_dataset
from har.datasets.figures import open_figures
from har.datasets.similarity_groups import with_guessed_groups


def main() -> None:
    """Print a line for each data set."""
    with TemporaryDirectory() as folder:
        names = sys.argv[1:]
        sets = [open_dataset(name) for name in names] or [open_figures(["Kick", "Wave"], range(1, 9), Path(folder))]
        for dataset in sets:
            print(evaluate(dataset))


def evaluate(dataset: Dataset) -> str:
    """Hide the groups, guess them, and compare."""
    per_label = dataset.name.lower().startswith("ucf101")  # where g07 of two classes are different recordings
    known = [(video.label if per_label else "", video.group or str(video.path)) for video in dataset.videos]
    hidden = replace(dataset, videos=tuple(replace(video, group=None) for video in dataset.videos))
    guessed = [video.group for video in with_guessed_groups(hidden).videos]
    first, second = np.triu_indices(len(known), 1)
    actual, predicted = (
        numbers[first] == numbers[second]
        for numbers in (np.unique(np.array(n), axis=0, return_inverse=True)[1].reshape(-1) for n in (known, guessed))
    )
    recall = (predicted & actual).sum() / max(1, actual.sum())
    precision = (predicted & actual).sum() / max(1, predicted.sum())
    return (
        f"{dataset.title}: {len(known)} clips of {len(set(known))} recordings; {len(set(guessed))} guessed; "
        f"recall {recall:.2f}, precision {precision:.2f}"
    )


if __name__ == "__main__":
    main()
