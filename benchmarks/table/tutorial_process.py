"""The tutorial's code in processes of its own, with TensorFlow's default settings instead of those of `har`."""

import os
import subprocess
import sys

_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


def time_tutorial(*arguments: object, onednn: bool = False) -> float:
    """Run the tutorial's code; return the seconds of the work itself, without the start of the process.

    Args:
        arguments: of `python -m benchmarks.tutorial`.
        onednn: use oneDNN even where TensorFlow would not by default.
    """
    environment = {name: value for name, value in os.environ.items() if name != _ONEDNN}
    command = [sys.executable, "-m", "benchmarks.tutorial", *map(str, arguments)]
    process = subprocess.run(
        command, env=environment | ({_ONEDNN: "1"} if onednn else {}), stdout=subprocess.PIPE, text=True, check=True
    )
    return float(process.stdout)
