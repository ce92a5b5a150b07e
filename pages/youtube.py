"""The box for a YouTube address: what is behind it is shown, and a stretch chosen, before anything is fetched."""

import threading
from dataclasses import dataclass
from datetime import time, timedelta

import streamlit as st

from har.errors import AddressRefused, HarError
from har.settings import settings
from har.youtube import Fetching, Listing, VideoAddress, look, parse
from pages.widgets import plain, show_error, start_app

_AT_FIRST_SEC = 60.0  # of the stretch that is proposed
_SHORTEST_SEC = 1.0
_LONGEST_SLIDER_SEC = 24 * 3600 - 1  # a slider of times ends before midnight
_FOUND = "youtube-found"  # in the session: the last address looked at, and what came of it


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video that was looked at."""

    listing: Listing
    start_sec: float
    end_sec: float


def box() -> tuple[Stretch | None, bool]:
    """The field, and below it the video with its trim slider, or why there is none.

    Returns:
        The stretch, once there is one; and whether YouTube failed, so that uploading is the way out.
    """
    text = st.text_input(
        "Paste a YouTube address", placeholder="https://www.youtube.com/watch?v=…", key="youtube-address"
    )
    limits = settings()
    st.caption(
        f"A stretch of at most {limits.max_video_sec / 60:g} minutes is fetched, at most {limits.youtube_short_side} "
        f"lines high. It stays on this server for {limits.job_hours:g} hours at most. Fetch only what you may use."
    )
    if not text:
        return None, False
    try:
        address = parse(text)
        listing = _found(address)
    except HarError as error:
        show_error(error)
        if isinstance(error, AddressRefused):
            return None, False
        st.button("Ask YouTube again", icon=":material/refresh:", on_click=_forget)
        return None, True
    _card(listing)
    return _trim(listing, address.start_sec), False


def describe(event: Fetching) -> tuple[float, str]:
    """The share of the fetch that is done, and a line of text."""
    text = f"Fetching from YouTube: {event.done:.0%} at {event.bytes_per_sec / 1e6:.1f} MB/s"
    return event.done, text if event.left_sec is None else f"{text}, {_rough(event.left_sec)} to go"


def _found(address: VideoAddress) -> Listing:
    """What a look gives or refuses: asked for once, not at every run of the page.

    Raises:
        HarError: as `look`.
    """
    before = st.session_state.get(_FOUND)
    if before is None or before[0] != address.video_id:
        try:
            with st.spinner("Asking YouTube …", show_time=True), _turns():
                outcome: Listing | HarError = _looked(address.video_id)
        except HarError as error:
            outcome = error
        before = st.session_state[_FOUND] = (address.video_id, outcome)
    if isinstance(before[1], HarError):
        raise before[1]
    return before[1]


@st.cache_data(ttl=1800, max_entries=64, show_spinner=False)
def _looked(video_id: str) -> Listing:
    """One look serves all visitors: the more questions YouTube gets from a server, the sooner it refuses it."""
    return look(VideoAddress(video_id))


@st.cache_resource(show_spinner=False)
def _turns() -> threading.Semaphore:
    """Of all visitors, so many may have YouTube asked at a time."""
    return threading.Semaphore(2)


def _forget() -> None:
    st.session_state.pop(_FOUND, None)


def _card(listing: Listing) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(listing.thumbnail, width=160)
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{plain(listing.title)}**")
            st.caption(plain(f"{listing.channel} · {clock(listing.duration_sec)}".removeprefix(" · ")))


def _trim(listing: Listing, asked_sec: float) -> Stretch | None:
    """The slider; None while what it says cannot be fetched."""
    most, whole = settings().max_video_sec, listing.duration_sec
    last = int(min(whole, _LONGEST_SLIDER_SEC))
    if last < _SHORTEST_SEC:
        return Stretch(listing, 0.0, whole)
    start = int(asked_sec) if asked_sec < last else 0
    chosen = st.slider(
        "Stretch",
        time(0),
        _time(last),
        (_time(start), _time(min(last, start + int(min(_AT_FIRST_SEC, most))))),
        step=timedelta(seconds=1),
        format="H:mm:ss" if last >= 3600 else "m:ss",
        key=f"youtube-stretch-{listing.video_id}-{start}",
        help="The arrow keys move a handle by a second.",
    )
    start_sec, end_sec = (_seconds(part) for part in chosen)
    end_sec = whole if end_sec == last and whole < _LONGEST_SLIDER_SEC else end_sec
    if end_sec - start_sec < _SHORTEST_SEC:
        st.warning("Choose at least a second.", icon=":material/content_cut:")
        return None
    if end_sec - start_sec > most:
        end_sec = start_sec + most
        st.warning(f"At most {most / 60:g} minutes: the stretch ends at {clock(end_sec)}.", icon=":material/timer:")
    st.caption(f"From {clock(start_sec)} to {clock(end_sec)}: {clock(end_sec - start_sec)} will be fetched.")
    return Stretch(listing, start_sec, end_sec)


def clock(sec: float) -> str:
    """A time as people read it: 1:05, 1:02:03."""
    whole = int(sec)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rough(sec: float) -> str:
    return f"{sec:.0f} s" if sec < 90 else f"{sec / 60:.0f} min"


def _time(sec: int) -> time:
    return time(sec // 3600, sec // 60 % 60, sec % 60)


def _seconds(at: time) -> float:
    return 3600.0 * at.hour + 60 * at.minute + at.second


if __name__ == "__main__":
    start_app()
