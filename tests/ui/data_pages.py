"""What tests of the pages about a data set share."""

from fractions import Fraction

import numpy as np
from streamlit.testing.v1 import AppTest

from har.jobs import Lane
from har.video import write_video
from tests.pages.test_annotate import FakeJobs as Known

JOB = "c" * 22


class FakeJobs(Known):
    """Also gives ids, and keeps the lane."""

    def submit(self, function, *args, job_id=None, lane=Lane.COMPUTE, **ways):
        assert lane is Lane.DATA
        return super().submit(function, *args, job_id=f"{JOB[:-2]}{len(self.submitted):02}")


def write_clip(path, number=0, count=10, fps=10):
    """A clip like no other number's, each frame lighter than the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = (np.full((48, 64, 3), (number * 7 + frame * 5) % 250, np.uint8) for frame in range(count))
    write_video(path, frames, Fraction(fps))
    return path


def open_page(module, folder, **query):
    """A page's `show`, of a folder's data set."""
    script = (
        f"from ui.explore import {module}\nfrom har.datasets import open_dataset\n"
        f"{module}.show(open_dataset({str(folder)!r}, draw=False), 'mine')"
    )
    page = AppTest.from_string(script, default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def ran(page):
    page = page.run()
    assert not page.exception
    return page


def press(page, name):
    next(button for button in page.button if button.label == name).click()
    return ran(page)


def buttons(page):
    return [button.label for button in page.button]


def texts(page):
    kinds = ("error", "warning", "info", "success", "caption", "markdown", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in page.get(kind) if hasattr(element, "value"))
