"""The diagram of a network, from a summary that a job computes once."""

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from har.errors import OptionsError, QueueFull
from har.jobs import JobState
from har.networks.summary import NetworkSummary
from tests.ui.data_pages import press, ran, texts

SUMMARY = NetworkSummary("lrcn", (), parameters=1234, trainable_parameters=234, macs=5678, clip=(20, 64, 64, 3))
SCRIPT = """
from har.recipe import recipe_for
from ui.train import network_diagram
network_diagram.show(recipe_for("lrcn"), 4)
"""


@pytest.fixture
def jobs(jobs, monkeypatch):
    monkeypatch.setattr("ui.train.network_diagram.cached_summary", lambda *key: None)
    monkeypatch.setattr("ui.train.network_diagram.architecture_figure", lambda summary: go.Figure(go.Bar(x=[1])))
    return jobs


def opened(is_open=True):
    page = AppTest.from_string(SCRIPT, default_timeout=30)
    page.session_state["drawing"] = is_open
    return ran(page)


def test_closed_expander_starts_no_job(jobs):
    opened(False)
    assert jobs.submitted == []


def test_one_job_serves_all_visitors(jobs):
    opened()
    opened()  # another visitor
    (job,) = jobs.submitted
    assert job[0] == "build_summary"
    jobs.set_status(JobState.RUNNING)
    assert "Building the network" in str(opened().get("progress")[0].proto)
    jobs.set_status(JobState.DONE, result=SUMMARY)
    assert "1,234 parameters" in texts(opened())
    assert len(jobs.submitted) == 1


def test_cached_summary_needs_no_job(jobs, monkeypatch):
    monkeypatch.setattr("ui.train.network_diagram.cached_summary", lambda *key: SUMMARY)
    assert "1,234 parameters" in texts(opened())
    assert jobs.submitted == []


def test_failure_is_shown_and_can_be_tried_again(jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    assert "Come back" in texts(opened())
    jobs.refusal = None
    opened()
    jobs.set_status(JobState.FAILED, error=OptionsError("A.", "B.", "Choose others."))
    page = opened()
    assert "Choose others" in texts(page)
    press(page, "Try again")
    assert len(jobs.submitted) == 2
