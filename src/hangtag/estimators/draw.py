"""Figures of what was tried, whatever kind of model it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.drawing import COLOURS, MUTED, canvas, svg
from hangtag.records import Candidates


def accuracies(tried: Candidates, name: str, label: str = "") -> bytes:
    """Draw the accuracy of candidates over a parameter or fact of theirs, the chosen one marked.

    Args:
        tried: The candidates.
        name: Of the parameter.
        label: What it is called; its name when empty.

    Returns:
        An SVG file.
    """
    with canvas(5.6, 3.1) as (figure, panels):
        axes = panels[0, 0]
        places = [row[name] for row in tried.rows]
        for colour, part in enumerate(("validation", "training")):
            values = [getattr(row, part).accuracy for row in tried.rows]
            axes.plot(places, values, "o-", color=COLOURS[colour], label=part)
        chosen = tried.chosen[name]
        axes.axvline(chosen, color=MUTED, linewidth=1, linestyle=":")
        steps = np.asarray(places, float)
        if steps.min() > 0 and steps.max() > 100 * steps.min():
            axes.set_xscale("log")
            steps = np.log(steps)
        axes.set_xlabel(label or name)
        axes.set_ylabel("accuracy")
        said = [places[at] for at in _apart(steps, tried.best)]
        axes.set_xticks(said, [f"{place:g}" for place in said])
        axes.minorticks_off()
        axes.grid(axis="y")
        axes.legend(loc="best")
        figure.supxlabel(f"dotted: {chosen:g}, by validation accuracy", fontsize=9)
        return svg(figure)


_LABEL = 0.08
"""Of the axis, that a number below it takes."""


def _apart(places: NDArray[np.float64], best: int) -> list[int]:
    """Which places have room for a number below them: the chosen one, the ends, then the others."""
    width = float(np.ptp(places)) or 1.0
    order = [best, int(places.argmin()), int(places.argmax()), *range(len(places))]
    kept: list[int] = []
    for at in order:
        if all(abs(places[at] - places[one]) >= _LABEL * width for one in kept):
            kept.append(at)
    return sorted(kept)
