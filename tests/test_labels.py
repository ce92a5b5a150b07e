import pytest

from har.labels import display_name, title_labels


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("PutDown", "Put down"),
        ("WalkingWithDog", "Walking with dog"),
        ("brush_hair", "brush hair"),
        ("3D print", "3D print"),
        ("USB plug", "USB plug"),
        ("Ööl Äther", "Ööl Äther"),
        ("", ""),
    ],
)
def test_labels_are_shown_as_words(label, shown):
    assert display_name(label) == shown


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        (("Cobra", "Triangle"), "Cobra · Triangle"),
        (("Cobra", "PutDown", "Wave"), "Cobra · Put down · Wave"),
        (("Cobra", "Plank", "Triangle", "Wave"), "Cobra · Plank · +2"),
        ((), ""),
    ],
)
def test_titles_name_few_labels_and_count_the_rest(labels, title):
    assert title_labels(labels) == title
