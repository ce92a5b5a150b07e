"""What well-known tutorials on this subject do, in code of our own: the baseline of `benchmarks.table`.

Each sampled frame costs a seek, clips are kept as float64 in OpenCV's BGR, a CNN is wrapped in `TimeDistributed`,
batches have four clips, each frame of a video costs a `predict` on the last twenty, and OpenCV writes the result. All
of it is correct, and slower or larger than necessary.

`python -m benchmarks.tutorial epoch NETWORK CLIPS`, `… scored VIDEO FRAMES` and `… annotated VIDEO FRAMES OUT` print
the seconds that this takes. Nothing of `har` is imported, so TensorFlow has its default settings.
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
    """Evenly spaced frames of a video, `(20, 64, 64, 3)` float64 from 0 to 1, BGR: one seek each."""
    video = cv2.VideoCapture(str(path))
    interval = max(1, int(video.get(cv2.CAP_PROP_FRAME_COUNT)) // FRAMES)
    frames = []
    for number in range(FRAMES):
        video.set(cv2.CAP_PROP_POS_FRAMES, number * interval)
        success, frame = video.read()
        if not success:
            break
        frames.append(cv2.resize(frame, (SIDE, SIDE)) / 255)
    video.release()
    return np.array(frames)


def lrcn(label_count: int) -> keras.Model:
    """A CNN on each frame, then an LSTM; the same weights as `har.networks.architectures.lrcn` with `plain`."""
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
    """Four ConvLSTM layers; the same weights as `har.networks.architectures.convlstm` with `plain`."""
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
    """Duration of the second epoch of `fit`; the first one also builds the graph.

    Args:
        model: what is trained.
        clips: float64, in memory.
        rows: one-hot labels.
    """
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(clips, rows, batch_size=BATCH, epochs=1, shuffle=True, verbose=0)
    began = time.perf_counter()
    model.fit(clips, rows, batch_size=BATCH, epochs=1, shuffle=True, verbose=0)
    return time.perf_counter() - began


def score_frames(
    model: keras.Model, path: Path, on_frame: Callable[[np.ndarray, int | None], None], max_frames: int
) -> int:
    """Run the network on the last twenty frames, for each frame.

    Args:
        model: predicts.
        path: a video.
        on_frame: called with each frame of the video and the index of its label; None for the first nineteen frames.
        max_frames: to read.

    Returns:
        Number of frames read.
    """
    video, last, count = cv2.VideoCapture(str(path)), deque[np.ndarray](maxlen=FRAMES), 0
    label: int | None = None
    while count < max_frames:
        success, frame = video.read()
        if not success:
            break
        last.append(cv2.resize(frame, (SIDE, SIDE)) / 255)
        if len(last) == FRAMES:
            label = int(np.argmax(model.predict(np.expand_dims(last, 0), verbose=0)[0]))
        on_frame(frame, label)
        count += 1
    video.release()
    return count


def annotate(model: keras.Model, path: Path, out: Path, labels: Sequence[str], max_frames: int) -> int:
    """The same, and write a copy of the video with the label on each frame.

    Returns:
        Number of frames written.
    """
    video = cv2.VideoCapture(str(path))
    size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), video.get(cv2.CAP_PROP_FPS), size)
    video.release()

    def write(frame: np.ndarray, label: int | None) -> None:
        if label is not None:
            cv2.putText(frame, labels[label], (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 255, 0), 2)
        writer.write(frame)

    count = score_frames(model, path, write, max_frames)
    writer.release()
    return count


def _time_epoch(network: str, count: int) -> float:
    clips = np.random.default_rng(0).integers(0, 255, (count, FRAMES, SIDE, SIDE, 3), np.uint8) / 255
    rows = np.eye(len(LABELS))[np.arange(count) % len(LABELS)]
    return epoch_seconds({"lrcn": lrcn, "convlstm": convlstm}[network](len(LABELS)), clips, rows)


def _time_video(path: Path, max_frames: int, out: Path | None) -> float:
    model = lrcn(len(LABELS))
    began = time.perf_counter()
    if out is None:
        score_frames(model, path, lambda frame, label: None, max_frames)
    else:
        annotate(model, path, out, LABELS, max_frames)
    return time.perf_counter() - began


def main() -> None:
    """Measure one task, and print its seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    epoch = tasks.add_parser("epoch")
    epoch.add_argument("network", choices=["lrcn", "convlstm"])
    epoch.add_argument("clips", type=int)
    for name in ("scored", "annotated"):
        video = tasks.add_parser(name)
        video.add_argument("video", type=Path)
        video.add_argument("frames", type=int)
    video.add_argument("out", type=Path)
    arguments = parser.parse_args()
    seconds = (
        _time_epoch(arguments.network, arguments.clips)
        if arguments.task == "epoch"
        else _time_video(arguments.video, arguments.frames, arguments.out if arguments.task == "annotated" else None)
    )
    print(seconds)


if __name__ == "__main__":
    main()
