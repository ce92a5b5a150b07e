"""Mutated classifiers and runs: a folder that is loaded, or a zip that is imported."""

import io
import json
import pickle
import random
import struct
import time
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from har import networks
from har.classifier import Card, TrainingData, load, read_card, save
from har.clips import ClipSpec, stride_samples
from har.evaluation import Bin, Calibration, ClipPrediction, Evaluation, Proportion, Report
from har.networks.weights import read_weights
from har.plots.training_report import render_training_report
from har.recipe import recipe_for
from har.runs import Plan, import_run, open_run
from har.training import EpochRecord, Outcome, SplitFacts
from stress.fuzz import byte_changes, json_values, seeds
from stress.fuzz.case import Case
from stress.fuzz.tripwire import Tripwire

_SPEC = ClipSpec(2, 64, 64, 0.2)
_CARD = Card("tiny", "Tiny", "For this.", "lrcn", ("kick", "wave"), _SPEC, 0.1, "MIT", TrainingData("none"))
_OWNER = "f" * 22


class _OpensFile:
    """A pickle that opens the planted file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.path),)


class Classifiers:
    """Cases of the kind `classifier`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        save(folder / "tiny", _CARD, networks.build(_CARD.network, len(_CARD.labels), _CARD.spec))
        self._expected = _weight_shapes(folder / "tiny")
        self._card = json.loads((folder / "tiny/card.json").read_text())
        self._weights = (folder / "tiny/weights.npz").read_bytes()
        self._run = json.loads(json.dumps([asdict(_plan()), asdict(_outcome())]))
        self.tripwire = Tripwire(folder / "planted", seeds.videos(folder / "seeds", ["mpeg4.mp4"])["mpeg4.mp4"])

    def generate(self, index: int) -> tuple[str, dict[str, bytes]]:
        """A description, and the files of a classifier and its run."""
        rng = random.Random(f"{self._seed} classifier {index}")
        card, weights, run = json.dumps(self._card).encode(), self._weights, json.dumps(self._run).encode()
        match index % 4:
            case 0:
                description, run = "run", json_values.to_json(json_values.change(self._run, rng), rng)
            case 1:
                description, card = "card", json_values.to_json(json_values.change(self._card, rng), rng)
            case 2:
                description, weights = "weights", self._odd_weights(rng)
            case _:
                change = rng.choice(byte_changes.ALL)
                description, weights = f"weights, {change.__name__}", change(weights, [weights, card], rng)
        return description, {"classifier/card.json": card, "classifier/weights.npz": weights, "run.json": run}

    def make_case(self, index: int, folder: Path) -> Case:
        """Write it to the folder: half of the cases as a folder, half as a zip."""
        description, files = self.generate(index)
        rng = random.Random(f"{self._seed} zip {index}")
        if index % 4 == 0 or rng.random() < 0.5:
            path = folder / "run.zip"
            path.write_bytes(_zip_files(files, rng))
            return Case(f"zip: {description}", lambda: self._import_run(path), {path.name})
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        return Case(f"folder: {description}", lambda: self._load_classifier(folder / "classifier"), set(files))

    def _import_run(self, path: Path) -> object:
        run = open_run(import_run(_OWNER, path).id)
        page = render_training_report(run.name, run.plan.recipe, run.outcome) if run.outcome else ""
        if "<script>alert(1)" in page:
            raise TypeError("a script from the zip is in the report")
        return run.name, run.plan.labels, self._load_classifier(run.classifier)

    def _load_classifier(self, folder: Path) -> object:
        """Read a card and its arrays; build the network only if the card was changed."""
        import keras

        card = read_card(folder)
        stride_samples(card.spec, card.stride_sec)  # the first step of recognition
        if json.loads((folder / "card.json").read_text()) == self._card:
            return card, len(read_weights(folder / "weights.npz", self._expected))
        keras.backend.clear_session()  # the networks of earlier cases
        classifier = load(folder)
        answer = classifier(np.zeros((1, *card.spec.shape), np.uint8))
        if answer.shape != (1, len(card.labels)):
            raise TypeError(f"output of shape {answer.shape}")
        return card

    def _odd_weights(self, rng: random.Random) -> bytes:
        with np.load(io.BytesIO(self._weights)) as file:
            arrays = {name: file[name] for name in file}
        name = rng.choice(list(arrays))
        members = {f"{each}.npy": _npy(array) for each, array in arrays.items()}
        members[f"{name}.npy"] = self._odd_array(arrays[name], rng)
        if rng.random() < 0.2:
            members.pop(f"{rng.choice(list(arrays))}.npy")
        if rng.random() < 0.2:
            members[rng.choice(("../x.npy", "config.json", "model.keras", "/etc/x.npy", "a" * 5000, "x.npy"))] = b"x"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", rng.choice((0, 8, 12, 14))) as packed:
            for each, data in members.items():
                packed.writestr(each, data)
        return out.getvalue()

    def _odd_array(self, array: np.ndarray, rng: random.Random) -> bytes:
        body = array.tobytes()
        shape = tuple(array.shape)
        odd: object = rng.choice(
            (
                (10**12,), (-1,), (2**63,), (), (0,), shape[::-1], (*shape, 1), (1.5,), ("a",), (True,), (10**30,
                10**30), ((1, 2),), {}, None,
            )
        )  # fmt: skip
        descr = rng.choice(
            (
                "<f4",
                "<f4",
                "|O",
                "<f8",
                ">f4",
                "<U9",
                "|V4",
                "<M8[s]",
                "<c8",
                "|b1",
                [("a", "<f4")],
                "f4,O",
                "x",
                ("<f4", (9,)),
            )
        )
        text = repr({"descr": descr, "fortran_order": rng.choice((False, True, 1, "x")), "shape": odd})
        text = rng.choice(
            (
                text,
                text,
                text,
                text,
                "(" * 5000,
                "-" * 9000 + "1",
                "[" * 90,
                "{1:" * 900,
                "__import__('os')",
                repr({"shape": shape}),
                "1+" * 4000 + "1",
            )
        )
        match rng.randrange(7):
            case 0:
                return _header(text, 1) + body
            case 1:
                return _header(text, rng.choice((2, 3))) + body
            case 2:
                return b"\x93NUMPY\x02\0" + struct.pack("<I", 0xFFFFFFFF) + b"{"
            case 3:
                reaches = pickle.dumps(_OpensFile(self.tripwire.text))
                return _header(repr({"descr": "|O", "fortran_order": False, "shape": shape}), 1) + reaches
            case 4:
                return pickle.dumps(_OpensFile(self.tripwire.text))
            case 5:
                return _npy(np.full_like(array, rng.choice((np.nan, np.inf, 1e38, 0.0))))
            case _:
                return _npy(array.astype(rng.choice((np.float16, np.float64, np.int8, np.complex64)))) + bytes(
                    rng.choice((0, 1))
                )


