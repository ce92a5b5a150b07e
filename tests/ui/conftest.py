import gc
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

import ui.jobs
from tests.fakes import FakeJobs
from tests.ui.shared_pages import annotated


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    """No test of a page starts real jobs."""
    return use_jobs(FakeJobs())


@pytest.fixture
def owner(request):
    """A different one for each test."""
    return f"{abs(hash(request.node.name)):022}"[-22:]


@pytest.fixture
def result():
    """A finished annotation of three seconds: squat, then wave."""
    return annotated()


@pytest.fixture(scope="session", autouse=True)
def _scan_packages_once():
    """Streamlit looks for components in every installed package, and `AppTest` again for each page: half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="module", autouse=True)
def _collect_only_new_objects():
    """Streamlit collects garbage after each run of a page: slow among all that TensorFlow has loaded."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _wait_for_page_work(monkeypatch):
    """Work in threads is done when the first run of a page ends."""
    monkeypatch.setattr(ui.jobs, "_GRACE_SEC", 60.0)
