"""How every page looks: tab title, icon, logo, the few CSS rules that no setting has, chart options."""

from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"  # pictures by `make pictures`, the mark by hand
MARK = ASSETS / "mark.svg"
BARE = {"displayModeBar": False}  # a chart without buttons


def saved_as(name: str) -> dict[str, object]:
    """A chart with one button, which saves it as a picture under that name."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


def dress(title: str) -> None:
    """What all pages wear: the tab's title and icon, the mark beside the menu, and the few rules that no setting has.

    Args:
        title: of the page.
    """
    st.set_page_config(
        page_title=f"{title} · Human action recognition",
        page_icon=str(MARK),
        layout="wide",
        menu_items={"About": "Names the action on every frame of a video. [How it works](/how) shows how."},
    )
    st.logo(str(MARK), size="large")
    st.html(ASSETS / "face.css")
