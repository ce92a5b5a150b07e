"""How every page looks: tab title, icon, logo, CSS where Streamlit has no setting, chart options."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

ASSETS = Path(__file__).parent / "assets"  # pictures are made by `make pictures`
MARK = ASSETS / "mark.svg"
BARE = {"displayModeBar": False}  # a chart without buttons


def joined(files: Sequence[str], kind: str) -> str | None:
    """The text of those files of `ASSETS` that end in `kind`; None if there are none."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in files if name.endswith(kind)) or None


def component(name: str, *files: str) -> ComponentRenderer:
    """A component of pages, made of some files of `ASSETS`."""
    html, css, js = (joined(files, kind) for kind in (".html", ".css", ".js"))
    return st.components.v2.component(name, html=html, css=css, js=js)


_page = component("har_page", "page.js")


def saved_as(name: str) -> dict[str, object]:
    """Options of a chart with one button, which saves it as a picture."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


def apply_theme(title: str) -> None:
    """Set the tab's title and icon, the logo, and the CSS and script of all pages."""
    st.set_page_config(
        page_title=f"{title} · Human action recognition",
        page_icon=str(MARK),
        layout="wide",
        menu_items={"About": "Labels the action in every frame of a video. See [How it works](/how)."},
    )
    st.logo(str(MARK), size="large")
    st.html(ASSETS / "face.css")
    _page(key="page", height=1)
