"""Labelled videos: opened by name or from a folder, and split for training."""

from har.datasets.catalog import ensure_drawn, list_datasets, open_dataset
from har.datasets.dataset import Dataset, LabelledVideo, Note, Skipped, content_hash, normalise_label, one_per_class
