"""A result for somebody to whom it was shared: to see and to take away. No job, no owner and no way to either."""

import streamlit as st

from har import sharing as links
from har.errors import AnnotationMissing, LinkMissing, RunMissing
from har.runs import look_at
from har.sharing import Kind, Result
from ui import navigation, sharing
from ui.annotate import result
from ui.messages import plain
from ui.navigation import start_app
from ui.train import report


def main() -> None:
    """What the link in the address leads to, or that it leads nowhere."""
    st.title("A shared result", anchor=False)
    try:
        _show(links.open_link(st.query_params.get(sharing.LINK, "")))
    except (LinkMissing, AnnotationMissing, RunMissing, FileNotFoundError):
        st.warning(plain(str(links.missing())), icon=":material/link_off:")
    page = navigation.page("annotate")
    st.page_link(page, label="Annotate a video of your own", icon=":material/movie:")


def _show(found: Result) -> None:
    st.caption(
        f"A result shared with you, here until {sharing.until(found)}. You can take it away, but change nothing."
    )
    if found.kind is Kind.ANNOTATION:
        result.show_shared(found.folder)
    else:
        report.show(look_at(found.id), None)


if __name__ == "__main__":
    start_app()
