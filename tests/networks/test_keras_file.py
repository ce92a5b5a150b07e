import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.networks import NETWORKS
from har.networks.keras_file import save_keras_file

pytestmark = pytest.mark.training

_READ = """
import sys, keras, numpy
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras")
    outputs = numpy.asarray(model(numpy.load(f"{name}-clips.npy"), training=False))
    numpy.testing.assert_allclose(outputs, numpy.load(f"{name}-outputs.npy"), rtol=1e-3, atol=1e-5)
assert not any(name.split(".")[0] == "har" for name in sys.modules)
"""


@pytest.mark.promise("numbers", "Keras alone opens the portable file")
def test_keras_alone_opens_the_files_of_all_trainable_networks(tmp_path: Path) -> None:
    names = [name for name, entry in NETWORKS.items() if entry.trainable and entry.published is None]
    for name in names:
        side = NETWORKS[name].smallest_side
        spec = ClipSpec(frames=8, height=side, width=side)
        model = networks.build(name, 3, spec)
        clips = np.random.default_rng(0).integers(0, 256, (2, *spec.shape), np.uint8)
        np.save(tmp_path / f"{name}-clips.npy", clips)
        np.save(tmp_path / f"{name}-outputs.npy", np.asarray(model(clips, training=False)))
        save_keras_file(model, tmp_path / f"{name}.keras")
    done = subprocess.run(
        [sys.executable, "-c", _READ, *names], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
