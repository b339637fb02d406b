"""Linear models: multinomial logistic regression with an L2 penalty, calibrated on validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.estimators.classical import Arrays, Classical, Graph, Learning, Sizes, Tried, of_shape
from hangtag.geometry.as_onnx import EMBEDDING, PROBABILITIES, constant
from hangtag.progress import Progress
from hangtag.requests import LinearRequest


class Weighted(Classical):
    """A kind with a weight for every feature and class; the sums' softmax answers."""

    def answer(self, arrays: Arrays, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Softmax of the sums."""
        return _softmax(points.astype(np.float64) @ arrays["weights"] + arrays["bias"])

    def calibrated(self, arrays: Arrays, temperature: float) -> Arrays:
        """All sums divided by it."""
        return {name: one / temperature for name, one in arrays.items()}

    def sizes(self, arrays: Arrays) -> Sizes:
        """A row of weights per feature, a column per class."""
        weights, _ = of_shape(arrays, weights=("d", "c"), bias=("c",))
        d, c = weights.shape
        return Sizes(d, c, max(d, c))

    def graph(self, arrays: Arrays) -> Graph:
        """In double precision, as the answer."""
        from onnx import TensorProto, helper

        nodes = [
            helper.make_node("Cast", [EMBEDDING], ["precise"], to=TensorProto.DOUBLE),
            helper.make_node("MatMul", ["precise", "weights"], ["products"]),
            helper.make_node("Add", ["products", "bias"], ["sums"]),
            helper.make_node("Softmax", ["sums"], ["answers"], axis=1),
            helper.make_node("Cast", ["answers"], [PROBABILITIES], to=TensorProto.FLOAT),
        ]
        return Graph(nodes, [constant(name, arrays[name]) for name in ("weights", "bias")])


class _Linear(Weighted):
    """The weights of the least log loss and penalty."""

    name, noun, title = "linear", "linear model", "Linear models"
    record = LinearRequest

    def tried(
        self, learning: Learning, options: LinearRequest, progress: Progress
    ) -> Iterator[Tried]:
        """Every C, the strongest penalty first, each from the weights of the one before."""
        middle = learning.points.mean(axis=0, dtype=np.float64)
        # One scale for all features keeps the penalty the same along every direction.
        scale = float(np.sqrt(np.mean((learning.points - middle) ** 2))) or 1.0
        # Centered, so that the bias does not depend on the weights, which conditions the problem
        # better.
        points = (learning.points - middle) / scale
        weights = np.zeros((points.shape[1] + 1, learning.n_classes))
        for number, c in enumerate(sorted(set(options.c))):
            progress("linear", number, len(options.c), f"C = {c:g}")
            # The penalty is scikit-learn's: C weighs the sum of losses, so over a mean it is 1 / (C
            # n).
            weights, steps, converged = _fitted(
                points, learning.labels, weights, 1 / (c * len(points)), options.max_iter
            )
            # Given back in the units of the features, so that the model needs no scaling of its
            # own.
            slopes = weights[:-1] / scale
            arrays = {"weights": slopes, "bias": weights[-1] - middle @ slopes}
            yield Tried({"c": c}, arrays, {"iterations": steps, "converged": converged})


def _fitted(
    points: NDArray[np.float64],
    labels: NDArray[np.int64],
    start: NDArray[np.float64],
    penalty: float,
    max_iter: int,
) -> tuple[NDArray[np.float64], int, bool]:
    """Weights of the least mean log loss and penalty, steps taken, and whether that was enough."""
    from scipy.optimize import minimize

    truth = np.eye(start.shape[1])[labels]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(start.shape)
        probabilities = _softmax(points @ weights[:-1] + weights[-1])
        # A class that is certain and wrong would cost infinitely much; the gradient below needs no
        # such floor.
        right = np.maximum((probabilities * truth).sum(axis=1), np.finfo(float).tiny)
        gaps = (probabilities - truth) / len(points)
        gradient = np.vstack([points.T @ gaps + penalty * weights[:-1], gaps.sum(axis=0)])
        # The bias is not penalized: it only says how frequent a class is.
        value = -np.log(right).mean() + penalty / 2 * (weights[:-1] ** 2).sum()
        return float(value), gradient.ravel()

    limits = {"maxiter": max_iter, "gtol": 1e-6, "ftol": 0.0}
    found: Any = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=limits)
    if not np.isfinite(found.x).all():
        raise OptionError("the penalty is too weak for these images", "a smaller C")
    return found.x.reshape(start.shape), int(found.nit), bool(found.nit < max_iter)


def _softmax(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    powers: NDArray[np.float64] = np.exp(sums - sums.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


LINEAR = _Linear()
