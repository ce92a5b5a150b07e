"""What goes into a highlight film, and how long it gets."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from har.classifier import read_card
from har.errors import LabelsError, OptionsError
from har.reels import HighlightOptions, plan_highlights
from har.reels.plan import film_fps
from har.results import Annotation, Labelled, LabelOptions
from har.timeline import Segment, Timeline
from tests.exports.data import INFO, document, frame_labels


def result(*parts, fps=25):
    """A result with segments of these labels, lengths in seconds, confidences and marks."""
    segments, at = [], 0.0
    for label, length, *more in parts:
        confidence, mark = (*more, *(0.5, None)[len(more) :])
        segments.append(Segment(at, at + length, label, confidence, 1, mark))
        at += length
    labelled = Labelled(frame_labels(), Timeline(tuple(segments)), [])
    card = replace(read_card("lrcn-figures"), labels=("squat", "wave", "PutDown"))
    info = replace(INFO, fps=Fraction(fps))
    return Annotation(Path("result"), info, card, LabelOptions(), document().scored, labelled)


def shown(plan):
    return [(shot.video, shot.label, round(shot.start_sec, 3), round(shot.end_sec, 3)) for shot in plan.shots]


def test_all_labelled_segments_go_in_when_they_fit():
    plan = plan_highlights([result(("wave", 3), (None, 2), ("squat", 4))], HighlightOptions())
    assert shown(plan) == [(0, "wave", 0, 3), (0, "squat", 5, 9)]
    assert plan.frame_counts == (50, 75, 100)  # two seconds of title, and the segments
    assert plan.starts == (0, 38, 101)  # each 12 frames before what comes before it ends
    assert plan.frame_count == 201
    assert plan.found_count == 2


def test_the_surest_segments_go_in_first_in_order_of_time_and_the_last_one_is_shortened_at_both_ends():
    parts = [("wave", 5, 0.6), ("squat", 10, 0.7), ("wave", 5, 0.9)]
    plan = plan_highlights([result(*parts)], HighlightOptions(max_sec=12.0))
    assert plan.frame_count == 300
    (_, first, start, end), last = shown(plan)
    assert first == "squat"
    assert start - 5 == pytest.approx(15 - end)
    assert last == (0, "wave", 15, 20)
    plan = plan_highlights([result(*parts)], HighlightOptions(max_sec=7.0))  # 0.48 s more is no moment
    assert shown(plan) == [(0, "wave", 15, 20)]


def test_a_segment_that_a_person_has_set_is_surer_than_all_others():
    parts = [("wave", 5, 0.99), ("squat", 5, 0.0, "corrected")]
    assert shown(plan_highlights([result(*parts)], HighlightOptions(max_sec=7.0))) == [(0, "squat", 5, 10)]


def test_several_results_make_one_film():
    plan = plan_highlights([result(("wave", 3)), result(("squat", 2), ("wave", 2))], HighlightOptions(labels=("wave",)))
    assert shown(plan) == [(0, "wave", 0, 3), (1, "wave", 2, 4)]
    assert plan.title == "wave"
    assert plan.subtitle == "2 moments"


def test_labels_are_found_however_they_are_spelled():
    plan = plan_highlights([result(("PutDown", 3), ("wave", 3))], HighlightOptions(labels=("put down",)))
    assert shown(plan) == [(0, "PutDown", 0, 3)]
    assert plan.title == "Put down"


def test_a_label_that_only_a_person_has_given_can_be_chosen():
    parts = [("cartwheel", 3, 0.0, "corrected"), ("wave", 3)]
    assert len(plan_highlights([result(*parts)], HighlightOptions(labels=("cartwheel",))).shots) == 1


@pytest.mark.parametrize(
    ("parts", "labels", "words"),
    [
        ([("wave", 3)], ("squat",), ["No segment is labelled squat", "have the labels wave"]),
        ([("wave", 3)], ("swim", "wave"), ["Unknown label: swim"]),
        ([(None, 3)], None, ["No segment has a label", "Lower the threshold"]),
    ],
)
def test_nothing_to_show_is_an_error_that_says_what_there_is(parts, labels, words):
    with pytest.raises(LabelsError) as error:
        plan_highlights([result(*parts)], HighlightOptions(labels=labels))
    assert all(word in str(error.value) for word in words)


def test_slow_motion_takes_more_of_the_film():
    plan = plan_highlights([result(("wave", 4))], HighlightOptions(speed=0.5))
    assert plan.frame_counts == (50, 200)
    plan = plan_highlights([result(("wave", 40))], HighlightOptions(speed=0.5, max_sec=12.0))
    assert plan.frame_count == 300
    assert plan.shots[0].end_sec - plan.shots[0].start_sec == pytest.approx(plan.frame_counts[1] / 25 / 2)


def test_a_single_frame_is_a_shot():
    plan = plan_highlights([result(("wave", 0.04), (None, 2), ("squat", 0.12))], HighlightOptions())
    assert plan.frame_counts == (50, 1, 3)
    assert plan.fades == (0, 0, 0)


def test_the_title_names_four_labels_at_most():
    plan = plan_highlights([result(*((f"label {number}", 2) for number in range(6)))], HighlightOptions())
    assert plan.title == "label 0, label 1, label 2, label 3 and 2 more"
    assert plan_highlights([result(("wave", 2))], HighlightOptions(title="Our day")).title == "Our day"


@pytest.mark.parametrize(
    ("rates", "film"),
    [
        (["25"], "25"),
        (["30000/1001", "25"], "30000/1001"),
        (["60"], "30"),
        (["240"], "30"),
        (["5"], "25"),
        (["32"], "25"),
    ],
)
def test_the_rate_is_that_of_the_videos_or_half_of_it(rates, film):
    assert film_fps([replace(INFO, fps=Fraction(rate)) for rate in rates]) == Fraction(film)


@pytest.mark.parametrize(
    "options", [{"max_sec": 4.0}, {"max_sec": 1e6}, {"speed": 0.1}, {"speed": 2.0}, {"lines": 479}]
)
def test_options_outside_their_range_are_refused(options):
    with pytest.raises(OptionsError):
        HighlightOptions(**options)


def test_films_have_even_sides():
    assert HighlightOptions(lines=480).size == (854, 480)
    assert HighlightOptions(lines=1080, portrait=True).size == (1080, 1920)
