"""How much of 'figures' a linear classifier gets right from still pictures alone, on groups it has not seen.

`python benchmarks/figures_shortcuts.py` prints, for pictures of 64×64: the accuracy on the mean frame of each clip over all
ten actions (chance 0.1; movement leaves a trace in it, so more than chance is natural, and the claim is: below 0.5), and
on the middle frame and the mean frame of each reversible pair (chance 0.5).
"""

import cv2
import numpy as np

from har.datasets.figures import ACTIONS, REVERSED, draw_clip

GROUPS = range(1, 26)
CLIPS = range(1, 5)
FOLDS = 5
PENALTIES = 10.0 ** np.arange(-3, 7)  # of ridge regression; the best on validation groups is taken


def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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


def ridge(train: np.ndarray, targets: np.ndarray, others: np.ndarray, penalty: float) -> np.ndarray:
    """Scores (others, classes) of a linear classifier fitted to one-hot targets."""
    middle = train.mean(axis=0)
    kernel = (train - middle) @ (train - middle).T
    weights = np.linalg.solve(kernel + penalty * np.eye(len(train)), targets - targets.mean(axis=0))
    return (others - middle) @ (train - middle).T @ weights + targets.mean(axis=0)


def accuracy(features: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> float:
    """On unseen groups, over the folds: a fifth to test, the next fifth to choose the penalty, the rest to train."""
    _, classes = np.unique(labels, return_inverse=True)
    one_hot = np.eye(classes.max() + 1)[classes]
    order = np.random.default_rng(0).permutation(list(GROUPS))
    folds = [np.isin(groups, part) for part in np.array_split(order, FOLDS)]
    right = 0
    for fold in range(FOLDS):
        test, held = folds[fold], folds[(fold + 1) % FOLDS]
        train = ~(test | held)
        scores = [ridge(features[train], one_hot[train], features[held], penalty) for penalty in PENALTIES]
        best = PENALTIES[int(np.argmax([np.mean(s.argmax(axis=1) == classes[held]) for s in scores]))]
        guess = ridge(features[train], one_hot[train], features[test], best).argmax(axis=1)
        right += int(np.sum(guess == classes[test]))
    return right / len(labels)


def main() -> None:
    """Prints the accuracies."""
    means, middles, labels, groups = pictures()
    print(f"mean frame, {len(ACTIONS)} actions (chance {1 / len(ACTIONS):.2f}): {accuracy(means, labels, groups):.3f}")
    for label in ACTIONS:
        part = labels == ACTIONS.index(label)
        one_or_not = accuracy(means, part.astype(int), groups)
        print(f"  mean frame, {label} or not (chance {1 - 1 / len(ACTIONS):.2f}): {one_or_not:.3f}")
    for label, other in REVERSED.items():
        pair = np.isin(labels, [ACTIONS.index(label), ACTIONS.index(other)])
        for name, features in (("middle frame", middles), ("mean frame", means)):
            print(
                f"{name}, {other} or {label} (chance 0.50): {accuracy(features[pair], labels[pair], groups[pair]):.3f}"
            )


if __name__ == "__main__":
    main()
