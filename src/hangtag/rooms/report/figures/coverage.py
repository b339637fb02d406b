"""A coverage curve in, accuracy against the proportion of images answered out."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hangtag.records import Coverage, Evaluation, ReportFacts
from hangtag.rooms.report.figures.drawn import FIRST, SECOND, Drawn, canvas, finish


def draw(facts: ReportFacts) -> list[Drawn]:
    """The curve with its interval, the threshold marked where there is one."""
    found = facts.evaluation
    if found is None or found.coverage is None:
        return []
    return [_curve(found.coverage, found)]


def _curve(curve: Coverage, found: Evaluation) -> Drawn:
    with canvas(3.2) as (figure, axes):
        answered, right = curve.coverage * 100, curve.accuracy * 100
        axes.fill_between(
            answered, curve.low * 100, curve.high * 100, color=FIRST, alpha=0.16, lw=0
        )
        axes.plot(answered, right, color=FIRST)
        if "answered" in found.scores:
            _mark(axes, found)
        axes.set_xlim(0, 101)
        # A handful of answers has an interval so wide that it would flatten all the rest.
        floor = min(right.min(), curve.low[-1] * 100)
        axes.set_ylim(max(0.0, floor - (100 - floor) * 0.08 - 0.2), 100.3)
        axes.set_xlabel("% of images answered, the surest first")
        axes.set_ylabel("% of the answers right")
        axes.yaxis.set_major_locator(MaxNLocator(6))
        middle = int(abs(curve.coverage - 0.5).argmin())
        description = (
            f"{right[-1]:.1f} % right when every image is answered, "
            f"{right[middle]:.1f} % when the surer half is"
        )
        return finish(figure, "coverage", "Accuracy when only the surest are answered", description)


def _mark(axes: Axes, found: Evaluation) -> None:
    place = (found.scores["answered"].value * 100, found.scores["accuracy_answered"].value * 100)
    axes.plot(*place, marker="o", markersize=7, color=SECOND, ls="")
    axes.annotate(
        f"threshold {found.threshold:.2f}",
        place,
        xytext=(-8, -6),
        textcoords="offset points",
        ha="right",
        va="top",
        color=SECOND,
    )
