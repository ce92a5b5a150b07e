"""The table of promises names tests that exist."""

import ast
import re

from tests.conftest import ROOT

NAMED = re.findall(r"`((?:tests|benchmarks)/[^`]+)`", (ROOT / "docs" / "promises.md").read_text(encoding="utf-8"))


def named_in(path):
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_held_by_something_that_exists():
    missing = []
    for name in NAMED:
        file, _, test = name.partition("::")
        path = ROOT / file
        if not path.is_file() or (test and test not in named_in(path)):
            missing.append(name)
    assert missing == []
    assert len(NAMED) > 100


def test_every_line_of_a_table_names_something():
    text = (ROOT / "docs" / "promises.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert [row for row in rows if "`" not in row and row != "| promise | held by |"] == []