def _weight_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights of the valid classifier. This also loads TensorFlow."""
    classifier = load(folder)
    classifier(np.zeros((1, *_SPEC.shape), np.uint8))
    weights = networks.trained_weights(classifier.model, _CARD.network)
    return {weight.path: tuple(weight.shape) for weight in weights}


def _zip_files(files: dict[str, bytes], rng: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((0, 8, 8, 12, 14))) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        for name in rng.choice(
            ((), (), (), ("../../x",), ("/etc/x", "model.keras"), tuple(f"m{n}" for n in range(60)))
        ):
            packed.writestr(name, b"x")
    data = out.getvalue()
    return rng.choice(byte_changes.ALL)(data, [data], rng) if rng.random() < 0.2 else data


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _header(text: str, version: int) -> bytes:
    data = text.encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(data)) + data


def _plan() -> Plan:
    return Plan("figures", "Drawn people", _CARD.labels, recipe_for("lrcn"), time.time())


def _outcome() -> Outcome:
    epochs = tuple(EpochRecord(number, 3, 0.5, 0.7, 0.6, 0.6, 40.0, number == 2) for number in (1, 2, 3))
    verdicts = tuple(ClipPrediction(f"kick/{n}.mp4", "kick", "kick" if n else "wave", 0.8, f"g{n}") for n in range(4))
    bins = (Bin(0.0, 0.5, 0, 0.25, 0.0), Bin(0.5, 1.0, 4, 0.8, 0.75))
    calibration = Calibration(1.5, 0.55, 0.8, 0.9, 0.12, 0.04, bins, bins)
    examination = Evaluation(Report(_CARD.labels, verdicts, 0), calibration, {"shuffled": Proportion(2, 4)})
    split = SplitFacts("grouped", 60, 12, 20, {"test": ("g04",)}, 0, None, False)
    return Outcome(epochs, epochs[1], split, examination, False, 75.0, 72994, 68_000_000)
