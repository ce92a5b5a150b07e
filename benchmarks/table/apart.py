"""The tutorial's way in processes of its own: TensorFlow there is as it comes, whatever `har` has set for itself."""

import os
import subprocess
import sys

_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


def tutorials_way(*arguments: object, onednn: bool = False) -> float:
    """Seconds of the work itself, without the start of the process.

    Args:
        arguments: of `python -m benchmarks.tutorial`.
        onednn: have it use oneDNN's kernels also where TensorFlow by itself would not.
    """
    environment = {name: value for name, value in os.environ.items() if name != _ONEDNN}
    command = [sys.executable, "-m", "benchmarks.tutorial", *map(str, arguments)]
    ran = subprocess.run(
        command, env=environment | ({_ONEDNN: "1"} if onednn else {}), stdout=subprocess.PIPE, text=True, check=True
    )
    return float(ran.stdout)
