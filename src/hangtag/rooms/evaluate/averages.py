"""A confusion table in, the macro and the weighted averages over its classes out, with intervals.

An average is a smooth function of the table, so its variance is known from the table (the delta
method), and its interval is Wilson's for as many images as would give a plain proportion that
variance. Where a class has too few images to say how it varies the interval is refused, with the
reason.

Source: K. Takahashi, K. Yamamoto, A. Kuchiba, T. Koyama, "Confidence interval for micro-averaged F1
and macro-averaged F1 scores", Applied Intelligence 52 (2022), for the delta method; that it holds
with Wilson's form is simulated in ``benchmarks/truth.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ClassScore, Confusion, Score
from hangtag.rooms.evaluate.intervals import (
    FEWEST,
    equivalent,
    occurring,
    proportion,
    wilson,
    wilson_score,
)
from hangtag.rooms.evaluate.scores import MEASURES, measures, three

_Floats = NDArray[np.float64]


def average_scores(table: Confusion, *, level: float) -> tuple[ClassScore, ...]:
    """The macro and the weighted average over the classes that occur.

    A class that occurs neither among the labels nor among the answers is left out of the values,
    as scikit-learn does unless it is told the labels; an interval needs every class.
    """
    # A class that nobody has and nobody answers would be 0/0 in every measure.
    seen = occurring(table.counts)
    supports = table.counts.sum(axis=1)
    rows = (
        ("macro average", np.where(seen, 1 / seen.sum(), 0.0)),
        ("weighted average", supports / supports.sum()),
    )
    values, made = measures(table.counts), []
    for name, weight in rows:
        points = three(np.average(values, axis=1, weights=weight))
        scores = {
            measure: _score(table, measure, name.startswith("macro"), point, level)
            for measure, point in zip(MEASURES, points, strict=True)
        }
        made.append(ClassScore(name, *points, support=int(supports.sum()), intervals=scores))
    return tuple(made)


def _score(table: Confusion, measure: str, macro: bool, value: float, level: float) -> Score:
    n = int(table.counts.sum())
    if measure == "recall" and not macro:
        # Weighted by their images, the recalls add up to the proportion of right answers: accuracy.
        return replace(proportion(int(table.counts.trace()), n, level), value=value)
    reason = _too_few(table, measure)
    if reason:
        return Score.without(value, reason, n=n, level=level)
    images = equivalent(
        value,
        _variance(table.counts, measure, macro),
        _least(table.counts, measure, macro),
        level,
    )
    score = wilson_score(value, images, level=level, method="Wilson, delta method", n=n)
    down, up = _single(table.counts, measure, macro, level)
    assert score.ends is not None
    low, high = min(score.ends[0], value - down), max(score.ends[1], value + up)
    return replace(score, low=max(0.0, low), high=min(1.0, high))


def _too_few(table: Confusion, measure: str) -> str:
    """Why the images do not say how this average varies; empty when they do."""
    named, supports = table.counts.sum(axis=0), table.counts.sum(axis=1)
    rests = {"recall": supports, "precision": named, "f1": np.minimum(supports, named)}[measure]
    worst = int(np.argmin(rests))
    if rests[worst] >= FEWEST:
        return ""
    what = "images" if rests[worst] == supports[worst] and measure != "precision" else "answers"
    return f"class {table.class_names[worst]} has {rests[worst]} {what}; {FEWEST} are needed"


def _variance(counts: NDArray[np.int64], measure: str, macro: bool) -> float:
    """Of an average, from how much one image more in each cell of the table would move it."""
    n = counts.sum()
    chances = counts / n
    of_label, of_answer = chances.sum(axis=1), chances.sum(axis=0)
    values = measures(counts)[MEASURES.index(measure)]
    weight = np.full(len(counts), 1 / len(counts)) if macro else of_label
    hit = np.eye(len(counts))
    if measure == "recall":
        moved = (hit - values[:, None]) * (weight / of_label)[:, None]
        rests = np.broadcast_to(n * of_label[:, None], counts.shape)
    elif measure == "precision":
        moved = (hit - values) * (weight / of_answer)
        rests = np.broadcast_to(n * of_answer, counts.shape)
    else:
        each = weight / (of_label + of_answer)
        moved = 2 * hit * each - (values * each)[:, None] - values * each
        rests = n * np.minimum(of_label[:, None], of_answer)
    if not macro:  # another image of a class also gives that class more weight
        moved = moved + (values - weight @ values)[:, None]
        rests = np.full(counts.shape, n)
    # The variance of a proportion of m images is unbiased when divided by m - 1.
    return float((chances * moved**2 * rests / (rests - 1)).sum() / n)


def _least(counts: NDArray[np.int64], measure: str, macro: bool) -> float:
    """Images that a mean of as many proportions as there are classes rests on at least."""
    if not macro:
        return float(counts.sum())
    axes = {"recall": (1,), "precision": (0,), "f1": (0, 1)}[measure]
    return min(float(len(counts) ** 2 / (1 / counts.sum(axis=one)).sum()) for one in axes)


def _single(
    counts: NDArray[np.int64], measure: str, macro: bool, level: float
) -> tuple[float, float]:
    """How far the least known class alone may move the average, down and up.

    Where a rare class has the most say its few mistakes may not have been seen yet: nothing of it
    is then in the variance, but its own Wilson interval knows how few its images are.
    """
    hits, named, supports = np.diagonal(counts), counts.sum(axis=0), counts.sum(axis=1)
    trials = {"recall": supports, "precision": named, "f1": named + supports - hits}[measure]
    low, high = wilson(hits, trials, level)
    middle = hits / trials
    if measure == "f1":  # 2J / (1 + J), as for a single class
        low, middle, high = (2 * one / (1 + one) for one in (low, middle, high))
    weight: _Floats = np.full(len(counts), 1 / len(counts)) if macro else supports / supports.sum()
    down, up = weight * (middle - low), weight * (high - middle)
    return float(down.max()), float(up.max())
