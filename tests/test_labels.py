import pytest

from har.labels import display_name


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("PutDown", "Put down"),
        ("WalkingWithDog", "Walking with dog"),
        ("Kick", "Kick"),
        ("brush_hair", "brush hair"),
        ("playing guitar", "playing guitar"),
        ("3D print", "3D print"),
        ("USB plug", "USB plug"),
        ("Ööl Äther", "Ööl Äther"),
        ("", ""),
    ],
)
def test_labels_are_shown_as_words(label, shown):
    assert display_name(label) == shown
