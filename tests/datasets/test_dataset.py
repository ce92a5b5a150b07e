from pathlib import Path

import pytest

from har.datasets import Dataset, LabelledVideo, content_hash, normalise_label
from har.errors import LabelsError


def dataset(*labelled: tuple[str, str | None]) -> Dataset:
    videos = (LabelledVideo(Path(f"{n}.mp4"), label, group) for n, (label, group) in enumerate(labelled))
    return Dataset("some", "Some", tuple(videos))


@pytest.mark.parametrize(
    ("label", "normal"),
    [
        ("TaiChi", "tai chi"),
        ("tai_chi", "tai chi"),
        (" Tai-Chi ", "tai chi"),
        ("TAI CHI", "tai chi"),
        ("TVWatching", "tv watching"),
        ("wave1", "wave1"),
        ("Überschlag", "überschlag"),
        ("U\u0308berschlag", "überschlag"),
    ],
)
def test_spellings_of_a_label_are_the_same(label: str, normal: str) -> None:
    assert normalise_label(label) == normal


@pytest.mark.parametrize("labels", [("कूद", "काद"), ("🤸", "🏃"), ("?", "!"), ("กิน", "กาน")])
def test_labels_that_differ_in_vowel_signs_or_symbols_are_different(labels: tuple[str, str]) -> None:
    assert len({normalise_label(label) for label in labels}) == 2


def test_labels_and_groups_are_sorted_and_unknown_groups_are_none() -> None:
    some = dataset(("run", "g02"), ("jump", None), ("run", "g01"))
    assert some.labels == ("jump", "run")
    assert some.groups == ("g01", "g02")


def test_labels_can_be_selected_in_any_spelling() -> None:
    some = dataset(("TaiChi", "g01"), ("Squat", "g01"), ("Walk", "g01"))
    assert some.select_labels(["tai chi", "walk"]).labels == ("TaiChi", "Walk")


def test_a_label_with_a_comma_is_in_quotes_in_the_message() -> None:
    with pytest.raises(LabelsError, match=r'Its labels: Walk, "run, fast"\.'):
        dataset(("run, fast", None), ("Walk", None)).select_labels(["fast"])


def test_an_unknown_label_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LabelsError, match=r"swim.*Squat, TaiChi"):
        dataset(("TaiChi", "g01"), ("Squat", "g01")).select_labels(["Swim", "Squat"])


def test_the_hash_depends_on_the_content_only(tmp_path: Path) -> None:
    for name, content in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        (tmp_path / name).write_bytes(content)
    a, b, c = (content_hash(tmp_path / name) for name in "abc")
    assert a == b != c
    assert len(a) == 32
