"""Labelled videos: opened by name or from a folder, and split for training."""

from har.datasets.catalog import DatasetEntry, ensure_drawn, list_datasets, open_dataset
from har.datasets.dataset import Dataset, LabelledVideo, Note, Skipped, content_hash, normalise_label, one_per_class

__all__ = [
    "Dataset",
    "DatasetEntry",
    "LabelledVideo",
    "Note",
    "Skipped",
    "content_hash",
    "ensure_drawn",
    "list_datasets",
    "normalise_label",
    "one_per_class",
    "open_dataset",
]
