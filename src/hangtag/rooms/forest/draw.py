"""Grids of forests go in, figures come out as the bytes of an SVG file.

matplotlib is imported where something is drawn. To add a figure: one function here that gets
records, computes nothing they do not hold, and draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from hangtag.errors import OptionError, nearest
from hangtag.records import ForestGrid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEASURES = ("accuracy", "precision", "recall", "f1")
# Okabe and Ito's colours, told apart by colour-blind people too.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7")
_INK, _MUTED, _GRID = "#1c2024", "#5c636b", "#dcdfe3"
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "hangtag",
    "font.size": 10,
    "axes.edgecolor": _MUTED,
    "axes.labelcolor": _MUTED,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "grid.color": _GRID,
    "text.color": _INK,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}


def heat_map(grid: ForestGrid, measure: str = "accuracy", part: str = "validation") -> bytes:
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
    sizes, depths = grid.n_estimators, grid.max_depths
    values = np.array(
        [[getattr(getattr(grid.cell(n, d), part), measure) for n in sizes] for d in depths]
    )
    with _figure(1.8 + 0.55 * len(sizes), 1.5 + 0.34 * len(depths)) as (figure, axes):
        shown = axes.imshow(values, cmap="cividis", aspect="auto")
        dark = float(values.min() + values.max()) / 2
        for row, depth in enumerate(depths):
            for column, size in enumerate(sizes):
                colour = "white" if values[row, column] <= dark else "black"
                text = f"{values[row, column]:.3f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
                if not grid.cell(size, depth).grown:
                    axes.plot(column - 0.42, row - 0.36, ".", color=colour, markersize=3)
        _frame(
            axes, depths.index(grid.best_cell.max_depth), sizes.index(grid.best_cell.n_estimators)
        )
        axes.set_xticks(range(len(sizes)), [str(one) for one in sizes])
        axes.set_yticks(range(len(depths)), [str(one) for one in depths])
        axes.set_xlabel("trees")
        axes.set_ylabel("greatest depth")
        axes.set_title(f"{part} {measure}, {grid.kind}")
        figure.colorbar(shown, ax=axes)
        return _svg(figure)


def timing(grids: Mapping[str, ForestGrid]) -> bytes:
    """Draw how long forests of each size took to grow at the greatest depth.

    Args:
        grids: Grids by the name of their variant, such as ``with PCA``.

    Returns:
        An SVG file.
    """
    with _figure(5.2, 3.2) as (figure, axes):
        for (name, grid), colour in zip(grids.items(), COLOURS, strict=False):
            deepest = grid.max_depths[-1]
            seconds = [grid.cell(size, deepest).seconds for size in grid.n_estimators]
            axes.plot(grid.n_estimators, seconds, "o-", color=colour, markersize=3, label=name)
        axes.set_xlabel("trees")
        axes.set_ylabel("processor seconds to grow")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend()
        return _svg(figure)


def _frame(axes: Axes, row: int, column: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="#d55e00", linewidth=2))


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(max(width, 4), max(height, 2.5)), layout="constrained")
        yield figure, figure.add_subplot()


def _svg(figure: Figure) -> bytes:
    file = BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing)
    return file.getvalue()
