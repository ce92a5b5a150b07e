"""The thing that is trained, saved, loaded and asked: a folder with `weights.npz` and `card.json`, and no code."""

from har.classifier.card import FORMAT_VERSION, Card, Figure, SeenVideo, TrainingData, folder_of, list_cards, read_card
from har.classifier.model import Classifier, cooled, load, load_cached, save

__all__ = [
    "FORMAT_VERSION",
    "Card",
    "Classifier",
    "Figure",
    "SeenVideo",
    "TrainingData",
    "cooled",
    "folder_of",
    "list_cards",
    "load",
    "load_cached",
    "read_card",
    "save",
]
