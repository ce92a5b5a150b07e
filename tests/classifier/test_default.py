"""The default classifier, with its network downloaded or not. The download itself: tests/networks/test_published.py."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from har.classifier import choose, expected_default
from har.classifier.default import PREFERRED, SHIPPED
from har.datasets.figures import draw_clip
from har.errors import ClassifierMissing, DownloadDamaged, DownloadFailed
from har.networks.published import MOVINET, find
from har.progress import Progress, Stage
from har.settings import Settings
from har.video import write_video
from tests.conftest import ROOT
from tests.youtube.local_server import local_server

SetSettings = Callable[..., Settings]


@pytest.fixture
def home(tmp_path: Path, override: SetSettings) -> SetSettings:
    """Changes settings, in a home folder of the test's own."""
    return lambda **changes: override(home=tmp_path / "home", min_free_bytes=0, **changes)


@pytest.fixture
def copy(shared: Path) -> Path:
    path = shared / "pretrained/movinet_int8.tflite"
    if not path.is_file():
        pytest.skip("no copy of MoViNet next to this checkout")
    return path


def test_the_default_is_downloaded_once_with_progress(home: SetSettings, copy: Path) -> None:
    home(movinet_url=str(copy))
    reports: list[Progress] = []
    assert expected_default() == PREFERRED
    chosen = choose(None, reports.append)
    assert (chosen.where, chosen.card.name, chosen.remarks) == (PREFERRED, PREFERRED, ())
    assert {report.stage for report in reports} == {Stage.DOWNLOAD}
    assert find(MOVINET) is not None
    home(movinet_url="")  # nothing more is downloaded
    assert choose(None).where == expected_default() == PREFERRED


def test_if_it_cannot_be_downloaded_another_is_used_and_one_sentence_says_why(
    home: SetSettings, tmp_path: Path
) -> None:
    home(movinet_url=str(tmp_path / "nothing"))
    assert expected_default() == PREFERRED  # not tried yet
    chosen = choose(None)
    assert (chosen.where, chosen.card.name) == (SHIPPED, SHIPPED)
    (remark,) = chosen.remarks
    assert remark.startswith("MoViNet could not be downloaded, so I3D was used. MoViNet-A0-Stream cannot be read")
    assert expected_default() == SHIPPED  # for a while


def test_who_asks_for_it_by_name_gets_the_error(home: SetSettings, tmp_path: Path) -> None:
    home(movinet_url=str(tmp_path / "nothing"))
    with pytest.raises(DownloadFailed):
        choose(PREFERRED)
    (tmp_path / "nothing").write_bytes(b"something else")
    home(movinet_url=str(tmp_path / "nothing"))
    with pytest.raises(DownloadFailed):  # remembered
        choose(PREFERRED)
    other = tmp_path / "other"
    other.write_bytes(bytes(3_276_048))
    home(movinet_url=str(other))
    with pytest.raises(DownloadDamaged):
        choose(PREFERRED)


def test_where_downloads_are_off_the_shipped_one_is_the_default_without_a_remark(home: SetSettings) -> None:
    home(movinet_url="")
    chosen = choose(None)
    assert (chosen.where, chosen.remarks, expected_default()) == (SHIPPED, (), SHIPPED)


def test_other_classifiers_need_no_download(home: SetSettings, tmp_path: Path) -> None:
    home(movinet_url=str(tmp_path / "nothing"))
    assert choose("lrcn-figures").where == "lrcn-figures"
    with pytest.raises(ClassifierMissing):
        choose("no-such-classifier")


_PROGRAM = """
import sys, har
from pathlib import Path
result = har.annotate(sys.argv[1])
print(result.annotation.card.name, len(result.frames.times_sec))
print("tensorflow" in sys.modules or "keras" in sys.modules)
(peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(int(peak) // 1024)  # ru_maxrss would include the process that started this one
"""


@pytest.mark.training
def test_from_the_first_download_to_the_first_label_no_tensorflow_is_imported(copy: Path, tmp_path: Path) -> None:
    content = copy.read_bytes()

    def respond(request):  # type: ignore[no-untyped-def]
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    write_video(tmp_path / "clip.mp4", iter(draw_clip("JumpingJack", 3, 1)), Fraction(25))
    with local_server(respond) as port:
        changes = {"HAR_HOME": str(tmp_path / "home"), "HAR_MOVINET_URL": f"http://127.0.0.1:{port}/x.tflite"}
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(tmp_path / "clip.mp4")],
            env=os.environ | changes,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    named, imported, peak_mb = done.stdout.splitlines()
    assert re.fullmatch(rf"{PREFERRED} \d+", named)
    assert imported == "False"
    assert int(peak_mb) < 250
