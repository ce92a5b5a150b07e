"""The clients of `stress.soak` at the real app: a soak can only find what they see."""

import pytest
import requests

from benchmarks.running import running_app
from stress.soak.client import ElementMissing, Session
from stress.soak.measurements import percentile
from stress.soak.memory import MemorySampler, Sample, growth_mb

pytestmark = pytest.mark.cluster

SCRIPT = """
import streamlit as st
from ui.downloads import download
st.title("A file")
download("Take it", lambda: b"so it is", "a.txt", "text/plain")
if st.button("Break"):
    raise ValueError("as requested")
"""


def test_client_sees_every_page_and_presses_buttons(tmp_path):
    kinds = []
    with running_app(tmp_path / "home") as app:
        sampler = MemorySampler(app, every_sec=0.2)
        tab = Session(app.url, on_interaction=lambda kind, seconds: kinds.append(kind))
        assert "What are they doing?" in tab.page.text()
        for path, title in (("status", "Status"), ("train", "Train a classifier"), ("annotate", "Annotate a video")):
            tab.go(path)
            assert title in tab.page.text()
        tab.choose("radio", "Sample", "A box is moved")
        with pytest.raises(ElementMissing):
            tab.press("No such button")
        tab.go("explore")
        tab.press("Shuffle")
        assert tab.idle(20, lambda: len(tab.page.cells) == 10)
        tab.open_cell(0)
        assert tab.parameter("label")
        again = Session(app.url, f"explore?{tab.query}", tab.owner)
        assert "100 clips in 25 groups" in again.page.text()
        assert tab.page.faults == again.page.faults == []
        assert kinds.count("open") == 5
        sampler.close()
        assert all(0 < sample.web_mb <= sample.all_mb for sample in sampler.samples)
        tab.close()
        again.close()


@pytest.mark.promise("jobs", "A generated download is available until it is fetched")
def test_error_pages_are_noticed_and_files_are_available_until_fetched(tmp_path):
    (tmp_path / "one.py").write_text(SCRIPT)
    with running_app(tmp_path / "home", script=str(tmp_path / "one.py")) as app:
        mine, other = Session(app.url), Session(app.url)
        link = mine.link("Take it")
        for _ in range(4):  # each run of any page removes files without a page
            other.press("Break")
        assert len(other.page.faults) == 1
        assert "ValueError" in other.page.faults[0] or other.page.faults[0]
        assert mine.fetch(link) == mine.download("Take it") == b"so it is"
        with pytest.raises(requests.HTTPError):
            mine.fetch("/media/nothing.txt")
        mine.close()
        other.close()


def test_growth_ignores_the_warm_up():
    samples = [Sample(at, {"web": web, "worker": 500.0}) for at, web in enumerate([10, 90, 100, 100, 100, 130, 130])]
    assert growth_mb(samples, 2, "web_mb") == 30
    assert growth_mb(samples, 100, "all_mb") == 0


def test_percentiles_of_few_values():
    assert [percentile(seconds, 95) for seconds in ([], [2.0], [1.0] * 99 + [9.0])] == [0.0, 2.0, 1.0]
