"""The box for a YouTube address: what is behind it is shown, and a stretch chosen, before anything is fetched."""

from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import time, timedelta

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from har.errors import AddressRefused, HarError
from har.settings import settings
from har.youtube import Fetching, Listing, Looks, VideoAddress, parse
from ui.messages import plain, show_error

_AT_FIRST_SEC = 60.0  # of the stretch that is proposed
_SHORTEST_SEC = 1.0
_LONGEST_SLIDER_SEC = 24 * 3600 - 1  # a slider of times ends before midnight
_AT_ONCE_SEC = 0.2  # an answer that is there so soon is shown without a word on waiting
_FOUND = "youtube-found"  # in the session: the last address looked at, and what came of it
_ASKED = "youtube-asked"  # in the session: the address that is looked at


@dataclass(frozen=True)
class Cancelled:
    """The visitor does not want to know any more."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video that was looked at."""

    listing: Listing
    start_sec: float
    end_sec: float


Outcome = Listing | HarError | Cancelled  # of a look


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
    except AddressRefused as error:
        show_error(error)
        return None, False
    match _outcome(address):
        case Listing() as listing:
            _card(listing)
            return _trim(listing, address.start_sec), False
        case HarError() as failure:
            show_error(failure)
            st.button("Ask YouTube again", icon=":material/refresh:", on_click=_forget)
            return None, True
        case Cancelled():
            st.info("Cancelled before YouTube had answered.", icon=":material/stop_circle:")
            st.button("Ask YouTube", icon=":material/refresh:", on_click=_forget)
    return None, False


def describe(event: Fetching) -> tuple[float, str]:
    """The share of the fetch that is done, and a line of text."""
    text = f"Fetching from YouTube: {event.done:.0%} at {event.bytes_per_sec / 1e6:.1f} MB/s"
    return event.done, text if event.left_sec is None else f"{text}, {_rough(event.left_sec)} to go"


def _outcome(address: VideoAddress) -> Outcome | None:
    """What a look gives or refuses, asked for once and not at every run of the page; None while YouTube is asked."""
    known = st.session_state.get(_FOUND)
    if known is not None and known[0] == address:
        outcome: Outcome = known[1]
        return outcome
    asked = st.session_state.get(_ASKED)
    if asked is not None and asked != address:
        _looks().leave(asked, _me())
    st.session_state[_ASKED] = address
    answer = _looks().ask(address, _me())
    wait([answer], _AT_ONCE_SEC)
    if not answer.done():
        _wait(address, answer)
        return None
    return _keep(address, _read(answer))


def _wait(address: VideoAddress, answer: "Future[Listing]") -> None:
    """Until YouTube has answered; then the page runs again."""

    @st.fragment(run_every=0.5)
    def asking() -> None:
        if answer.done():
            st.rerun()
        told = "Asking YouTube …" if answer.running() else "Others are asking YouTube; you are next …"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/hourglass: {told}")
            if st.button("Cancel", icon=":material/stop_circle:", key="youtube-cancel"):
                _looks().leave(address, _me())
                _keep(address, Cancelled())
                st.rerun()

    asking()


def _read(answer: "Future[Listing]") -> Outcome:
    try:
        return answer.result()
    except HarError as error:
        return error


def _keep(address: VideoAddress, outcome: Outcome) -> Outcome:
    st.session_state.pop(_ASKED, None)
    st.session_state[_FOUND] = (address, outcome)
    return outcome


def _me() -> str:
    """Who waits: this page, and not another one of the same browser."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


@st.cache_resource(show_spinner=False)
def _looks() -> Looks:
    return Looks()


def _forget() -> None:
    st.session_state.pop(_FOUND, None)


def _card(listing: Listing) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(listing.thumbnail, width=160, alt="")
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
