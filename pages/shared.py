"""A result for somebody to whom it was shared: to see and to take away. No job, no owner and no way to either."""

import streamlit as st

from har import links
from har.errors import AnnotationMissing, LinkMissing, RunMissing
from har.links import Kind, Result
from har.runs import look_at
from pages import annotate, report, result, sharing
from pages.widgets import plain, start_app


def main() -> None:
    """What the link in the address leads to, or that it leads nowhere."""
    st.title("A shared result", anchor=False)
    try:
        _show(links.open_link(st.query_params.get(sharing.LINK, "")))
    except (LinkMissing, AnnotationMissing, RunMissing, FileNotFoundError):
        st.warning(plain(str(links.missing())), icon=":material/link_off:")
    page = st.Page(annotate.main, url_path="annotate")
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
