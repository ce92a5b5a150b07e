"""`python -m benchmarks`: every measurement, one after the other. Takes hours on two cores, most of them `accuracy`."""

import subprocess
import sys

ALL = (
    "figures_shortcuts",
    "figures_accuracy",
    "sample_accuracy",
    "accuracy",
    "scoring",
    "clip_cache",
    "likeness",
    "explore",
    "first_paint",
    "burn_in",
    "memory",
)

if __name__ == "__main__":
    for name in ALL:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
