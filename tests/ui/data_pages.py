"""Clips and pages for tests of Explore."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from streamlit.testing.v1 import AppTest

from har.video import write_video


def write_clip(path, number=0, count=10, fps=10):
    """A clip that is unique to its number, with every frame lighter than the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = (np.full((48, 64, 3), (number * 7 + frame * 5) % 250, np.uint8) for frame in range(count))
    write_video(path, frames, Fraction(fps))
    return path


@cache
def video_bytes():
    """A video of one second, as a visitor uploads it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        noise = np.random.default_rng(0).integers(0, 255, (10, 240, 320, 3), np.uint8)
        write_video(path, noise, Fraction(10))
        return path.read_bytes()


def open_script(script, session=None, **query):
    """A page from a script, with what its session and its address contain."""
    page = AppTest.from_string(script, default_timeout=60)
    for name, value in (session or {}).items():
        page.session_state[name] = value
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def open_page(module, folder, **query):
    """`show` of a module of `ui.explore`, with the data set in a folder."""
    return open_script(
        f"from ui.explore import {module}\nfrom har.datasets import open_dataset\n"
        f"{module}.show(open_dataset({str(folder)!r}, draw=False), 'test')",
        **query,
    )


def open_screen(name, session=None, *, known=True, **query):
    """A screen of `pages`, with what its session and its address contain; `known`: the visitor has an identity."""
    owner = "from ui import visitor\nvisitor.owner()\n" if known else ""  # as in screens.py
    return open_script(f"{owner}from pages import {name}\n{name}.main()", session, **query)


def ran(page):
    page = page.run()
    assert not page.exception
    return page


def button(page, name):
    return next(button for button in page.button if button.label == name)


def press(page, name):
    button(page, name).click()
    return ran(page)


def buttons(page):
    return [button.label for button in page.button]


def in_address(page, name):
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def texts(page):
    kinds = ("title", "error", "warning", "info", "success", "caption", "markdown", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in page.get(kind) if hasattr(element, "value"))
