"""How well groups are guessed from likeness: on data sets whose groups are known, hidden and guessed.

A pair of videos of one recording that is put together counts for recall; of the pairs put together, those of one
recording count for precision. `python -m benchmarks.similarity_groups FOLDER…`; without folders, on some generated clips.
"""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from har.datasets import Dataset, open_dataset
from har.datasets.figures import write_figures
from har.datasets.similarity_groups import with_guessed_groups


def main() -> None:
    """Print a line a data set."""
    with TemporaryDirectory() as folder:
        names = sys.argv[1:]
        sets = [open_dataset(name) for name in names] or [write_figures(Path(folder), ["Kick", "Wave"], range(1, 9))]
        for dataset in sets:
            measure(dataset)


def measure(dataset: Dataset) -> None:
    """Hide the groups, guess them, compare."""
    apart = dataset.name.lower().startswith("ucf101")  # where g07 of one class is not g07 of another
    known = [(video.label if apart else "", video.group or str(video.path)) for video in dataset.videos]
    hidden = replace(dataset, videos=tuple(replace(video, group=None) for video in dataset.videos))
    guessed = [video.group for video in with_guessed_groups(hidden).videos]
    pairs = np.triu_indices(len(known), 1)
    true, found = (np.unique(np.array(names), axis=0, return_inverse=True)[1].reshape(-1) for names in (known, guessed))
    together, really = (found[pairs[0]] == found[pairs[1]]), (true[pairs[0]] == true[pairs[1]])
    recall = (together & really).sum() / max(1, really.sum())
    precision = (together & really).sum() / max(1, together.sum())
    print(
        f"{dataset.title}: {len(known)} clips of {len(set(known))} recordings; {len(set(guessed))} guessed; "
        f"recall {recall:.2f}, precision {precision:.2f}"
    )


if __name__ == "__main__":
    main()
