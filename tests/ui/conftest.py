import gc
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from ui import making


@pytest.fixture(scope="session", autouse=True)
def packages_read_once():
    """Streamlit looks for components in every installed package, and `AppTest` anew for each page: half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="module", autouse=True)
def rubbish_is_looked_for_among_the_new_only():
    """After each run of a page Streamlit looks for rubbish: among all that TensorFlow has brought, that takes long."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """What is made beside the page is there when its first run ends."""
    monkeypatch.setattr(making, "_AT_ONCE_SEC", 60.0)
