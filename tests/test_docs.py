"""Generated pages of the documentation are up to date; `make docs` writes them."""

import re
from importlib import import_module

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["api", "cli", "promises", "settings"])
def test_generated_page_is_up_to_date(name):
    page = import_module(f"docs.{name}")
    assert page.PAGE.read_text("utf-8") == page.render(), "run `make docs`"


def test_promises_of_security_name_tests_that_exist():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8"))
    assert named
    assert [(path, name) for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")] == []
