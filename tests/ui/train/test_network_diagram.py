"""The diagram of a network, from a summary that a job computes once."""

import plotly.graph_objects as go
import pytest

from har.jobs import JobState
from har.networks.summary import NetworkSummary
from tests.ui.data_pages import open_script, texts

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
    return open_script(SCRIPT, {"drawing": is_open})


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


def test_a_closed_expander_and_a_cached_summary_need_no_job(jobs, monkeypatch):
    opened(False)
    monkeypatch.setattr("ui.train.network_diagram.cached_summary", lambda *key: SUMMARY)
    assert "1,234 parameters" in texts(opened())
    assert jobs.submitted == []
