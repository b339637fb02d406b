"""A confusion table in, the matrix as a figure for a file out; the page has a table instead."""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap

from hangtag.records import Confusion, ReportFacts
from hangtag.rooms.report.figures.drawn import FIRST, INK, PAPER, Drawn, canvas, finish, short

_NAMED, _COUNTED = 40, 25  # classes up to which names, and counts in the cells, can be read


def draw(facts: ReportFacts) -> list[Drawn]:
    """One figure, or none without an evaluation."""
    if facts.evaluation is None:
        return []
    return [_matrix(facts.evaluation.confusion)]


def _matrix(table: Confusion) -> Drawn:
    classes = len(table.class_names)
    side = min(max(3.4, 1.4 + 0.42 * classes), 12)
    proportions = table.shares
    with canvas(side, width=side) as (figure, axes):
        colours = LinearSegmentedColormap.from_list("shares", [PAPER, FIRST])
        axes.pcolormesh(proportions, cmap=colours, vmin=0, vmax=1, edgecolors=PAPER, linewidth=0.6)
        axes.set_aspect("equal")
        axes.invert_yaxis()
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        if classes <= _COUNTED:
            for row, column in zip(*table.counts.nonzero(), strict=True):
                colour = PAPER if proportions[row, column] > 0.5 else INK
                count = f"{table.counts[row, column]}"
                place = (column + 0.5, row + 0.5)
                axes.text(*place, count, ha="center", va="center", color=colour, fontsize=8)
        if classes <= _NAMED:
            names = [short(name) for name in table.class_names]
            places = [place + 0.5 for place in range(classes)]
            axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor")
            axes.set_yticks(places, names)
        axes.set_xlabel("taken for")
        axes.set_ylabel("really is")
        description = f"Confusion matrix of {classes} classes, {int(table.counts.sum()):,} images"
        return finish(figure, "confusion", "Confusion matrix", description)
