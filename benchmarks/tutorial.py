"""The way that well-known tutorials on this subject go, in our own words: what `benchmarks.table` compares with.

Each sampled frame is sought on its own, clips are kept as float64 in OpenCV's BGR, a CNN is wrapped in
`TimeDistributed`, batches have four clips, each frame of a video costs one `predict` on the last twenty, and OpenCV
writes the result. None of it is wrong; all of it is slower, or larger, than it need be.

`python -m benchmarks.tutorial epoch NETWORK CLIPS`, `… scored VIDEO FRAMES` and `… annotated VIDEO FRAMES OUT` print
the seconds that such work takes. Nothing of `har` is imported: TensorFlow is as whoever follows a tutorial has it.
"""

import argparse
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import keras
import numpy as np
from keras import layers

FRAMES, SIDE, BATCH = 20, 64, 4
LABELS = ("walk", "run", "jump", "wave")
_DROPOUTS = (0.25, 0.25, 0.25, 0.0)


def clip_of(path: Path) -> np.ndarray:
    """Frames evenly over a video, `(20, 64, 64, 3)` float64 from 0 to 1, blue first: one seek each."""
    video = cv2.VideoCapture(str(path))
    apart = max(1, int(video.get(cv2.CAP_PROP_FRAME_COUNT)) // FRAMES)
    frames = []
    for number in range(FRAMES):
        video.set(cv2.CAP_PROP_POS_FRAMES, number * apart)
        found, frame = video.read()
        if not found:
            break
        frames.append(cv2.resize(frame, (SIDE, SIDE)) / 255)
    video.release()
    return np.array(frames)


def lrcn(label_count: int) -> keras.Model:
    """A CNN for each frame, then an LSTM; of the same weights as `har.networks.lrcn` with `plain`."""
    model = keras.Sequential([keras.Input((FRAMES, SIDE, SIDE, 3))])
    for filters, pool, dropout in zip((16, 32, 64, 64), (4, 4, 2, 2), _DROPOUTS, strict=True):
        model.add(layers.TimeDistributed(layers.Conv2D(filters, 3, padding="same", activation="relu")))
        model.add(layers.TimeDistributed(layers.MaxPooling2D(pool)))
        if dropout:
            model.add(layers.TimeDistributed(layers.Dropout(dropout)))
    model.add(layers.TimeDistributed(layers.Flatten()))
    model.add(layers.LSTM(32))
    model.add(layers.Dense(label_count, activation="softmax"))
    return model


def convlstm(label_count: int) -> keras.Model:
    """Four ConvLSTMs on the frames; of the same weights as `har.networks.convlstm` with `plain`."""
    model = keras.Sequential([keras.Input((FRAMES, SIDE, SIDE, 3))])
    for number, filters in enumerate((4, 8, 14, 16)):
        model.add(layers.ConvLSTM2D(filters, 3, recurrent_dropout=0.2, return_sequences=True))
        model.add(layers.MaxPooling3D((1, 2, 2), padding="same"))
        if number < 3:
            model.add(layers.TimeDistributed(layers.Dropout(0.2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(label_count, activation="softmax"))
    return model


def epoch_seconds(model: keras.Model, clips: np.ndarray, rows: np.ndarray) -> float:
    """Seconds for the second epoch of training with `fit`; the first one also builds the graph.

    Args:
        model: what learns.
        clips: float64, all in memory.
        rows: one-hot labels.
    """
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(clips, rows, batch_size=BATCH, epochs=1, shuffle=True, verbose=0)
    began = time.perf_counter()
    model.fit(clips, rows, batch_size=BATCH, epochs=1, shuffle=True, verbose=0)
    return time.perf_counter() - began


def scored(model: keras.Model, path: Path, on_frame: Callable[[np.ndarray, int | None], None], most: int) -> int:
    """Ask the network once a frame, as soon as twenty are there.

    Args:
        model: whom to ask.
        path: a video.
        on_frame: is given each frame as it is in the video, with the label's index, or None for the first nineteen.
        most: frames to look at.

    Returns:
        Frames that were looked at.
    """
    video, last, count = cv2.VideoCapture(str(path)), deque[np.ndarray](maxlen=FRAMES), 0
    label: int | None = None
    while count < most:
        found, frame = video.read()
        if not found:
            break
        last.append(cv2.resize(frame, (SIDE, SIDE)) / 255)
        if len(last) == FRAMES:
            label = int(np.argmax(model.predict(np.expand_dims(last, 0), verbose=0)[0]))
        on_frame(frame, label)
        count += 1
    video.release()
    return count


def annotated(model: keras.Model, path: Path, out: Path, labels: Sequence[str], most: int) -> int:
    """The same, with the label on each frame of a copy.

    Returns:
        Frames that were written.
    """
    video = cv2.VideoCapture(str(path))
    size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), video.get(cv2.CAP_PROP_FPS), size)
    video.release()

    def write(frame: np.ndarray, label: int | None) -> None:
        if label is not None:
            cv2.putText(frame, labels[label], (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 255, 0), 2)
        writer.write(frame)

    count = scored(model, path, write, most)
    writer.release()
    return count


def _epoch(network: str, count: int) -> float:
    clips = np.random.default_rng(0).integers(0, 255, (count, FRAMES, SIDE, SIDE, 3), np.uint8) / 255
    rows = np.eye(len(LABELS))[np.arange(count) % len(LABELS)]
    return epoch_seconds({"lrcn": lrcn, "convlstm": convlstm}[network](len(LABELS)), clips, rows)


def _watched(path: Path, most: int, out: Path | None) -> float:
    model = lrcn(len(LABELS))
    began = time.perf_counter()
    if out is None:
        scored(model, path, lambda frame, label: None, most)
    else:
        annotated(model, path, out, LABELS, most)
    return time.perf_counter() - began


def main() -> None:
    """Do one thing, and print its seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    works = parser.add_subparsers(dest="work", required=True)
    epoch = works.add_parser("epoch")
    epoch.add_argument("network", choices=["lrcn", "convlstm"])
    epoch.add_argument("clips", type=int)
    for name in ("scored", "annotated"):
        watching = works.add_parser(name)
        watching.add_argument("video", type=Path)
        watching.add_argument("frames", type=int)
    watching.add_argument("out", type=Path)
    asked = parser.parse_args()
    took = (
        _epoch(asked.network, asked.clips)
        if asked.work == "epoch"
        else _watched(asked.video, asked.frames, asked.out if asked.work == "annotated" else None)
    )
    print(took)


if __name__ == "__main__":
    main()
