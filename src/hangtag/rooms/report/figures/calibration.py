"""A calibration in, confidence against accuracy out."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from hangtag.records import Calibration, ReportFacts
from hangtag.rooms.report.figures.drawn import (
    FIRST,
    GRID,
    MUTED,
    SECOND,
    Drawn,
    canvas,
    finish,
)

FEW = 10  # answers; the interval of fewer spans most of the figure and says nothing


def draw(facts: ReportFacts) -> list[Drawn]:
    """The curve, and how many answers there are of each confidence."""
    found = facts.evaluation
    if found is None or found.calibration is None:
        return []
    return [_curve(found.calibration, found.scaled_calibration), _counts(found.calibration)]


def _curve(curve: Calibration, scaled: Calibration | None) -> Drawn:
    with canvas(3.6) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=MUTED, lw=0.9, ls=":")
        _line(axes, curve, FIRST, "-", "as it is")
        if scaled is not None:
            _line(axes, scaled, SECOND, "--", "after temperature scaling")
            axes.legend(loc="upper left")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("how sure the model says it is")
        axes.set_ylabel("how often it is right")
        filled = curve.counts >= FEW
        description = "Accuracy by confidence: " + ", ".join(
            f"{confidence:.2f} sure, {accuracy:.2f} right"
            for confidence, accuracy in zip(
                curve.confidence[filled], curve.accuracy[filled], strict=True
            )
        )
        return finish(figure, "calibration", "Confidence against accuracy", description)


def _line(axes: Axes, curve: Calibration, colour: str, style: str, label: str) -> None:
    filled = curve.counts >= FEW
    x, y = curve.confidence[filled], curve.accuracy[filled]
    spread = np.stack([y - curve.low[filled], curve.high[filled] - y])
    axes.errorbar(x, y, yerr=spread, color=colour, ls=style, marker="o", elinewidth=1, label=label)


def _counts(curve: Calibration) -> Drawn:
    proportions = curve.counts / curve.counts.sum()
    middles = (curve.edges[:-1] + curve.edges[1:]) / 2
    with canvas(3.6) as (figure, axes):
        axes.bar(middles, proportions * 100, width=np.diff(curve.edges) * 0.86, color=FIRST)
        axes.set_xlim(0, 1.02)
        axes.set_xlabel("how sure the model says it is")
        axes.set_ylabel("% of its answers")
        axes.grid(visible=False, axis="x")
        axes.axhline(0, color=GRID, lw=0.8)
        top = int(curve.counts.argmax())
        description = (
            f"Most answers, {proportions[top]:.0%}, are {curve.edges[top]:.1f} to "
            f"{curve.edges[top + 1]:.1f} sure"
        )
        return finish(figure, "confidence", "How sure it says it is", description)
