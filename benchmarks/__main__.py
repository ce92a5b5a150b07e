"""`python -m benchmarks`: all measurements. Takes hours on two cores, most of it for `accuracy`.

`python -m benchmarks NAME …` runs one of them with its own arguments: `python -m benchmarks table --only clips-short`.
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
    "similarity_groups",
    "explore",
    "first_paint",
    "drop",
    "burn_in",
    "films",
    "classifier_speed",
    "cuts",
    "live",
    "joined",
    "novelty",
    "pretrained",
    "teach",
)

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0] not in ALL:
        raise SystemExit(f"{arguments[0]} is none of {', '.join(ALL)}")
    if arguments:
        command = [sys.executable, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]]
        raise SystemExit(subprocess.run(command).returncode)
    for name in ALL:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
