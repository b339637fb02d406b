"""Grids of forests go in, figures come out as the bytes of an SVG file.

matplotlib is imported where something is drawn. To add a figure: one function here that gets
records, computes nothing they do not hold, and draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from hangtag.drawing import COLOURS, canvas, svg
from hangtag.errors import OptionError, nearest
from hangtag.records import Candidates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEASURES = ("accuracy", "precision", "recall", "f1")


def heat_map(grid: Candidates, measure: str = "accuracy", part: str = "validation") -> bytes:
    """Draw a score of every forest of a grid; the best one is framed, cut ones are dotted.

    Args:
        grid: The grid.
        measure: ``accuracy``, ``precision``, ``recall`` or ``f1``.
        part: ``validation`` or ``training``.

    Returns:
        An SVG file.

    Raises:
        OptionError: There is no such measure or part.
    """
    if measure not in MEASURES:
        raise OptionError(f"there is no score '{measure}'", nearest(measure, MEASURES))
    if part not in {"validation", "training"}:
        raise OptionError(f"there is no part '{part}'", "validation or training")
    sizes, depths = grid.values("n_estimators"), grid.values("max_depth")
    cells = {(row["n_estimators"], row["max_depth"]): row for row in grid.rows}
    values = np.array(
        [[getattr(getattr(cells[n, d], part), measure) for n in sizes] for d in depths]
    )
    width, height = 1.8 + 0.55 * len(sizes), 1.5 + 0.34 * len(depths)
    with canvas(max(width, 4), max(height, 2.5)) as (figure, panels):
        axes = panels[0, 0]
        shown = axes.imshow(values, cmap="cividis", aspect="auto")
        dark = float(values.min() + values.max()) / 2
        for row, depth in enumerate(depths):
            for column, size in enumerate(sizes):
                colour = "white" if values[row, column] <= dark else "black"
                text = f"{values[row, column]:.3f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
                if not cells[size, depth]["grown"]:
                    axes.plot(column - 0.42, row - 0.36, ".", color=colour, markersize=3)
        _frame(
            axes,
            depths.index(grid.chosen["max_depth"]),
            sizes.index(grid.chosen["n_estimators"]),
        )
        axes.set_xticks(range(len(sizes)), [str(one) for one in sizes])
        axes.set_yticks(range(len(depths)), [str(one) for one in depths])
        axes.set_xlabel("trees")
        axes.set_ylabel("greatest depth")
        axes.set_title(f"{part} {measure}, {grid.name}")
        figure.colorbar(shown, ax=axes)
        return svg(figure)


def timing(grids: Mapping[str, Candidates]) -> bytes:
    """Draw how long forests of each size took to grow at the greatest depth.

    Args:
        grids: Grids by the name of their variant, such as ``with PCA``.

    Returns:
        An SVG file.
    """
    with canvas(5.2, 3.2) as (figure, panels):
        axes = panels[0, 0]
        for (name, grid), colour in zip(grids.items(), COLOURS, strict=False):
            deepest, sizes = grid.values("max_depth")[-1], grid.values("n_estimators")
            rows = [grid.row(n_estimators=size, max_depth=deepest) for size in sizes]
            seconds = [row.seconds for row in rows]
            axes.plot(sizes, seconds, "o-", color=colour, markersize=3, label=name)
        axes.set_xlabel("trees")
        axes.set_ylabel("processor seconds to grow")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        axes.legend()
        return svg(figure)


def _frame(axes: Axes, row: int, column: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="#d55e00", linewidth=2))
