"""A variance curve in, its figure out: the proportion held by the first components, marked."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from hangtag.records import VarianceCurve
from hangtag.rooms.report.figures.drawn import (
    FIRST,
    INK,
    MUTED,
    SECOND,
    THIRD,
    Drawn,
    canvas,
    finish,
)

_SHOWN = 100  # components on the axis at least, as far as there are so many


def draw(curve: VarianceCurve) -> Drawn:
    """The curve with its marks and the recommended number; marks beyond the axis are named."""
    count = min(max(_SHOWN, curve.recommended + 1, *curve.asked), len(curve.cumulative))
    held = 100 * curve.cumulative
    with canvas(3.4) as (figure, axes):
        axes.plot(np.arange(1, count + 1), held[:count], color=FIRST)
        beyond = [
            f"{needed} hold {part:.0%}" for part, needed in curve.marks.items() if needed > count
        ]
        for part, needed in curve.marks.items():
            if needed <= count:
                axes.plot([needed], [held[needed - 1]], "o", color=FIRST, markersize=5)
                axes.annotate(
                    f"{needed} hold {part:.0%}",
                    (needed, held[needed - 1]),
                    xytext=(7, -13),
                    textcoords="offset points",
                    color=INK,
                    fontsize=9,
                )
        at = curve.recommended
        axes.plot([at], [held[at - 1]], "D", color=SECOND, markersize=6, zorder=3)
        axes.annotate(
            f"recommended: {at}",
            (at, held[at - 1]),
            xytext=(0, 13),
            textcoords="offset points",
            ha="center" if at > count / 8 else "left",
            color=SECOND,
            fontsize=9.5,
        )
        for asked in curve.asked:
            _marked(axes, asked, held[asked - 1])
        if beyond:
            axes.text(count, 4, "beyond: " + ", ".join(beyond), ha="right", color=MUTED, fontsize=9)
        axes.set_xlim(0, count + 1)
        axes.set_ylim(0, 104)
        axes.set_xlabel("components")
        axes.set_ylabel("% of the variance they hold")
        description = "; ".join(
            [f"{needed} components hold {part:.0%}" for part, needed in curve.marks.items()]
            + [f"{at} are recommended", *(f"{one} are marked" for one in curve.asked)]
        )
        return finish(figure, "variance", "Variance held by the first components", description)


def _marked(axes: Axes, count: int, held: float) -> None:
    """A number of components that a reader wants to see, as a square on the curve."""
    axes.plot([count], [held], "s", color=THIRD, markersize=6, zorder=3)
    axes.annotate(
        f"marked: {count} ({held:.1f} %)",
        (count, held),
        xytext=(9, -9),
        textcoords="offset points",
        color=THIRD,
        fontsize=9.5,
    )
