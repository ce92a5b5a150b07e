"""Status: for everybody whether it is busy; for whoever runs the app what it takes, and what went wrong."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from har import diagnostics, log
from har.jobs import JobState, JobSummary
from har.settings import GIB, MIB, settings
from har.storage import quota
from ui.jobs import jobs
from ui.navigation import start_app


def main() -> None:
    """How many jobs there are, room and versions; below, with the owner's key in the address, the rest."""
    st.title("Status", anchor=False)
    _now()
    with st.expander("Versions", icon=":material/info:"):
        st.table({"version": diagnostics.versions()})
    if is_owner(st.query_params.get("owner", "")):
        _for_owner()


def is_owner(key: str) -> bool:
    """Whether this is the key in the settings; nobody's is while none is set."""
    expected = settings().owner_key
    if expected is None:
        return False
    return hmac.compare_digest(key.encode(errors="replace"), expected.get_secret_value().encode())


@st.fragment(run_every=5)
def _now() -> None:
    """Busy or free, and in numbers."""
    known = jobs().overview()
    running, waiting = _count(known, JobState.RUNNING), _count(known, JobState.WAITING)
    if waiting:
        st.info("Busy: what you start now waits its turn. Its page says for how many.", icon=":material/hourglass:")
    elif running:
        st.info("At work: what you start now may have to wait.", icon=":material/pending:")
    else:
        st.success("Free: what you start now begins at once.", icon=":material/check_circle:")
    numbers = {
        "Jobs at work": (str(running), None),
        "Jobs waiting": (str(waiting), f"At most {settings().max_waiting_jobs} may."),
        "Room on the disk": (f"{quota.free_bytes() / GIB:.1f} GB", None),
    }
    with st.container(horizontal=True, gap="small"):
        for name, (value, told) in numbers.items():
            st.metric(name, value, help=told, width=170)  # two beside each other on a phone


def _count(known: Sequence[JobSummary], state: JobState) -> int:
    return sum(job.state is state for job in known)


# For whoever runs the app


@st.fragment(run_every=10)
def _for_owner() -> None:
    """No names, titles or ids: they are the visitors'."""
    st.divider()
    found = diagnostics.processes()
    st.header(f"Memory: {sum(each.memory_bytes for each in found) / MIB:,.0f} MB", anchor=False)
    _table(process=[each.name for each in found], MB=[_mb(each.memory_bytes) for each in found])
    sizes = _sizes()
    st.header(f"Disk: {sum(sizes.values()) / MIB:,.0f} MB", anchor=False)
    if sizes:
        _table(folder=list(sizes), MB=[_mb(size_bytes) for size_bytes in sizes.values()])
    known = jobs().overview()
    st.header(f"Jobs: {len(known)}", anchor=False)
    if known:
        _table(
            kind=[job.kind for job in known],
            lane=[str(job.lane) for job in known],
            state=[str(job.state) for job in known],
            minutes=[round(job.age_sec / 60, 1) for job in known],
        )
    faults = log.last_faults()
    st.header(f"Last errors: {len(faults)}", anchor=False)
    if faults:
        _table(
            ago=[datetime.fromtimestamp(fault.at_sec, UTC) for fault in faults],
            kind=[fault.kind for fault in faults],
            error=[fault.error for fault in faults],
            place=[fault.place for fault in faults],
        )


@st.cache_data(ttl=60, show_spinner="Measuring folders …")
def _sizes() -> dict[str, int]:
    return quota.sizes()


def _mb(size_bytes: int) -> float:
    """What is not nothing does not look like it."""
    return round(size_bytes / MIB) if size_bytes >= MIB else round(size_bytes / MIB, 2)


def _table(**columns: list[object]) -> None:
    short = {"ago": st.column_config.DatetimeColumn(format="distance")}  # the place has to be seen on a phone too
    st.dataframe(columns, hide_index=True, width="stretch", column_config=short)


if __name__ == "__main__":
    start_app()
