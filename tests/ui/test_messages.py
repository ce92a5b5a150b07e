import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from har import log
from har.errors import HarError
from har.settings import settings
from tests.conftest import ROOT
from tests.ui.data_pages import open_script
from ui import messages
from ui.messages import plain, without_paths


@pytest.mark.promise("hostile", "Names and labels have no meaning in Markdown")
def test_text_from_users_has_no_meaning_in_markdown():
    assert plain("a_b*c[x](y).mp4") == r"a\_b\*c\[x\]\(y\)\.mp4"
    assert plain("one\n\n# two $x$ :red[y] <b>") == r"one \# two \$x\$ \:red\[y\] \<b\>"


def _errors(kind=HarError):
    return [kind, *(each for child in kind.__subclasses__() for each in _errors(child))]


@pytest.mark.promise("private", "No message shows a path of the server")
def test_no_error_shows_a_path_of_the_server():
    folder = settings().runs / "a b" / "secret-id"
    message = (
        f"{folder / 'card.json'} has a label twice.",
        f"It was '{folder}/weights.npz'.",
        "See https://x.org/a/b.",
    )
    page = open_script(
        "import streamlit as st\nfrom ui.messages import show_error\n"
        "for kind in st.session_state.kinds:\n    show_error(kind(*st.session_state.message))",
        {"kinds": _errors(), "message": message},
    )
    shown = {error.value.replace("\\", "").replace("\u2060", "") for error in page.error}
    assert shown == {"card.json has a label twice. It was 'weights.npz'. See https://x.org/a/b."}
    assert len(page.error) == len(_errors()) > 20


@pytest.mark.parametrize("text", ["1/2 of 3/4", "a / b / c", "and/or", "<b>x</b> and </i>", "tcp://127.0.0.1:9/x/y"])
def test_slashes_of_other_kinds_stay(text):
    assert without_paths(text) == text


@pytest.mark.parametrize("address", ["http://x.y", "HTTPS://x.y", "www.x.y", "a.b@x.y"])
def test_addresses_are_interrupted_invisibly(address):
    """As in a browser: tests/browser/test_hostile_text.py."""
    assert plain(address).replace("\\", "") != address
    assert plain(address).replace("\\", "").replace("\u2060", "") == address


@given(st.text())
def test_only_backslashes_and_word_joiners_are_added(text):
    invisible = str.maketrans("", "", "\\\u2060")
    assert plain(text).translate(invisible) == " ".join(text.split()).translate(invisible)


@pytest.mark.promise("jobs", "The web process never imports TensorFlow")
def test_the_web_process_never_imports_tensorflow():
    script = (
        "import sys; from pages import annotate, explore, home, train; "
        "import ui.annotate.result, ui.train.report, har.results, har.plots; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'keras')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def faults():
    return [(fault.kind, fault.error) for fault in log.recent_errors()]


SHOWS = """
from ui import messages
from har.errors import NotAVideo
try:
    raise NotAVideo("'holiday.mp4' came.", "A video was due.", "Convert it.")
except NotAVideo as error:
    messages.show_error(error)
"""


def test_an_error_on_a_page_is_logged_once_per_session_without_its_text():
    before = faults()
    page = AppTest.from_string(SHOWS).run()
    page.run()
    assert "holiday" in page.error[0].value
    assert faults() == [("page", "NotAVideo"), *before][: len(faults())]  # so many are kept
    AppTest.from_string(SHOWS).run()  # another visitor
    assert faults()[:2] == [("page", "NotAVideo")] * 2
    assert "holiday" not in repr(log.recent_errors())


@pytest.fixture
def noting():
    """As the app does it when it starts."""
    logger = logging.getLogger("streamlit.error_util")
    before = list(logger.handlers)
    messages.note_bugs.clear()
    messages.note_bugs()
    yield
    logger.handlers = before
    messages.note_bugs.clear()


@pytest.mark.parametrize(
    "script",
    [
        "def bug():\n    raise LookupError('holiday')\nbug()",
        "import streamlit as st\n@st.fragment\ndef bug():\n    raise LookupError('holiday')\nbug()",
    ],
)
def test_a_bug_in_a_page_is_logged_without_its_text(noting, script):
    page = AppTest.from_string(script).run()
    assert page.exception
    assert faults()[0] == ("page", "LookupError")
    assert "holiday" not in repr(log.recent_errors())


def test_a_jobs_failure_is_shown_and_not_logged_again():
    before = faults()
    page = AppTest.from_string(
        "from ui import messages\nfrom har.errors import NoFrames\nfrom har.jobs import JobState, JobStatus\n"
        "error = NoFrames('video.mp4 came.', 'Frames were due.', 'Convert video.mp4.')\n"
        "status = JobStatus('a', JobState.FAILED, 0, (), 1.0, None, error)\n"
        "messages.show_failure(status, {'video.mp4': 'a_b.mov'})"
    ).run()
    assert page.error[0].value == r"a\_b\.mov came\. Frames were due\. Convert a\_b\.mov\."
    assert faults() == before
