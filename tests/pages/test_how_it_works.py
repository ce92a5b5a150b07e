"""How it works: full at once, and the rest by a job."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from har.errors import QueueFull
from har.explain import activations
from har.jobs import JobState
from tests.ui.data_pages import press, ran, texts
from tests.ui.train_pages import FakeJobs


@pytest.fixture
def jobs(monkeypatch):
    jobs = FakeJobs()
    monkeypatch.setattr("ui.once.jobs", lambda: jobs)
    return jobs


@pytest.fixture
def page(jobs):
    return ran(AppTest.from_string("from pages import how_it_works\nhow_it_works.main()", default_timeout=60))


def headers(page):
    return [header.value for header in page.header]


def box(page, name):
    return next(box for box in page.selectbox if box.label == name)


def settle(jobs, state, result=None):
    (job_id,) = jobs.known
    jobs.known[job_id] = replace(jobs.known[job_id], state=state, result=result, place=0)


def test_it_is_full_at_once_and_asks_nobody(page, jobs):
    assert headers(page)[:4] == [
        "1 · Twenty frames",
        "2 · A CNN looks at each frame",
        "3 · An LSTM remembers",
        "4 · Probabilities",
    ]
    assert "it says **SitDown**" in texts(page)
    assert len(page.get("plotly_chart")) == 5
    assert jobs.submitted == []


def test_the_convlstm_says_that_it_never_learnt_this(page, jobs):
    box(page, "Network").set_value("convlstm-ucf101-10")
    page = ran(page)
    assert "3 · A ConvLSTM remembers" in headers(page)
    assert "What happens in the drawn clip is none of that" in texts(page)
    assert jobs.submitted == []


def test_the_slider_tells_the_cell_as_the_formula_makes_it(page):
    page.slider[0].set_value(1)
    told = texts(ran(page))
    found = activations.kept("lrcn-figures", activations.DEFAULT_LABEL).gates
    unit = found.hidden.std(axis=0).argmax()
    assert f"= **{found.cell[0, unit]:.2f}**, and" in told
    assert "× (0.00) +" in told  # before the first step nothing is remembered


def test_another_clip_is_looked_at_once_for_all_visitors(page, jobs):
    box(page, "Clip").set_value("Squat")
    page = ran(page)
    assert "Drawing the clip and looking into the network, some seconds, after one other job." in texts(page)
    assert "Why twenty frames, and how far apart" in headers(page)  # the rest is there
    other = ran(AppTest.from_string("from pages import how_it_works\nhow_it_works.main()", default_timeout=60))
    box(other, "Clip").set_value("Squat")
    ran(other)
    assert [name for name, _ in jobs.submitted] == ["look"]
    settle(jobs, JobState.DONE, activations.kept("lrcn-figures", activations.DEFAULT_LABEL))
    assert "4 · Probabilities" in headers(ran(page))


def test_a_full_queue_is_told(page, jobs):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    box(page, "Clip").set_value("Wave")
    assert "Come back" in texts(ran(page))


def test_what_failed_can_be_tried_again(page, jobs):
    box(page, "Clip").set_value("Walk")
    ran(page)
    settle(jobs, JobState.FAILED)
    press(ran(page), "Try again")
    assert len(jobs.submitted) == 2


def test_a_random_split_tells_what_leaks(page):
    assert "none of the 200 test clips" in texts(page)
    next(group for group in page.get("button_group") if group.label == "Split").set_value("random")
    assert "of 200 test clips are of recordings that also train" in texts(ran(page))


@pytest.mark.parametrize("name", activations.DRAWN)
def test_each_network_is_drawn_with_its_paper(page, name):
    next(group for group in page.get("button_group") if group.label == "Network").set_value(name)
    told = texts(ran(page))
    assert f"{activations.shipped_facts(name).parameters:,} parameters" in told
    assert "https://arxiv.org/abs/" in told
