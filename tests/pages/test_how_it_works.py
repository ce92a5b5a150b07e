"""How it works: complete at once; what is not bundled is computed by a job."""

from dataclasses import replace

import pytest

from har.errors import QueueFull
from har.explain import activations
from har.jobs import JobState
from har.networks import NETWORKS
from har.networks.summary import NetworkSummary
from tests.ui.data_pages import open_screen, press, ran, texts


def open_page():
    return open_screen("how")


@pytest.fixture
def page(jobs):
    return open_page()


def headers(page):
    return [header.value for header in page.header]


def choose(page, widget, label, value):
    """In the select box or the segmented control with that label."""
    kinds = {"box": page.selectbox, "buttons": page.get("button_group")}
    next(each for each in kinds[widget] if each.label == label).set_value(value)
    return ran(page)


def test_bundled_activations_are_shown_without_a_job(page, jobs):
    assert headers(page)[:4] == [
        "1 · Twenty frames",
        "2 · A CNN looks at each frame",
        "3 · An LSTM remembers",
        "4 · Probabilities",
    ]
    assert "At the end it is **Sit down**" in texts(page)
    assert len(page.get("plotly_chart")) == 5
    page = choose(page, "box", "Network", "convlstm-ucf101-10")
    assert "3 · A ConvLSTM remembers" in headers(page)
    assert "none of these actions" in texts(page)  # it was trained on
    assert jobs.submitted == []


def test_another_clip_is_computed_once_for_all_visitors(page, jobs):
    page = choose(page, "box", "Clip", "Squat")
    assert "Why twenty frames, and how far apart" in headers(page)  # the rest of the page is complete
    choose(open_page(), "box", "Clip", "Squat")
    assert [name for name, _ in jobs.submitted] == ["record_activations"]
    result = activations.stored_activations("lrcn-figures", activations.DEFAULT_LABEL)
    jobs.set_status(JobState.DONE, result=result)
    assert "4 · Probabilities" in headers(ran(page))


def test_a_job_that_is_refused_or_fails_can_be_tried_again(page, jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    assert "Come back" in texts(choose(page, "box", "Clip", "Wave"))
    jobs.refusal = None
    page = choose(page, "box", "Clip", "Walk")
    jobs.set_status(JobState.FAILED)
    press(ran(page), "Try again")
    assert len(jobs.submitted) == 2


def test_random_split_shows_its_leaks(page):
    assert "none of the 200 test clips" in texts(page)
    page = choose(page, "buttons", "Split", "random")
    assert "of 200 test clips are from recordings that are also in training" in texts(page)


def test_bundled_networks_are_drawn_with_their_papers(page, jobs):
    for name in activations.DIAGRAM_CLASSIFIERS:
        summary = activations.bundled_summary(name)
        text = texts(choose(page, "buttons", "Network", summary.network))
        assert f"{summary.parameters:,} parameters" in text
        assert "https://arxiv.org/abs/" in text
    assert jobs.submitted == []


def test_added_network_is_drawn_from_a_summary_that_a_job_computes(jobs, monkeypatch):
    entry = replace(NETWORKS["lrcn"], name="added", title="Added network", citation="Cited 2026.")
    monkeypatch.setitem(NETWORKS, "added", entry)
    page = choose(open_page(), "buttons", "Network", "added")
    assert "Cited 2026." in texts(page)
    assert jobs.submitted == [("build_summary", ("added", entry.label_count, entry.spec, entry.default_options))]
    layers = activations.bundled_summary(activations.DIAGRAM_CLASSIFIERS[0]).layers
    jobs.set_status(JobState.DONE, result=NetworkSummary("added", layers, 1234, 234, 5678, entry.spec.shape))
    assert "1,234 parameters" in texts(ran(page))
