"""What was seen inside a classifier, as one file of arrays: shipped for the clip that a page begins with, or kept."""

import io
import json
import zipfile
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float64, UInt8
from pydantic import TypeAdapter

from har.classifier import folder_of
from har.datasets import figures
from har.explain.gates import Gates
from har.networks.summary import NetworkFacts
from har.storage.cache import kept_previews, key_of

SHOWN = ("lrcn-figures", "convlstm-figures", "convlstm-ucf101-10")  # classifiers that can be looked into
DEFAULT_LABEL = "SitDown"  # its frames are those of StandUp: what counts is their order
DRAWN = ("lrcn-figures", "convlstm-ucf101-10", "lrcn-lite0-ucf101-10", "i3d-kinetics400")  # of which layers are shipped
SHIPPED = Path(__file__).parent / "shipped"
_FACTS = TypeAdapter(NetworkFacts)


@dataclass(frozen=True)
class Maps:
    """What one convolution made of the frames: some of its channels, step by step."""

    name: str  # the layer's
    shape: tuple[int, ...]  # of all it gives for a frame, `(height, width, channels)`
    channels: tuple[int, ...]  # which are here
    most: tuple[float, ...]  # of each, in the whole clip: what 255 stands for
    pictures: UInt8[np.ndarray, "steps shown height width"]


@dataclass(frozen=True)
class Inside:
    """A clip on its way through a network; where the network looks at moments, a step is the moment's middle frame."""

    classifier: str  # its name
    labels: tuple[str, ...]
    frames: UInt8[np.ndarray, "steps high wide 3"]  # as filmed
    inputs: UInt8[np.ndarray, "steps height width 3"]  # as the network gets them
    times_sec: Float64[np.ndarray, "steps"]
    spread: bool  # the clip is shorter than the span
    maps: tuple[Maps, ...]
    gates: Gates
    probabilities: Float64[np.ndarray, "steps labels"]  # were the clip to end after that step


def kept(classifier: str, label: str) -> Inside | None:
    """What is shipped or was looked at before, in whichever process; None if neither, or if the file is damaged."""
    path = shipped_path(classifier)
    data = (
        path.read_bytes()
        if label == DEFAULT_LABEL and path.exists()
        else kept_previews().read(key_for(classifier, label))
    )
    return None if data is None else unpacked(data)


def shipped_path(classifier: str) -> Path:
    """Where the values of the clip lie that a page begins with."""
    return SHIPPED / f"{classifier}.npz"


def keep(classifier: str, label: str, found: Inside) -> None:
    """Keep what was seen, for `kept`."""
    kept_previews().write(key_for(classifier, label), packed(found))


def key_for(classifier: str, label: str) -> str:
    """A name for what is seen: the same weights and the same clip give the same."""
    folder = folder_of(classifier)
    changed = [(folder / name).stat().st_mtime_ns for name in ("card.json", "weights.npz")]
    return key_of("inside", _sources(), classifier, changed, figures.VERSION, label)


def packed(found: Inside) -> bytes:
    """All of it in one NumPy archive; gates in half precision, which nobody sees."""
    told = {
        "classifier": found.classifier,
        "labels": found.labels,
        "spread": found.spread,
        "maps": [[each.name, each.shape, each.channels, each.most] for each in found.maps],
    }
    arrays = {"frames": found.frames, "inputs": found.inputs, "times_sec": found.times_sec}
    arrays |= {f"maps{place}": each.pictures for place, each in enumerate(found.maps)}
    arrays |= {field.name: getattr(found.gates, field.name).astype(np.float16) for field in fields(Gates)}
    file = io.BytesIO()
    arrays |= {"told": np.array(json.dumps(told)), "probabilities": found.probabilities}
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # none of them is called allow_pickle
    return file.getvalue()


def unpacked(data: bytes) -> Inside | None:
    """What `packed` has packed; None of anything else. Nothing in it is executed."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            told = json.loads(str(file["told"]))
            maps = tuple(
                Maps(name, tuple(shape), tuple(channels), tuple(most), file[f"maps{place}"])
                for place, (name, shape, channels, most) in enumerate(told["maps"])
            )
            gates = Gates(*(file[field.name].astype(np.float32) for field in fields(Gates)))
            arrays = {name: file[name] for name in ("frames", "inputs", "times_sec", "probabilities")}
    except (OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return None
    return Inside(told["classifier"], tuple(told["labels"]), spread=told["spread"], maps=maps, gates=gates, **arrays)


def shipped_facts(classifier: str) -> NetworkFacts:
    """A shipped classifier's layers, as they were counted when it was looked into last.

    Raises:
        FileNotFoundError: it has not been.
    """
    return _FACTS.validate_json((SHIPPED / f"{classifier}.json").read_bytes())


def ship_facts(classifier: str, counted: NetworkFacts) -> None:
    """Write what `shipped_facts` reads."""
    (SHIPPED / f"{classifier}.json").write_bytes(_FACTS.dump_json(counted) + b"\n")


@cache
def _sources() -> str:
    """A mark of this code: what was kept by another is not asked for again."""
    return key_of(*(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))))
