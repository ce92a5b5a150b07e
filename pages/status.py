"""Status: how busy the app is, and for its owner what it uses and what has failed."""

import hmac
import threading
import time
from datetime import UTC, datetime

import streamlit as st

from har import diagnostics, log
from har.jobs import JobState
from har.settings import GIB, MIB, settings
from har.storage import quota
from ui.jobs import jobs
from ui.navigation import start_app
from ui.tables import table

_WRONG_KEY_SEC = 1.0  # after which the next wrong key is checked
_one_wrong_key = threading.Lock()


def main() -> None:
    """Draw the screen. With the owner's key in the address it has more."""
    st.title("Status", anchor=False)
    _show_load()
    with st.expander("Versions", icon=":material/info:"):
        st.table({"version": diagnostics.versions()})
    if is_owner(st.query_params.get("owner", "")):
        _show_owner()


def is_owner(key: str) -> bool:
    """Whether this is the owner's key; without a key in the settings there is none."""
    expected = settings().owner_key
    if expected is None:
        return False
    if hmac.compare_digest(key.encode(errors="replace"), expected.get_secret_value().encode()):
        return True
    if key:
        with _one_wrong_key:  # of all visitors together
            time.sleep(_WRONG_KEY_SEC)
    return False


@st.fragment(run_every=5)
def _show_load() -> None:
    states = [job.state for job in jobs().overview()]
    running, waiting = states.count(JobState.RUNNING), states.count(JobState.WAITING)
    if waiting:
        st.info("Busy: new jobs wait in a queue. Their pages show how many are ahead.", icon=":material/hourglass:")
    elif running:
        st.info("Running a job: new ones may have to wait.", icon=":material/pending:")
    else:
        st.success("Free: new jobs start at once.", icon=":material/check_circle:")
    with st.container(horizontal=True, gap="small"):
        width = 155  # two side by side on a phone
        st.metric("Jobs running", str(running), width=width)
        st.metric("Jobs waiting", str(waiting), help=f"At most {settings().max_waiting_jobs}.", width=width)
        st.metric("Free disk space", f"{quota.free_bytes() / GIB:.1f} GB", width=width)


@st.fragment(run_every=10)
def _show_owner() -> None:
    """Without names, titles or ids: these belong to the visitors."""
    st.divider()
    processes = diagnostics.processes()
    st.header(f"Memory: {sum(each.memory_bytes for each in processes) / MIB:,.0f} MB", anchor=False)
    _table(process=[each.name for each in processes], MB=[_mb(each.memory_bytes) for each in processes])
    sizes = _folder_sizes()
    st.header(f"Disk: {sum(sizes.values()) / MIB:,.0f} MB", anchor=False)
    _table(folder=list(sizes), MB=[_mb(size_bytes) for size_bytes in sizes.values()])
    known = jobs().overview()
    st.header(f"Jobs: {len(known)}", anchor=False)
    _table(
        kind=[job.kind for job in known],
        lane=[str(job.lane) for job in known],
        state=[str(job.state) for job in known],
        minutes=[round(job.age_sec / 60, 1) for job in known],
    )
    errors = log.recent_errors()
    st.header(f"Recent errors: {len(errors)}", anchor=False)
    _table(
        when=[datetime.fromtimestamp(error.at_sec, UTC) for error in errors],
        kind=[error.kind for error in errors],
        error=[error.error for error in errors],
        place=[error.place for error in errors],
    )


@st.cache_data(ttl=60, show_spinner="Measuring folders…")
def _folder_sizes() -> dict[str, int]:
    return quota.sizes()


def _mb(size_bytes: int) -> float:
    """Sizes below 1 MB get decimals, so that they do not look like nothing."""
    return round(size_bytes / MIB) if size_bytes >= MIB else round(size_bytes / MIB, 2)


def _table(**columns: list[object]) -> None:
    if any(columns.values()):
        relative = {"when": st.column_config.DatetimeColumn(format="distance")}  # short enough for a phone
        table(columns, width="stretch", column_config=relative)


if __name__ == "__main__":
    start_app()
