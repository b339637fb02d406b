"""Trials in; history, importance, parallel coordinates and a table out, as numbers and text.

To add a view of the trials: one function from Trials to a record or arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag import sheets
from hangtag.records import Ablation, Dimension, Trial, Trials, Value

BINS = 4  # a range is cut into so many parts of equal counts
TICKS = 5


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Trials as lines over parallel axes, every axis from 0 to 1.

    Attributes:
        names: One per axis: the parameters, then the objective.
        numbers: ``(k,)`` int64, the number of each trial that finished.
        places: ``(k, axes)`` where each trial crosses each axis, 0 to 1.
        ticks: For each axis, places and what is written there.
    """

    names: tuple[str, ...]
    numbers: NDArray[np.int64]
    places: NDArray[np.float64]
    ticks: tuple[tuple[tuple[float, str], ...], ...]


@dataclass(frozen=True, eq=False)
class SearchHistory:
    """How the best value grew.

    Attributes:
        numbers: ``(k,)`` int64, the trials that finished, in order.
        values: ``(k,)`` what each measured.
        best: ``(k,)`` the best up to each.
    """

    numbers: NDArray[np.int64]
    values: NDArray[np.float64]
    best: NDArray[np.float64]


def history(trials: Trials) -> SearchHistory:
    """How the best value grew over the trials that finished."""
    done = trials.finished
    values = np.array([one.value for one in done], np.float64)
    grown = np.maximum.accumulate(values) if trials.maximise else np.minimum.accumulate(values)
    return SearchHistory(np.array([one.number for one in done], np.int64), values, grown)


def importance(trials: Trials) -> dict[str, float]:
    """How much of the differences between trials each parameter explains by itself.

    The proportion of the variance that lies between the values of a parameter (ranges are cut into
    four parts), less what as many random groups would explain: the epsilon-squared of a one-way
    analysis of variance. Source: T. Kelley, "An unbiased correlation ratio measure", PNAS 21
    (1935). It says nothing of parameters that matter only together.

    Returns:
        Parameter to proportion from 0 to 1, the largest first; empty when there are too few trials.
    """
    done = trials.finished
    values = np.array([one.value for one in done], np.float64)
    total = float(((values - values.mean()) ** 2).sum()) if len(done) else 0.0
    if len(done) < 3 or total == 0:
        return {}
    proportions = {
        one.name: _explained(values, _groups(one, done), total) for one in trials.space.dimensions
    }
    return dict(sorted(proportions.items(), key=lambda item: -item[1]))


def _groups(one: Dimension, done: Sequence[Trial]) -> NDArray[np.int64]:
    """The group of every trial: its value's, or the part of the range it is in."""
    values = [trial.parameters.get(one.name) for trial in done]
    different = {repr(value): number for number, value in enumerate(dict.fromkeys(values))}
    if one.choices or len(different) <= BINS:
        return np.array([different[repr(value)] for value in values], np.int64)
    numbers = np.array([_number(value) for value in values])
    # Parts of as many trials, not of equal width: a Bayesian search crowds around its best.
    edges = np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1])
    return np.searchsorted(edges, numbers, side="right").astype(np.int64)


def _explained(values: NDArray[np.float64], groups: NDArray[np.int64], total: float) -> float:
    names = np.unique(groups)
    # With a group for every trial the groups explain all, and mean nothing.
    if len(names) < 2 or len(names) >= len(values):
        return 0.0
    parts = [values[groups == name] for name in names]
    between = sum(len(part) * (part.mean() - values.mean()) ** 2 for part in parts)
    # What as many random groups would explain is taken off: without it every parameter of a short
    # search would seem to matter.
    within = (total - between) / (len(values) - len(names))
    return float(min(1.0, max(0.0, (between - (len(names) - 1) * within) / total)))


def coordinates(trials: Trials) -> Coordinates:
    """Finished trials as lines over parallel axes: one per parameter, the objective last."""
    done = trials.finished
    axes = [_axis(one, done) for one in trials.space.dimensions]
    measured = [_number(one.value) for one in done]
    low, high = min(measured, default=0.0), max(measured, default=1.0)
    last = Dimension(trials.objective, low=low, high=high)
    axes.append(_number_axis(last, measured, "{:.4f}"))
    places = np.stack([place for place, _ in axes], axis=1)
    return Coordinates(
        names=(*trials.space.names, trials.objective),
        numbers=np.array([one.number for one in done], np.int64),
        places=places.reshape(len(done), len(axes)),
        ticks=tuple(ticks for _, ticks in axes),
    )


_Axis = tuple[NDArray[np.float64], tuple[tuple[float, str], ...]]


def _axis(one: Dimension, done: Sequence[Trial]) -> _Axis:
    values = [trial.parameters.get(one.name) for trial in done]
    if one.choices:
        spread = max(len(one.choices) - 1, 1)
        place = {repr(choice): number / spread for number, choice in enumerate(one.choices)}
        ticks = tuple((place[repr(choice)], str(choice)) for choice in one.choices)
        return np.array([place[repr(value)] for value in values], np.float64), ticks
    return _number_axis(one, [_number(value) for value in values], "{:.3g}")


def _number_axis(one: Dimension, values: list[float], form: str) -> _Axis:
    assert one.low is not None
    assert one.high is not None
    # A range that is searched by its logarithm is drawn by it, or all trials crowd at one end.
    bend = math.log if one.log else float
    low, high = bend(one.low), bend(one.high)
    span = (high - low) or 1.0
    ends = np.linspace(low, high, TICKS if high > low else 1)
    shown = [(place, math.exp(place) if one.log else place) for place in ends]
    ticks = tuple(((place - low) / span, form.format(value)) for place, value in shown)
    return np.array([(bend(value) - low) / span for value in values], np.float64), ticks


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


def table(trials: Trials) -> str:
    """Every trial as a line of CSV, with its parameters, state, value and parts; no curves."""
    parts = max((len(one.values) for one in trials.trials), default=0)
    facts = sorted({name for one in trials.trials for name in one.facts} - {"curves"})
    folds = [f"part_{number + 1}" for number in range(parts)]
    rows: list[list[object]] = [
        [
            "trial",
            *trials.space.names,
            "state",
            trials.objective,
            *folds,
            "seconds",
            *facts,
            "reason",
        ]
    ]
    for one in trials.trials:
        values = [*one.values, *[""] * (parts - len(one.values))]
        row: list[object] = [
            one.number,
            *(one.parameters.get(name) for name in trials.space.names),
            one.state,
        ]
        row += ["" if one.value is None else one.value, *values, round(one.seconds, 3)]
        rows.append([*row, *(one.facts.get(name, "") for name in facts), one.reason])
    return sheets.as_csv(rows)


def ablation_table(found: Ablation) -> str:
    """One line of CSV per variant."""
    seeds = [f"seed_{seed}" for seed in found.variants[0].seeds]
    heads = ["variant", "changes", found.measured, "low", "high", "difference", "low", "high", "p"]
    rows: list[list[object]] = [[*heads, "parameters", "seconds", *seeds]]
    for one in found.variants:
        changes = ";".join(f"{name}={value}" for name, value in one.changes.items())
        gap = one.difference
        ends = ["", "", ""] if gap is None else [gap.value, gap.low, gap.high]
        mean = [one.mean.value, one.mean.low, one.mean.high]
        p_value = "" if one.p_value is None else one.p_value
        row = [one.name, changes, *mean, *ends, p_value, one.parameters, round(one.seconds, 2)]
        rows.append([*row, *one.scores])
    return sheets.as_csv(rows)
