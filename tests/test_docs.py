"""Generated pages of the documentation are up to date; `make docs` writes them."""

from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["api", "cli", "promises", "settings"])
def test_generated_page_is_up_to_date(name):
    page = import_module(f"docs.{name}")
    assert page.PAGE.read_text("utf-8") == page.render(), "run `make docs`"
