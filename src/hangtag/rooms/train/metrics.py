"""What training is scored by: labels and probabilities of a batch in, running sums, a number out.

if TYPE_CHECKING:
    from jax import Array

Each metric is three functions on plain arrays: empty sums, sums with one more batch (traced into
the compiled epoch), and the value of the sums (NumPy, once an epoch). All are defined as Keras
defines them for one-hot labels, so that values compare with published ones.

To add one: a function making a :class:`Metric` and a row in :data:`METRICS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jax import Array

THRESHOLDS = 200
"""Keras' default for AUC."""


@dataclass(frozen=True)
class Metric:
    """One score, kept as sums that add up over batches.

    Attributes:
        empty: Gives the sums of no image at all.
        add: ``(sums, labels (n,), probabilities (n, classes), counted (n,) bool) -> sums``.
        value: The score of the sums, as a Python float.
    """

    empty: Callable[[], Any]
    add: Callable[[Any, Any, Any, Any], Any]
    value: Callable[[Any], float]


def _accuracy() -> Metric:
    import jax.numpy as jnp

    def add(sums: Array, labels: Array, probabilities: Array, counted: Array) -> Array:
        right = (jnp.argmax(probabilities, axis=-1) == labels) & counted
        return sums + jnp.stack([right.sum(), counted.sum()]).astype(jnp.int32)

    return Metric(lambda: jnp.zeros(2, jnp.int32), add, lambda sums: _proportion(sums[0], sums[1]))


def _precision() -> Metric:
    """True positives over all answers above one half, each class of each image for itself."""
    return _at_one_half(lambda true, answered, _: _proportion(true, answered))


def _recall() -> Metric:
    """True positives at one half over all images."""
    return _at_one_half(lambda true, _, images: _proportion(true, images))


def _at_one_half(value: Callable[[int, int, int], float]) -> Metric:
    import jax.numpy as jnp

    def add(sums: Array, labels: Array, probabilities: Array, counted: Array) -> Array:
        answered = (probabilities > 0.5) & counted[:, None]
        true = answered & (jnp.arange(probabilities.shape[-1]) == labels[:, None])
        return sums + jnp.stack([true.sum(), answered.sum(), counted.sum()]).astype(jnp.int32)

    return Metric(lambda: jnp.zeros(3, jnp.int32), add, lambda sums: value(*sums))


def _auc() -> Metric:
    """Area under the ROC curve of all class answers pooled, at Keras' 200 even thresholds."""
    import jax
    import jax.numpy as jnp

    def add(sums: Array, labels: Array, probabilities: Array, counted: Array) -> Array:
        # Keras' bucket of a value: the thresholds below it, counted without comparing with each.
        steps = jnp.ceil(probabilities * (THRESHOLDS - 1)) - 1
        bucket = jnp.clip(steps, 0, THRESHOLDS - 1).astype(jnp.int32)
        true = jnp.arange(probabilities.shape[-1]) == labels[:, None]
        place = (jnp.where(true, bucket, bucket + THRESHOLDS)).reshape(-1)
        once = jnp.broadcast_to(counted[:, None], true.shape).reshape(-1).astype(jnp.int32)
        return sums + jax.ops.segment_sum(once, place, num_segments=2 * THRESHOLDS)

    def value(sums: Array) -> float:
        above = np.asarray(sums, np.float64).reshape(2, THRESHOLDS)[:, ::-1].cumsum(axis=1)[:, ::-1]
        if not above[:, 0].all():
            return 0.0
        true_rate, false_rate = above[0] / above[0, 0], above[1] / above[1, 0]
        heights = (true_rate[:-1] + true_rate[1:]) / 2
        return float(np.sum((false_rate[:-1] - false_rate[1:]) * heights))

    return Metric(lambda: jnp.zeros(2 * THRESHOLDS, jnp.int32), add, value)


def _proportion(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


METRICS: dict[str, Callable[[], Metric]] = {
    "accuracy": _accuracy,
    "auc": _auc,
    "precision": _precision,
    "recall": _recall,
}
"""Every name that ``TrainingOptions.metrics`` may hold."""
