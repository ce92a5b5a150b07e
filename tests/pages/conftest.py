import pytest

from pages import making


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """What is made beside the page is there when its first run ends."""
    monkeypatch.setattr(making, "_AT_ONCE_SEC", 60.0)
