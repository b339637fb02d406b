"""How far an image is from all that training images are made of: its reconstruction error.

A network looks for what tells its classes apart and is blind for the rest, so noise, a negative or
another kind of image can look familiar to it. Few principal axes of the training images explain
most of each of them; what they leave of a strange one is far more. Each pixel's error counts by how
much is usually left there, as in factor analysis: a corner that was always black tells more than
the middle of a pattern. An old measure of novelty (M. Markou and S. Singh, "Novelty detection: a
review, part 2", 2003), and a small part of a model's graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry import fit_pca
from hangtag.geometry.as_onnx import constant
from hangtag.onnx_graphs import FAMILIARITY, IMAGES

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

AXES, VALUES_PER_AXIS = 32, 8
"""Axes of an image, and pixels for each: of very small images so many would explain anything."""
FITTED, LEAST = 10_000, 500
"""Training images that are looked at: at most, and below which nothing can be said."""
HELD_OUT = 5
"""One of so many only says how large an error is usual; axes fit what they were fitted to."""
USUAL = 0.995
"""Proportion of training images whose error is usual."""
FLOOR = 0.05
"""What may be left anywhere, as a part of the brightest: paper is not as black as a screen."""
MOST_PIXELS = 4096
"""Numbers of an image; of larger ones the axes alone would outgrow the model."""
BLOCK = 2048


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """What training images are made of.

    Attributes:
        mean: ``(d,)`` float32, raw pixels.
        axes: ``(d, k)`` float32, orthogonal.
        weights: ``(d,)`` float32, what a squared error counts; 1 in all is the most that is usual.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    weights: NDArray[np.float32]

    def beyond(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n,)`` errors beyond what is usual.

        0 for what is usual, 1 for twice that and more.
        """
        found = np.empty(len(images), np.float32)
        for start in range(0, len(images), BLOCK):
            where = slice(start, start + BLOCK)
            found[where] = _errors(_flat(images[where]), self.mean, self.axes) @ self.weights
        return np.clip(found - 1, 0, 1)

    def graph(self, told: str) -> tuple[list[NodeProto], list[TensorProto]]:
        """From images and the value `told`, ``(n, 1)``, to ``familiarity``: it less the error."""
        from onnx import TensorProto, helper

        constants = [
            constant("usual_mean", self.mean),
            constant("usual_axes", self.axes),
            constant("usual_weights", self.weights[:, None]),
            constant("usual_one", np.array(1, np.float32)),
        ]
        make = helper.make_node
        nodes = [
            make("Flatten", [IMAGES], ["usual_bytes"], axis=1),
            make("Cast", ["usual_bytes"], ["usual_pixels"], to=TensorProto.FLOAT),
            make("Sub", ["usual_pixels", "usual_mean"], ["usual_from"]),
            make("MatMul", ["usual_from", "usual_axes"], ["usual_along"]),
            make("Gemm", ["usual_along", "usual_axes"], ["usual_explained"], transB=1),
            make("Sub", ["usual_from", "usual_explained"], ["usual_left"]),
            make("Mul", ["usual_left", "usual_left"], ["usual_squares"]),
            make("MatMul", ["usual_squares", "usual_weights"], ["usual_error"]),
            make("Sub", ["usual_error", "usual_one"], ["usual_over"]),
            make("Relu", ["usual_over"], ["usual_above"]),
            # The lesser of it and 1 is 1 less what is left of 1 below zero.
            make("Sub", ["usual_one", "usual_above"], ["usual_under"]),
            make("Relu", ["usual_under"], ["usual_room"]),
            make("Sub", ["usual_one", "usual_room"], ["usual_beyond"]),
            make("Sub", [told, "usual_beyond"], [FAMILIARITY]),
        ]
        return nodes, constants


def fitted(images: NDArray[np.uint8], train: NDArray[np.int64], seed: int) -> Reconstruction | None:
    """What training images are made of; None of few, of large ones, or where all are equal.

    Args:
        images: ``(n, height, width, channels)`` of the whole set.
        train: Which of them trained.
        seed: Chooses among many, and those that are held out.
    """
    d = int(np.prod(images.shape[1:]))
    if len(train) < LEAST or d > MOST_PIXELS:
        return None
    rows = np.random.default_rng(seed).permutation(train)[:FITTED]
    held, rest = np.sort(rows[: len(rows) // HELD_OUT]), np.sort(rows[len(rows) // HELD_OUT :])
    known = _flat(images[rest])
    try:
        axes = fit_pca(known, components=max(1, min(AXES, d // VALUES_PER_AXIS)))
    except OptionError:  # they are all equal
        return None
    mean, basis = axes.mean.astype(np.float32), axes.components.T.astype(np.float32)
    basis = np.ascontiguousarray(basis)
    usual = _errors(known, mean, basis).mean(axis=0, dtype=np.float64)
    weights = 1 / (usual + (FLOOR * float(known.max())) ** 2)
    most = np.quantile(_errors(_flat(images[held]), mean, basis) @ weights, USUAL)
    if not most > 0:
        return None
    return Reconstruction(mean, basis, (weights / most).astype(np.float32))


def _flat(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32)


def _errors(
    rows: NDArray[np.float32], mean: NDArray[np.float32], axes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """``(n, d)`` squared errors of each pixel."""
    left = rows - mean
    left -= (left @ axes) @ axes.T
    left *= left
    return left
