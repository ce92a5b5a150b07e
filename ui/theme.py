"""How every page looks: tab title, icon, logo, CSS where Streamlit has no setting, chart options."""

from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"  # pictures are made by `make pictures`
MARK = ASSETS / "mark.svg"
_component = st.components.v2.component("har_page", js=(ASSETS / "page.js").read_text(encoding="utf-8"))
BARE = {"displayModeBar": False}  # a chart without buttons


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
    _component(key="page", height=1)
