"""The accuracy of a linear classifier of still frames on 'figures', on groups it has not seen.

`python -m benchmarks.figures_shortcuts` prints, for frames of 64×64: the accuracy on the mean frame of each clip over
all ten actions (chance 0.1; movement leaves traces in it, so it is above chance; the claim is: below 0.5), the same for
the middle frame, and for the two actions of each reversed pair (chance 0.5).
"""

import cv2
import numpy as np

from har.datasets.figures import ACTIONS, REVERSED, draw_clip

GROUPS = range(1, 26)
CLIPS = range(1, 5)
FOLDS = 5
PENALTIES = 10.0 ** np.arange(-3, 7)  # of ridge regression; the best on validation groups is used


def frames() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean frames, middle frames (clips, pixels), labels and groups of all clips."""
    means, middles, labels, groups = [], [], [], []
    for group in GROUPS:
        for label in ACTIONS:
            for clip in CLIPS:
                small = [cv2.resize(f, (64, 64), interpolation=cv2.INTER_AREA) for f in draw_clip(label, group, clip)]
                means.append(np.mean(small, axis=0).ravel())
                middles.append(small[len(small) // 2].astype(float).ravel())
                labels.append(ACTIONS.index(label))
                groups.append(group)
    return np.array(means) / 255, np.array(middles) / 255, np.array(labels), np.array(groups)


def ridge(gram: np.ndarray, train: np.ndarray, others: np.ndarray, one_hot: np.ndarray, penalty: float) -> np.ndarray:
    """Scores (others, classes) of a linear classifier fitted to one-hot targets; gram: inner products of all clips."""
    inner, outer = gram[np.ix_(train, train)], gram[np.ix_(others, train)]
    offset = inner.mean(axis=0)
    centred = inner - offset - offset[:, None] + offset.mean()  # features minus their mean over the training clips
    outer = outer - offset - outer.mean(axis=1, keepdims=True) + offset.mean()
    middle = one_hot[train].mean(axis=0)
    weights = np.linalg.solve(centred + penalty * np.eye(len(train)), one_hot[train] - middle)
    scores: np.ndarray = outer @ weights + middle
    return scores


def accuracy(features: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> float:
    """Cross-validated over groups: a fifth to test, the next fifth to choose the penalty, the rest to train."""
    _, classes = np.unique(labels, return_inverse=True)
    one_hot = np.eye(classes.max() + 1)[classes]
    gram = features @ features.T
    order = np.random.default_rng(0).permutation(list(GROUPS))
    folds = [np.isin(groups, part) for part in np.array_split(order, FOLDS)]
    correct = 0
    for fold in range(FOLDS):
        in_test, in_validation = folds[fold], folds[(fold + 1) % FOLDS]
        in_train = ~(in_test | in_validation)
        train, validation, test = (np.flatnonzero(part) for part in (in_train, in_validation, in_test))
        guesses = [ridge(gram, train, validation, one_hot, penalty).argmax(axis=1) for penalty in PENALTIES]
        best = PENALTIES[int(np.argmax([np.mean(guess == classes[validation]) for guess in guesses]))]
        correct += int(np.sum(ridge(gram, train, test, one_hot, best).argmax(axis=1) == classes[test]))
    return correct / len(labels)


def main() -> None:
    """Print the accuracies."""
    means, middles, labels, groups = frames()
    print(f"mean frame, {len(ACTIONS)} actions (chance {1 / len(ACTIONS):.2f}): {accuracy(means, labels, groups):.3f}")
    print(f"middle frame, {len(ACTIONS)} actions: {accuracy(middles, labels, groups):.3f}")
    for label, other in REVERSED.items():
        pair = np.isin(labels, [ACTIONS.index(label), ACTIONS.index(other)])
        for name, features in (("middle frame", middles), ("mean frame", means)):
            print(
                f"{name}, {other} or {label} (chance 0.50): {accuracy(features[pair], labels[pair], groups[pair]):.3f}"
            )


if __name__ == "__main__":
    main()
