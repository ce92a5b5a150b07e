"""The box for a YouTube link: shows the video and lets the visitor choose a section before anything is fetched."""

from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass
from datetime import time, timedelta

import streamlit as st

from har.errors import AddressInvalid, HarError, StopRequested
from har.settings import settings
from har.youtube import SharedLookups, VideoAddress, VideoDetails, parse_address
from ui import visitor
from ui.jobs import rerun_when, show_waiting
from ui.messages import plain, show_error

_PROPOSED_SEC = 60.0  # length of the proposed section
_MIN_SEC = 1.0
_MAX_SLIDER_SEC = 24 * 3600 - 1  # a slider of times ends before midnight
_GRACE_SEC = 0.2  # an answer that arrives so soon is shown without a waiting message
ADDRESS = "youtube-address"  # the key of the field: ui/assets/page.js
_RESULT = "youtube-result"  # in the session: the last video looked up, and the outcome
_PENDING = "youtube-pending"  # in the session: the video being looked up, and its answer to come


@dataclass(frozen=True)
class Cancelled:
    """The visitor has cancelled the lookup."""


@dataclass(frozen=True)
class Section:
    """A section of a video that was looked up."""

    video: VideoDetails
    start_sec: float
    end_sec: float


Outcome = VideoDetails | HarError | Cancelled  # of a lookup


def box() -> tuple[Section | None, bool]:
    """The field, and below it the video with its trim slider, or an error.

    Returns:
        The section, once it is chosen; and whether YouTube failed, so that an upload should be offered.
    """
    limits = settings()
    address, video, failed = _field(
        "YouTube link",
        f"Up to {limits.max_video_sec / 60:g} minutes are fetched, at up to {limits.youtube_short_side}p. "
        f"Deleted after {limits.job_hours:g} h. Fetch only what you are allowed to use.",
    )
    if address is None or video is None:
        return None, failed
    _card(video)
    return _trim(video, address.start_sec), False


def field(label: str, help_text: str) -> Section | None:
    """The field without a choice of the section: the one that `box` proposes, once the video is looked up."""
    address, video, _ = _field(label, help_text=help_text)
    if address is None or video is None:
        return None
    start_sec = address.start_sec if address.start_sec < video.duration_sec else 0.0
    return Section(video, start_sec, min(video.duration_sec, start_sec + min(_PROPOSED_SEC, settings().max_video_sec)))


def _field(
    label: str, caption: str = "", help_text: str | None = None
) -> tuple[VideoAddress | None, VideoDetails | None, bool]:
    """The field, and below it an error; the address, the video once it is looked up, and whether YouTube failed."""
    placeholder = "https://www.youtube.com/watch?v=…"
    text = st.text_input(label, placeholder=placeholder, help=help_text, key=ADDRESS)
    if caption:
        st.caption(caption)
    if not text:
        return None, None, False
    try:
        address = parse_address(text)
    except AddressInvalid as error:
        show_error(error)
        return None, None, False
    match _outcome(address):
        case VideoDetails() as video:
            return address, video, False
        case HarError() as failure:
            show_error(failure)
            st.button("Try again", icon=":material/refresh:", on_click=_forget)
            return address, None, True
        case Cancelled():
            st.info("Cancelled before YouTube answered.", icon=":material/stop_circle:")
            st.button("Look it up", icon=":material/refresh:", on_click=_forget)
    return address, None, False


def _outcome(address: VideoAddress) -> Outcome | None:
    """The outcome of a lookup, made once and not at every run of the page; None while it is pending."""
    known = st.session_state.get(_RESULT)
    if known is not None and known[0] == address:
        outcome: Outcome = known[1]
        return outcome
    pending: tuple[VideoAddress, Future[VideoDetails]] | None = st.session_state.get(_PENDING)
    if pending is not None and pending[0] != address:
        _lookups().cancel(pending[0], visitor.visitor().id)
        pending = None
    if pending is None:  # a failure that has just arrived is an answer too, and no reason to ask again
        me = visitor.visitor()
        pending = st.session_state[_PENDING] = (address, _lookups().request(address, me.id, me.is_connected))
    answer = pending[1]
    wait([answer], _GRACE_SEC)
    if not answer.done():
        rerun_when(answer.done, lambda: _show_pending(address, answer))
        return None
    try:
        return _store(address, answer.result())
    except HarError as error:
        return _store(address, error)
    except (CancelledError, StopRequested):  # this visitor looks up another video, in another tab
        return _store(address, Cancelled())


def _show_pending(address: VideoAddress, answer: "Future[VideoDetails]") -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        show_waiting("Looking up the video…" if answer.running() else "Waiting for other visitors' lookups…")
        if st.button("Cancel", icon=":material/stop_circle:", key="youtube-cancel"):
            _lookups().cancel(address, visitor.visitor().id)
            _store(address, Cancelled())
            st.rerun()


def _store(address: VideoAddress, outcome: Outcome) -> Outcome:
    st.session_state.pop(_PENDING, None)
    st.session_state[_RESULT] = (address, outcome)
    return outcome


@st.cache_resource(show_spinner=False)
def _lookups() -> SharedLookups:
    return SharedLookups()


def _forget() -> None:
    st.session_state.pop(_RESULT, None)


def _card(video: VideoDetails) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(video.thumbnail, width=160, alt="")
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{plain(video.title)}**")
            st.caption(plain(f"{video.channel} · {clock(video.duration_sec)}".removeprefix(" · ")))


def _trim(video: VideoDetails, proposed_sec: float) -> Section | None:
    """The slider; None while its section is too short."""
    max_sec, whole = settings().max_video_sec, video.duration_sec
    last = int(min(whole, _MAX_SLIDER_SEC))
    if last < _MIN_SEC:
        return Section(video, 0.0, whole)
    start = int(proposed_sec) if proposed_sec < last else 0
    chosen = st.slider(
        "Section",
        time(0),
        _time(last),
        (_time(start), _time(min(last, start + int(min(_PROPOSED_SEC, max_sec))))),
        step=timedelta(seconds=1),
        format="H:mm:ss" if last >= 3600 else "m:ss",
        key=f"youtube-section-{video.video_id}-{start}",
        help="The arrow keys move a handle by one second.",
    )
    start_sec, end_sec = (_seconds(part) for part in chosen)
    end_sec = whole if end_sec == last and whole < _MAX_SLIDER_SEC else end_sec
    if end_sec - start_sec < _MIN_SEC:
        st.warning("Choose at least one second.", icon=":material/content_cut:")
        return None
    if end_sec - start_sec > max_sec:
        end_sec = start_sec + max_sec
        st.warning(f"Up to {max_sec / 60:g} minutes: the section ends at {clock(end_sec)}.", icon=":material/timer:")
    st.caption(f"{clock(start_sec)} to {clock(end_sec)}: {clock(end_sec - start_sec)} will be fetched.")
    return Section(video, start_sec, end_sec)


def clock(sec: float) -> str:
    """'1:05', '1:02:03'."""
    whole = int(sec)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _time(sec: int) -> time:
    return time(sec // 3600, sec // 60 % 60, sec % 60)


def _seconds(at: time) -> float:
    return 3600.0 * at.hour + 60 * at.minute + at.second
