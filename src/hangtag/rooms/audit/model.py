"""A fast model for doubting labels: points and labels go in, out-of-fold probabilities come out.

Ridge regression on random Fourier features (Rahimi and Recht, 2007), which comes near a kernel
machine and costs a few matrix products: the features' products are summed once per fold, and the
model for a fold is solved from the sums of the others. Scores become probabilities by one
temperature, chosen on the out-of-fold scores. No image, and no copy of it, takes part in the
model that judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import fit_pca
from hangtag.progress import Progress, silent

FOLDS = 5
FEATURES = 2000  # at most; never more than half the images
COMPONENTS = 100
RIDGE = 1.0
WIDTH = 0.25  # of the kernel, over the inverse of the median squared distance
TEMPERATURES = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 14.0, 20.0, 30.0)
_BLOCK = 8192


def out_of_fold(
    views: Sequence[NDArray[Any]],
    labellings: Sequence[NDArray[np.int64]],
    groups: NDArray[np.int64],
    *,
    n_classes: int,
    seed: int,
    progress: Progress = silent,
) -> list[NDArray[np.float32]]:
    """Probabilities of each image's classes from a model that has not seen it.

    Args:
        views: What is known of the images, each ``(n, d)`` with a d of its own.
        labellings: ``(n,)`` dense classes, all at least 0, as often as there are labels to learn;
            a second labelling costs little, since the features' products are the same.
        groups: ``(n,)`` numbers; images of one group are judged together.
        n_classes: How many classes there are.
        seed: Draws folds and features.
        progress: Told how many blocks of images are done.

    Returns:
        ``(n, n_classes)`` float32 for each labelling, each row summing to one.
    """
    random = np.random.default_rng(seed)
    folds = _folds(groups, random)
    features = _Features(views, random)
    rows = np.eye(n_classes, dtype=np.float32)
    targets = np.concatenate([rows[labels] for labels in labellings], axis=1)
    products, answers = _sums(features, targets, folds, progress)
    scores = np.empty(targets.shape, np.float32)
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        if len(inside):
            weights = _solve(products.sum(0) - products[fold], answers.sum(0) - answers[fold])
            scores[inside] = features.scores(inside, weights)
    parts = np.split(scores, len(labellings), axis=1)
    return [_probabilities(part, labels) for part, labels in zip(parts, labellings, strict=True)]


def _folds(groups: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """A fold per image, groups whole and folds about equally large."""
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = random.permutation(len(sizes))
    before = np.cumsum(sizes[order]) - sizes[order]
    fold_of = np.empty(len(sizes), np.int64)
    fold_of[order] = np.minimum(before * FOLDS // len(groups), FOLDS - 1)
    folds: NDArray[np.int64] = fold_of[numbers]
    return folds


class _Features:
    """Cosines of random projections of an image's principal coordinates in all views."""

    def __init__(self, views: Sequence[NDArray[Any]], random: np.random.Generator) -> None:
        self.points = np.concatenate([_coordinates(view, random) for view in views], axis=1)
        self.count = max(10, min(FEATURES, len(self.points) // 2))
        shape = (self.points.shape[1], self.count)
        # Each view's usual squared distance is 1, so that none outweighs the others.
        directions = random.normal(0, np.sqrt(2 * WIDTH / len(views)), shape)
        self.directions = directions.astype(np.float32)
        self.phases = random.uniform(0, 2 * np.pi, self.count).astype(np.float32)

    def of(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        waves = self.points[indices] @ self.directions
        waves += self.phases
        cosines: NDArray[np.float32] = np.cos(waves, out=waves)
        return cosines

    def scores(
        self, indices: NDArray[np.int64], weights: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        starts = range(0, len(indices), _BLOCK)
        return np.concatenate([self.of(indices[at : at + _BLOCK]) @ weights for at in starts])


def _coordinates(view: NDArray[Any], random: np.random.Generator) -> NDArray[np.float32]:
    """Principal coordinates whose squared distance is 1 as a rule."""
    if not np.ptp(view, axis=0).any():  # such as the edges of images of one pixel
        return np.zeros((len(view), 1), np.float32)
    points = fit_pca(view, components=min(COMPONENTS, *view.shape)).transform(view)
    some = points[random.integers(0, len(points), (2, 5000))]
    spread = max(float(np.median(np.sum((some[0] - some[1]) ** 2, axis=1))), 1e-12)
    scaled: NDArray[np.float32] = points / np.float32(np.sqrt(spread))
    return scaled


def _sums(
    features: _Features,
    targets: NDArray[np.float32],
    folds: NDArray[np.int64],
    progress: Progress,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    products = np.zeros((FOLDS, features.count, features.count), np.float32)
    answers = np.zeros((FOLDS, features.count, targets.shape[1]), np.float32)
    done = 0
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        for start in range(0, len(inside), _BLOCK):
            block = inside[start : start + _BLOCK]
            values = features.of(block)
            products[fold] += values.T @ values
            answers[fold] += values.T @ targets[block]
            done += len(block)
            progress("labels", done, len(folds))
    return products, answers


def _solve(products: NDArray[np.float32], answers: NDArray[np.float32]) -> NDArray[np.float32]:
    from scipy.linalg import cho_factor, cho_solve

    # The features' mean square is 1/2, so this is the ridge of features of mean square 1.
    products[np.diag_indices_from(products)] += RIDGE / 2
    factor = cho_factor(products.astype(np.float64), lower=True, overwrite_a=True)
    weights: NDArray[np.float32] = cho_solve(factor, answers).astype(np.float32)
    return weights


def _probabilities(scores: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Softmax at the temperature under which the labels are likeliest."""
    rows = np.arange(len(labels))
    tried = [_softmax(scores * factor) for factor in TEMPERATURES]
    losses = [-np.log(np.maximum(some[rows, labels], 1e-12)).mean() for some in tried]
    likeliest: NDArray[np.float32] = tried[int(np.argmin(losses))]
    return likeliest


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
