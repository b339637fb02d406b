"""An ablation told: what each change to a base is worth, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean
from typing import Any

from hangtag.records import Ablation, Outcome, StudyTable, Variant
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import percent, points, spread

SURE = 0.05
FIGURES = {
    "differences": (
        "What each change is worth",
        "Its difference from the base in points, with its interval; what touches 0 may be chance.",
    ),
    "ablation": (
        "Loss and accuracy of every variant",
        "Training (half an epoch to the left) and validation, first seed; the best epoch is "
        "marked.",
    ),
}


def told(found: Ablation, files: Iterable[str] = ("ablation.svg",)) -> Outcome:
    """Tell of an ablation.

    Args:
        found: The ablation.
        files: Of its figures.
    """
    return Outcome(
        name="",
        verb="ablate",
        title="What each change is worth",
        values=_values(found),
        seeds=found.variants[0].seeds,
        words=tuple(_words(found)),
        figures=figures(FIGURES, files),
        tables=(_table(found),),
    )


def _values(found: Ablation) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in found.variants:
        name = one.name.removeprefix("+ ").replace(" ", "-")
        values[f"{name}.accuracy"] = list(one.scores)
        values[f"{name}.parameters"] = one.parameters
        values[f"{name}.epochs"] = [len(history) for history in one.histories]
        if all(history.best_epoch is not None for history in one.histories):
            values[f"{name}.best_epoch"] = [int(h.best_epoch or 0) + 1 for h in one.histories]
    return values


def _words(found: Ablation) -> list[str]:
    base, *others = found.variants
    said = [
        f"The base {found.network} has {base.parameters:,} parameters and a {found.measured} of "
        f"{spread(base.scores, base.seeds)}."
    ]
    for one in others:
        if one.difference is None or one.p_value is None:
            said.append(f"{one.name}: {percent(one.mean.value)}.")
            continue
        ends = " to ".join(points(end) for end in one.difference.ends or ())
        chance = "more" if one.p_value <= SURE else "no more"
        said.append(
            f"{one.name}: {points(one.difference.value)} ({ends}), which is {chance} than chance "
            f"explains (p {one.p_value:.3f}); its gap between training and validation accuracy is "
            f"{percent(_gap(one))} against the base's {percent(_gap(base))}."
        )
    return said


def _gap(one: Variant) -> float:
    return mean(h.last("accuracy") - h.last("val_accuracy") for h in one.histories)


def _table(found: Ablation) -> StudyTable:
    rows = [
        {
            "variant": one.name,
            found.measured: one.mean.value,
            "low": one.mean.low,
            "high": one.mean.high,
            "difference": None if one.difference is None else one.difference.value,
            "p": one.p_value,
            "over-fitting gap": _gap(one),
            "parameters": one.parameters,
            "epochs": mean(len(history) for history in one.histories),
            "seconds": one.seconds,
        }
        for one in found.variants
    ]
    best = max(range(len(rows)), key=lambda row: found.variants[row].mean.value)
    seeds = len(found.variants[0].seeds)
    note = "One seed; intervals over images."
    if seeds > 1:
        note = f"Means over {seeds} seeds, intervals over seeds and images; each difference has a "
        note += "paired t-test over both."
    refused = {one.mean.reason for one in found.variants if one.mean.ends is None}
    note += "".join(f" No intervals, too few to say: {reason}." for reason in sorted(refused))
    marked = [(best, found.measured)]
    return table("ablation", "Every variant", rows, best=marked, note=note)
