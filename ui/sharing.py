"""'Share': a second, read-only way to a result, made and ended by its owner."""

from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlencode, urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from har import results, runs, sharing
from har.errors import HarError
from har.sharing import Kind, Result
from ui.messages import show_error

PATH, LINK = "shared", "link"  # the page's address, and the parameter in it with the link's id
_TOLD = {
    Kind.ANNOTATION: "Whoever has the link can watch the video, see its name and timeline, and download all of it.",
    Kind.RUN: "Whoever has the link can read this report and download the classifier. Clips of your own are named, "
    "but cannot be played.",
}


def box(result: Result, **chosen: float) -> None:
    """The button, and behind it the link.

    Args:
        result: what is shared.
        chosen: settings of the page that go into the link, by their names in the address.
    """
    with st.popover("Share", icon=":material/share:"):
        st.write(f"{_TOLD[result.kind]} They cannot change or delete anything, and your own address stays secret.")
        link_id = sharing.link_to(result)
        if link_id is None:
            if st.button("Make a link", type="primary", icon=":material/link:"):
                try:
                    sharing.share(result)
                except HarError as error:
                    show_error(error)
                    return
                st.rerun()
            return
        st.code(address(link_id, **chosen), language=None, wrap_lines=True)
        st.caption(f"It leads here until {until(result)}, unless you end it.")
        if st.button("End sharing", icon=":material/link_off:"):
            sharing.end_sharing(result)
            st.rerun()


def address(link_id: str, **chosen: float) -> str:
    """The whole address of a link; without the server's, where nobody knows how the browser calls it."""
    query = urlencode({LINK: link_id} | {name: f"{value:g}" for name, value in chosen.items()})
    return urljoin(st.context.url or "", f"{PATH}?{query}")


def until(result: Result) -> str:
    """When a result's time is up, by the visitor's clock where their browser tells it.

    Raises:
        OSError: it is gone already.
    """
    ends_at = results.ends_at if result.kind is Kind.ANNOTATION else runs.ends_at
    zone: tzinfo = UTC
    with suppress(ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo(st.context.timezone or "")
    name = " UTC" if zone is UTC else ""
    at = datetime.fromtimestamp(ends_at(result.folder), zone)
    return f"{at.day} {at:%B %Y, %H:%M}{name}"
