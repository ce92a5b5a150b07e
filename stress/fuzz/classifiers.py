"""Mutated classifiers and runs, on the roads by which they come in: a folder that is loaded, a zip that is imported."""

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
from har.evaluation import Bin, Calibration, ClipVerdict, Examination, Report, Share
from har.networks.weights import read_weights
from har.recipe import recipe_for
from har.runs import Outcome, Plan, SplitFacts, import_run, open_run
from har.runs.html_report import report_page
from har.training import EpochDone
from stress.fuzz import damage, seeds, trees
from stress.fuzz.canary import Canary
from stress.fuzz.case import Case

_SPEC = ClipSpec(2, 64, 64, 0.2)
_CARD = Card("tiny", "Tiny", "For this.", "lrcn", ("kick", "wave"), _SPEC, 0.1, "MIT", TrainingData("none"))
_OWNER = "f" * 22


class _Reaches:
    """A pickle that opens the planted file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.path),)


class Classifiers:
    """Cases of the kind `classifier`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        save(folder / "tiny", _CARD, networks.build(_CARD.network, len(_CARD.labels), _CARD.spec))
        self._expected = _shapes(folder / "tiny")
        self._card = json.loads((folder / "tiny/card.json").read_text())
        self._weights = (folder / "tiny/weights.npz").read_bytes()
        self._run = json.loads(json.dumps([asdict(_plan()), asdict(_outcome())]))
        self.canary = Canary(folder / "planted", seeds.videos(folder / "seeds", ["mpeg4.mp4"])["mpeg4.mp4"])

    def make(self, index: int) -> tuple[str, dict[str, bytes]]:
        """What was done, and the files of a classifier with a run's."""
        chance = random.Random(f"{self._seed} classifier {index}")
        card, weights, run = json.dumps(self._card).encode(), self._weights, json.dumps(self._run).encode()
        match index % 4:
            case 0:
                told, run = "run", trees.written(trees.change(self._run, chance), chance)
            case 1:
                told, card = "card", trees.written(trees.change(self._card, chance), chance)
            case 2:
                told, weights = "weights", self._odd_weights(chance)
            case _:
                change = chance.choice(damage.ALL)
                told, weights = f"weights, {change.__name__}", change(weights, [weights, card], chance)
        return told, {"classifier/card.json": card, "classifier/weights.npz": weights, "run.json": run}

    def run(self, index: int, folder: Path) -> Case:
        """Take one along a road: every other as a folder, every other as a zip."""
        told, files = self.make(index)
        chance = random.Random(f"{self._seed} zip {index}")
        if index % 4 == 0 or chance.random() < 0.5:
            path = folder / "run.zip"
            path.write_bytes(_zipped(files, chance))
            return Case(f"zip: {told}", lambda: self._imported(path), {path.name})
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        return Case(f"folder: {told}", lambda: self._loaded(folder / "classifier"), set(files))

    def _imported(self, path: Path) -> object:
        run = open_run(import_run(_OWNER, path).id)
        page = report_page(run)
        if "<script>alert(1)" in page:
            raise TypeError("a script of the zip's in the report")
        return run.name, run.plan.labels, self._loaded(run.classifier)

    def _loaded(self, folder: Path) -> object:
        """A card and its arrays; the network is built only where the card is another than ours."""
        import keras

        card = read_card(folder)
        stride_samples(card.spec, card.stride_sec)  # which recognising begins with
        if json.loads((folder / "card.json").read_text()) == self._card:
            return card, len(read_weights(folder / "weights.npz", self._expected))
        keras.backend.clear_session()  # the networks of earlier cases
        classifier = load(folder)
        answer = classifier(np.zeros((1, *card.spec.shape), np.uint8))
        if answer.shape != (1, len(card.labels)):
            raise TypeError(f"an answer of {answer.shape}")
        return card

    def _odd_weights(self, chance: random.Random) -> bytes:
        with np.load(io.BytesIO(self._weights)) as file:
            arrays = {name: file[name] for name in file}
        name = chance.choice(list(arrays))
        members = {f"{each}.npy": _npy(array) for each, array in arrays.items()}
        members[f"{name}.npy"] = self._odd_array(arrays[name], chance)
        if chance.random() < 0.2:
            members.pop(f"{chance.choice(list(arrays))}.npy")
        if chance.random() < 0.2:
            members[chance.choice(("../x.npy", "config.json", "model.keras", "/etc/x.npy", "a" * 5000, "x.npy"))] = b"x"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", chance.choice((0, 8, 12, 14))) as packed:
            for each, data in members.items():
                packed.writestr(each, data)
        return out.getvalue()

    def _odd_array(self, array: np.ndarray, chance: random.Random) -> bytes:
        body = array.tobytes()
        shape = tuple(array.shape)
        odd: object = chance.choice(
            (
                (10**12,), (-1,), (2**63,), (), (0,), shape[::-1], (*shape, 1), (1.5,), ("a",), (True,), (10**30,
                10**30), ((1, 2),), {}, None,
            )
        )  # fmt: skip
        descr = chance.choice(
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
        text = repr({"descr": descr, "fortran_order": chance.choice((False, True, 1, "x")), "shape": odd})
        text = chance.choice(
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
        match chance.randrange(7):
            case 0:
                return _header(text, 1) + body
            case 1:
                return _header(text, chance.choice((2, 3))) + body
            case 2:
                return b"\x93NUMPY\x02\0" + struct.pack("<I", 0xFFFFFFFF) + b"{"
            case 3:
                reaches = pickle.dumps(_Reaches(self.canary.text))
                return _header(repr({"descr": "|O", "fortran_order": False, "shape": shape}), 1) + reaches
            case 4:
                return pickle.dumps(_Reaches(self.canary.text))
            case 5:
                return _npy(np.full_like(array, chance.choice((np.nan, np.inf, 1e38, 0.0))))
            case _:
                return _npy(array.astype(chance.choice((np.float16, np.float64, np.int8, np.complex64)))) + bytes(
                    chance.choice((0, 1))
                )


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """What the network of an intact classifier needs; TensorFlow is awake then."""
    classifier = load(folder)
    classifier(np.zeros((1, *_SPEC.shape), np.uint8))
    weights = networks.own_weights(classifier.model, _CARD.network)
    return {weight.path: tuple(weight.shape) for weight in weights}


def _zipped(files: dict[str, bytes], chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", chance.choice((0, 8, 8, 12, 14))) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        for name in chance.choice(
            ((), (), (), ("../../x",), ("/etc/x", "model.keras"), tuple(f"m{n}" for n in range(60)))
        ):
            packed.writestr(name, b"x")
    data = out.getvalue()
    return chance.choice(damage.ALL)(data, [data], chance) if chance.random() < 0.2 else data


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
    epochs = tuple(EpochDone(number, 3, 0.5, 0.7, 0.6, 0.6, 40.0, number == 2) for number in (1, 2, 3))
    verdicts = tuple(ClipVerdict(f"kick/{n}.mp4", "kick", "kick" if n else "wave", 0.8, f"g{n}") for n in range(4))
    bins = (Bin(0.0, 0.5, 0, 0.25, 0.0), Bin(0.5, 1.0, 4, 0.8, 0.75))
    calibration = Calibration(1.5, 0.55, 0.8, 0.9, 0.12, 0.04, bins, bins)
    examination = Examination(Report(_CARD.labels, verdicts, 0), calibration, {"shuffled": Share(2, 4)})
    split = SplitFacts("grouped", 60, 12, 20, {"test": ("g04",)}, 0, None, False)
    return Outcome(epochs, epochs[1], split, examination, False, 75.0, 72994, 68_000_000)
