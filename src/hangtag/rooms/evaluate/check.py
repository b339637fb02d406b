"""Predictions in; nothing out, or an error that says why they cannot be judged.

To add a check: one function that raises, called from :func:`check`.
"""

from __future__ import annotations

import numpy as np

from hangtag.errors import OptionError, UsageError
from hangtag.records import Predictions

_TOLERANCE = 1e-3  # float16 probabilities of 25 classes sum to one within this


def check(predictions: Predictions, verb: str) -> None:
    """Raise unless `predictions` can be judged.

    Raises:
        UsageError: There are none, arrays do not fit each other, a label is missing or no class,
            or probabilities are not probabilities.
    """
    _check_shapes(predictions, verb)
    _check_labels(predictions, verb)
    _check_probabilities(predictions, verb)


def check_level(level: float) -> None:
    """Raise unless `level` is strictly between 0 and 1."""
    if not 0 < level < 1:
        raise OptionError(f"level {level} is no proportion between 0 and 1", "0.95 is usual")


def check_resamples(resamples: int) -> None:
    """Raise unless there are enough `resamples` for an interval."""
    if resamples < 100:
        raise OptionError(
            f"a bootstrap interval needs at least 100 resamples; got {resamples}", "1000 is usual"
        )


def _check_shapes(predictions: Predictions, verb: str) -> None:
    n, names = len(predictions.labels), len(predictions.class_names)
    if n == 0:
        raise UsageError(
            f"{verb} needs at least one answer; got none", "is that part of the split empty?"
        )
    if names < 2:
        raise UsageError(f"{verb} needs at least two classes; got {names}")
    if predictions.probabilities.shape != (n, names):
        raise UsageError(
            f"{verb} needs one row of {names} probabilities for each of {n} labels; "
            f"got an array of shape {predictions.probabilities.shape}"
        )
    if len(predictions.indices) != n:
        raise UsageError(
            f"{verb} needs one index for each of {n} labels; got {len(predictions.indices)}"
        )


def _check_labels(predictions: Predictions, verb: str) -> None:
    labels, names = predictions.labels, len(predictions.class_names)
    unlabelled = int(np.count_nonzero(labels == -1))
    if unlabelled:
        raise UsageError(
            f"{verb} needs the true class of every image; {unlabelled} of {len(labels)} "
            "are unlabelled",
            "leave them out, or label them first",
        )
    outside = np.flatnonzero((labels < 0) | (labels >= names))
    if len(outside):
        raise UsageError(
            f"{verb} needs labels from 0 to {names - 1}; number {outside[0]} is "
            f"{labels[outside[0]]}"
        )


def _check_probabilities(predictions: Predictions, verb: str) -> None:
    values = predictions.probabilities
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1))
    if len(bad):
        raise UsageError(
            f"{verb} needs probabilities of at least 0; row {bad[0]} has others "
            f"({len(bad)} of {len(values)} rows)",
            "logits are turned into probabilities by a softmax",
        )
    sums = values.sum(axis=1, dtype=np.float64)
    off = np.flatnonzero(np.abs(sums - 1) > _TOLERANCE)
    if len(off):
        raise UsageError(
            f"{verb} needs probabilities that sum to one; row {off[0]} sums to "
            f"{sums[off[0]]:.4g} ({len(off)} of {len(values)} rows do not)",
            "divide each row by its sum, or put a softmax at the end of the network",
        )
