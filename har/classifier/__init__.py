"""What is trained, saved, loaded and run: a folder with `weights.npz` and `card.json`, and no code."""

from har.classifier.card import Card, Figure, SeenVideo, TrainingData, folder_of, list_cards, place_of, read_card
from har.classifier.default import choose, expected_default
from har.classifier.model import Classifier, load, load_cached, with_temperature
from har.classifier.stored import retitle, save
