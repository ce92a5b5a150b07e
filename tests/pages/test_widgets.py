import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from pages.widgets import plain
from tests.conftest import ROOT


def test_a_name_from_a_stranger_means_nothing_to_markdown():
    assert plain("a_b*c[x](y).mp4") == r"a\_b\*c\[x\]\(y\)\.mp4"
    assert plain("one\n\n# two $x$ :red[y] <b>") == r"one \# two \$x\$ \:red\[y\] \<b\>"


@given(st.text())
def test_nothing_but_backslashes_is_added(text):
    assert plain(text).replace("\\", "") == " ".join(text.split()).replace("\\", "")


def test_the_web_process_never_imports_tensorflow():
    script = (
        "import sys; from pages import annotate, home, result, widgets; import har.annotation, har.jobs, har.plots; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'keras')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
