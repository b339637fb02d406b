"""Facts in; nothing out, or an error that says which of them do not fit each other.

To add a check: one function that raises, called from :func:`check`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.records import ReportFacts


def check(facts: ReportFacts) -> None:
    """Raise UsageError unless the facts fit each other."""
    _check_classes(facts)
    _check_images(facts)
    _check_history(facts)


def _check_classes(facts: ReportFacts) -> None:
    n = len(facts.class_names)
    for part, counts in facts.counts.items():
        _same(f"class counts of '{part}'", len(counts), n, "classes")
    if facts.samples:
        _same("sample images", len(facts.samples), n, "classes")
    for samples in facts.samples:
        _check_pixels("sample images", samples)
    if facts.evaluation is not None:
        _same("the confusion table", len(facts.evaluation.confusion.counts), n, "classes")
    if facts.predictions is not None:
        _same("the probabilities", facts.predictions.probabilities.shape[1], n, "classes")


def _check_images(facts: ReportFacts) -> None:
    if facts.pictures is None:
        return
    _check_pixels("images", facts.pictures)
    if facts.predictions is not None:
        _same("the predictions", len(facts.predictions), len(facts.pictures), "images")
    if facts.ids:
        _same("the ids", len(facts.ids), len(facts.pictures), "images")
    if facts.evaluation is not None and facts.predictions is not None:
        _same("the evaluation", len(facts.evaluation), len(facts.pictures), "images")


def _check_history(facts: ReportFacts) -> None:
    if facts.history is None:
        return
    for name, values in facts.history.curves.items():
        _same(f"the curve '{name}'", len(values), len(facts.history), "epochs")


def _same(what: str, got: int, expected: int, unit: str) -> None:
    if got != expected:
        raise UsageError(f"a report on {expected} {unit} cannot have {what} for {got}")


def _check_pixels(what: str, pixels: NDArray[np.uint8]) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] not in (1, 3):
        raise UsageError(
            f"a report needs {what} as uint8 of shape (n, height, width, 1 or 3); "
            f"got {pixels.dtype} of shape {pixels.shape}"
        )
