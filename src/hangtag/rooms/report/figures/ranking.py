"""Rankings of classes in, their ROC and precision–recall curves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes

from hangtag.records import Ranking, ReportFacts
from hangtag.rooms.report.figures.drawn import (
    FIRST,
    MUTED,
    SECOND,
    THIRD,
    Drawn,
    canvas,
    finish,
    short,
)

NAMED = (FIRST, SECOND, THIRD)
"""Colors of the classes that are named; all others are gray."""
_STYLES = ("-", "--", "-.")


def draw(facts: ReportFacts) -> list[Drawn]:
    """Both curves of every class, those ranked worst in color."""
    found = facts.evaluation
    if found is None or not found.rankings:
        return []
    return [_roc(found.rankings, facts.class_names), _precision(found.rankings, facts.class_names)]


def weakest(rankings: Sequence[Ranking]) -> list[Ranking]:
    """Those that are named: the least average precision first."""
    return sorted(rankings, key=lambda one: one.average_precision)[: len(NAMED)]


def _roc(rankings: Sequence[Ranking], names: Sequence[str]) -> Drawn:
    with canvas(3.6) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=MUTED, lw=0.9, ls=":")
        for one, look in _looks(rankings, names, lambda one: one.auc):
            axes.plot([0, *one.false_positives], [0, *one.recall], **look)
        _frame(
            axes,
            "proportion of other images taken for it",
            "proportion of its images found (recall)",
        )
        axes.legend(loc="lower right", title="area under it")
        worst = min(rankings, key=lambda one: one.auc)
        description = (
            f"ROC curves of {len(rankings)} classes; the least area, {worst.auc:.3f}, is that of "
            f"{names[worst.label]}"
        )
        return finish(figure, "roc", "ROC curves, each class against the rest", description)


def _precision(rankings: Sequence[Ranking], names: Sequence[str]) -> Drawn:
    with canvas(3.6) as (figure, axes):
        for one, look in _looks(rankings, names, lambda one: one.average_precision):
            first = one.precision[0]
            axes.plot([0, *one.recall], [first, *one.precision], **look)
        _frame(
            axes, "proportion of its images found (recall)", "proportion of these that are right"
        )
        axes.legend(loc="lower left", title="average precision")
        worst = weakest(rankings)[0]
        description = (
            f"Precision against recall of {len(rankings)} classes; the least average precision, "
            f"{worst.average_precision:.3f}, is that of {names[worst.label]}"
        )
        return finish(figure, "precision-recall", "Precision–recall curves", description)


def _looks(
    rankings: Sequence[Ranking], names: Sequence[str], worth: Callable[[Ranking], float]
) -> Iterator[tuple[Ranking, dict[str, Any]]]:
    """Each curve and how it is drawn: gray ones first, so that named ones lie above them."""
    named = weakest(rankings)
    for one in rankings:
        if one not in named:
            yield one, {"color": MUTED, "lw": 0.8, "alpha": 0.45}
    for one, color, style in zip(named, NAMED, _STYLES, strict=False):
        label = f"{short(names[one.label])} {worth(one):.3f}"
        yield one, {"color": color, "ls": style, "label": label}


def _frame(axes: Axes, across: str, up: str) -> None:
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
