"""Shared: a result behind a link, to view and to download. It leads neither to the job nor to the owner."""

import streamlit as st

from har import sharing as links
from har.errors import AnnotationMissing, LinkMissing, RunMissing
from har.runs import read_run
from har.sharing import SharedKind, SharedResult
from ui import navigation, sharing
from ui.annotate import result
from ui.jobs import rerun_when
from ui.messages import plain
from ui.navigation import start_app
from ui.train import report

_TITLE = "A shared result"
_CHECK_SEC = 10.0  # how often an open page checks whether its link still works


def main() -> None:
    """The result that the link in the address leads to."""
    link_id = st.query_params.get(sharing.LINK, "")
    try:
        _show(links.open_link(link_id))
        rerun_when(lambda: not links.is_open(link_id), lambda: None, _CHECK_SEC)
    except (LinkMissing, AnnotationMissing, RunMissing, FileNotFoundError):
        st.title(_TITLE, anchor=False)
        st.warning(plain(str(links.link_missing())), icon=":material/link_off:")
    page = navigation.page("annotate")
    st.page_link(page, label="Annotate your own video", icon=":material/movie:")


def _show(shared: SharedResult) -> None:
    if shared.kind is SharedKind.RUN:  # an annotation has its own heading
        st.title(_TITLE, anchor=False)
    st.caption(
        f"Shared with you until {sharing.until(shared)}. You can view and download everything, but not change it."
    )
    if shared.kind is SharedKind.ANNOTATION:
        result.show_shared(shared.folder)
    else:
        report.show(read_run(shared.id), None)


if __name__ == "__main__":
    start_app()
