"""The machine that the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

from har.diagnostics import versions


def describe() -> dict[str, object]:
    """Processor, memory, versions, and load before the measurement."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _cpuinfo("model name") or platform.processor() or "unknown",
        "vectors": _vector_extension(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),  # runnable tasks, mean of a minute
        "versions": versions(),
    }


def summarise(machine: dict[str, object]) -> str:
    """One line of text."""
    busy = " (busy: these figures are not reliable)" if float(str(machine["load_before"])) > 0.5 else ""
    return (
        f"{machine['processor']} with {machine['vectors']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, {machine['date']}; load before {machine['load_before']}{busy}"
    )


def _vector_extension() -> str:
    """The widest vector instructions: they matter most for the speed of networks."""
    flags = _cpuinfo("flags").split()
    widest = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"))
    return next((name for flag, name in widest if flag in flags), "no AVX")


def _cpuinfo(field: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
