"""What was measured on, for whoever reads the figures elsewhere."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

from har.diagnostics import versions


def described() -> dict[str, object]:
    """Processor, memory, versions, and how busy it was before."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _of_cpuinfo("model name") or platform.processor() or "unknown",
        "vectors": _vectors(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),  # tasks that wanted to run, mean of a minute
        "versions": versions(),
    }


def told(machine: dict[str, object]) -> str:
    """In a line."""
    busy = " (busy: do not believe these figures)" if float(str(machine["load_before"])) > 0.5 else ""
    return (
        f"{machine['processor']} with {machine['vectors']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, {machine['date']}; load before {machine['load_before']}{busy}"
    )


def _vectors() -> str:
    """The widest instructions there are: they decide how quick networks are more than anything else."""
    flags = _of_cpuinfo("flags").split()
    widest = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"))
    return next((name for flag, name in widest if flag in flags), "no AVX that is known of")


def _of_cpuinfo(field: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
