"""Clips that users upload: see `har.datasets.user_sets`."""

from har.datasets import user_sets
from har.datasets.source import Source

SOURCE = Source(
    name=user_sets.NAME,
    title="Your own clips",
    description="Train on your own actions: upload a few short clips of each, or an archive with a folder for each "
    "label.",
    licence=user_sets.LICENCE,
    size="Three clips of each of two actions are enough to start",
)
