"""Results for tests of pages, made without a network."""

import json
from fractions import Fraction

import numpy as np

from har.classifier import read_card
from har.jobs import new_job_id
from har.results import ANNOTATED, SCORES, LabelOptions
from har.results.store import write_notes
from har.settings import settings
from har.sharing import SharedKind, SharedResult
from har.timeline import Scored, WindowScores, save_scores
from har.video import probe, write_video
from tests.ui.data_pages import open_screen


def annotated(name="holiday.mp4"):
    """The result of a finished job."""
    result = SharedResult(SharedKind.ANNOTATION, new_job_id())
    result.folder.mkdir(parents=True)
    video = result.folder / "video.mp4"
    write_video(video, (np.full((48, 64, 3), 8 * frame, np.uint8) for frame in range(30)), Fraction(10))
    for copy in (ANNOTATED, "proxy.mp4"):
        (result.folder / copy).write_bytes(video.read_bytes())
    (result.folder / "name.txt").write_text(name, encoding="utf-8")
    starts = np.arange(3.0)
    probabilities = np.array([[0.9, 0.1], [0.45, 0.55], [0.2, 0.8]], np.float32)
    scored = Scored(WindowScores(("squat", "wave"), starts, starts + 1, probabilities), np.arange(30) / 10, 3.0)
    save_scores(result.folder / SCORES, scored)
    write_notes(result.folder, probe(video), read_card("lrcn-figures"), LabelOptions())
    return result


def open_own(result, **query):
    return open_screen("annotate", job=result.id, **query)


def open_shared(link_id, **query):
    return open_screen("shared", known=False, link=link_id, **query)


def everything(page):
    """Everything that is sent to the browser."""
    return "\n".join(
        str(getattr(element, "proto", "")) for root in page._tree.children.values() for element in _all(root)
    )


def _all(block):
    yield block
    for child in getattr(block, "children", {}).values():
        yield from _all(child)


def packed(page):
    """The player's data."""
    (component,) = (
        element.proto for element in page.get("bidi_component") if element.proto.component_name.endswith("har_player")
    )
    return json.loads(component.json)[0]


def segments(page):
    """The labels of the player's segments, in order."""
    data = packed(page)
    return [data["labels"][label] if label >= 0 else "unsure" for _, _, label, _, _ in data["segments"]]


def owners_folder_names():
    return {path.name for parent in (settings().jobs, settings().runs) for path in parent.glob("*")}
