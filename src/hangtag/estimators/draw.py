"""Figures of what was tried, whatever kind of model it is."""

from __future__ import annotations

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
        if min(places) > 0 and max(places) > 100 * min(places):
            axes.set_xscale("log")
        axes.set_xlabel(label or name)
        axes.set_ylabel("accuracy")
        axes.set_xticks(places, [f"{place:g}" for place in places])
        axes.minorticks_off()
        axes.grid(axis="y")
        axes.legend(loc="lower right")
        figure.supxlabel(f"dotted: {chosen:g}, by validation accuracy", fontsize=9)
        return svg(figure)
