"""The network's drawing: counted by the worker, once, and kept."""

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from har.errors import OptionsError, QueueFull
from har.jobs import JobState, JobStatus
from har.networks.summary import NetworkFacts
from tests.ui.data_pages import press, ran, texts
from tests.ui.train_pages import FakeJobs

FACTS = NetworkFacts("lrcn", (), parameters=1234, trainable_parameters=234, macs=5678, clip=(20, 64, 64, 3))
SCRIPT = """
from har.recipe import recipe_for
from ui.train import network_diagram
network_diagram.network_drawn(recipe_for("lrcn"), 4)
"""


@pytest.fixture
def jobs(monkeypatch):
    jobs = FakeJobs()
    monkeypatch.setattr("ui.once.jobs", lambda: jobs)
    monkeypatch.setattr("ui.train.network_diagram.kept_facts", lambda *asked: None)
    monkeypatch.setattr("ui.train.network_diagram.architecture_figure", lambda facts: go.Figure(go.Bar(x=[1])))
    return jobs


def opened(is_open=True):
    page = AppTest.from_string(SCRIPT, default_timeout=30)
    page.session_state["drawing"] = is_open
    return ran(page)


def settle(jobs, state, result=None, error=None):
    (job_id,) = jobs.known
    jobs.known[job_id] = JobStatus(job_id, state, 0, (), 1.0, result, error)


def test_nothing_is_counted_before_somebody_opens_it(jobs):
    opened(False)
    assert jobs.submitted == []


def test_it_waits_its_turn_and_is_asked_for_once(jobs):
    assert "after one other job" in texts(opened())
    opened()  # another visitor
    (job,) = jobs.submitted
    assert job[0] == "count_facts"
    settle(jobs, JobState.RUNNING)
    assert "Building it once" in texts(opened())
    settle(jobs, JobState.DONE, FACTS)
    assert "1,234 parameters" in texts(opened())
    assert len(jobs.submitted) == 1


def test_what_was_counted_before_asks_nobody(jobs, monkeypatch):
    monkeypatch.setattr("ui.train.network_diagram.kept_facts", lambda *asked: FACTS)
    assert "1,234 parameters" in texts(opened())
    assert jobs.submitted == []


def test_what_went_wrong_is_told_and_can_be_tried_again(jobs):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    assert "Come back" in texts(opened())
    jobs.refuse = None
    opened()
    settle(jobs, JobState.FAILED, error=OptionsError("A.", "B.", "Choose others."))
    page = opened()
    assert "Choose others" in texts(page)
    press(page, "Try again")
    assert len(jobs.submitted) == 2
