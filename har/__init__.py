"""Human action recognition: from labelled videos to classifiers, from videos to timelines.

Public functions are loaded on first use, so `import har` is quick and does not import TensorFlow.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from har.api import (
        Result,
        annotate,
        evaluate,
        list_classifiers,
        load_classifier,
        open_dataset,
        train,
    )
    from har.classifier import Card, Classifier
    from har.datasets import Dataset
    from har.errors import HarError, StopRequested
    from har.evaluation import Report
    from har.progress import Progress
    from har.recipe import Recipe
    from har.timeline import FrameLabels, Segment

# Read by TensorFlow if it is imported. Its builds for x86 include oneDNN's kernels, but use them by default only on
# processors with AVX-512. On others they help as much: docs/decisions/0031-onednn.md.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__all__ = [
    "Card",
    "Classifier",
    "Dataset",
    "FrameLabels",
    "HarError",
    "Progress",
    "Recipe",
    "Report",
    "Result",
    "Segment",
    "StopRequested",
    "annotate",
    "evaluate",
    "list_classifiers",
    "load_classifier",
    "open_dataset",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("har.errors" if name in ("HarError", "StopRequested") else "har.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
