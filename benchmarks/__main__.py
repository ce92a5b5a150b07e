"""`python -m benchmarks`: every measurement, one after the other. Takes hours on two cores, most of them `accuracy`.

`python -m benchmarks NAME …` is one of them with its own arguments: `python -m benchmarks table --only clips-short`.
"""

import subprocess
import sys

ALL = (
    "table",
    "cluster",
    "figures_shortcuts",
    "figures_accuracy",
    "sample_accuracy",
    "explain",
    "accuracy",
    "scoring",
    "clip_cache",
    "likeness",
    "explore",
    "first_paint",
    "burn_in",
)

if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked and asked[0] not in ALL:
        raise SystemExit(f"{asked[0]} is none of {', '.join(ALL)}")
    if asked:
        raise SystemExit(subprocess.run([sys.executable, "-m", f"benchmarks.{asked[0]}", *asked[1:]]).returncode)
    for name in ALL:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
