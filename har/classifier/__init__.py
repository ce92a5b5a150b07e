"""What is trained, saved, loaded and run: a folder with `weights.npz` and `card.json`, and no code."""

from har.classifier.card import FORMAT_VERSION, Card, Figure, SeenVideo, TrainingData, folder_of, list_cards, read_card
from har.classifier.default import choose, expected_default
from har.classifier.model import Classifier, load, load_cached, with_temperature
from har.classifier.stored import retitle, save

__all__ = [
    "FORMAT_VERSION",
    "Card",
    "Classifier",
    "Figure",
    "SeenVideo",
    "TrainingData",
    "choose",
    "expected_default",
    "folder_of",
    "list_cards",
    "load",
    "load_cached",
    "read_card",
    "retitle",
    "save",
    "with_temperature",
]
