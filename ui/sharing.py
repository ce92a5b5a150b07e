"""'Share': a read-only link to a result, created and removed by its owner."""

from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlencode, urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from har import results, runs, sharing
from har.errors import HarError
from har.sharing import SharedKind, SharedResult
from ui.messages import show_error

PATH, LINK = "shared", sharing.PARAMETER  # the page's address, and the parameter in it with the link's id
_PERMISSIONS = {
    SharedKind.ANNOTATION: "Anyone with the link can watch the video, see its name and timeline, and download files.",
    SharedKind.RUN: "Anyone with the link can read this report and download the classifier. Your own clips are listed "
    "by name but cannot be played.",
}


def box(result: SharedResult, **query: float | list[str]) -> None:
    """A button that opens the link."""
    with st.popover("Share", icon=":material/share:"):
        st.write(
            f"{_PERMISSIONS[result.kind]} They cannot change or delete anything, and your own address stays private."
        )
        link_id = sharing.find_link(result)
        if link_id is None:
            if st.button("Create a link", type="primary", icon=":material/link:"):
                try:
                    sharing.share(result)
                except HarError as error:
                    show_error(error)
                    return
                st.rerun()
            return
        st.code(address(link_id, **query), language=None, wrap_lines=True)
        st.caption(f"The link works until {until(result)}, or until you stop sharing.")
        # The key has the link's id, so that a tab with an older link does not end this one.
        if st.button("Stop sharing", icon=":material/link_off:", key=f"stop-{link_id}"):
            sharing.stop_sharing(result)
            st.rerun()


def address(link_id: str, **query: float | list[str]) -> str:
    """The full address of a link; without the server's part where the browser does not report it."""
    values = {name: f"{value:g}" if isinstance(value, float) else value for name, value in query.items()}
    text = urlencode({LINK: link_id} | values, doseq=True)
    return urljoin(st.context.url or "", f"{PATH}?{text}")


def until(result: SharedResult) -> str:
    """When a result will be deleted, in the visitor's time zone if the browser reports it.

    Raises:
        OSError: it has been deleted.
    """
    expires_at = results.expires_at if result.kind is SharedKind.ANNOTATION else runs.expires_at
    zone: tzinfo = UTC
    with suppress(ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo(st.context.timezone or "")
    name = " UTC" if zone is UTC else ""
    at = datetime.fromtimestamp(expires_at(result.folder), zone)
    return f"{at.day} {at:%B %Y, %H:%M}{name}"
