"""Layers in, the network as boxes with what flows between them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures.drawn import FIRST, GRID, INK, MUTED, Drawn, canvas, finish, short
from hangtag.rooms.report.words import size

_STEP, _BOX = 0.62, 0.34  # inches from box to box, and the height of one
_MOST = 60  # layers; a taller drawing is nothing anybody looks at


def draw(facts: ReportFacts) -> list[Drawn]:
    """One figure, or none when no layer is known or there are too many."""
    if not 0 < len(facts.layers) <= _MOST:
        return []
    return [_boxes(facts.layers)]


def _boxes(layers: Sequence[Mapping[str, Any]]) -> Drawn:
    height = _STEP * len(layers) + 0.1
    with canvas(height, width=4.4) as (figure, axes):
        figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, 4.4)
        axes.set_ylim(height, 0)
        for place, layer in enumerate(layers):
            _box(axes, layer, 0.04 + place * _STEP)
        kinds = ", ".join(str(layer["type"]) for layer in layers)
        return finish(figure, "network", "What follows what", f"Layers in order: {kinds}")


def _box(axes: Axes, layer: Mapping[str, Any], top: float) -> None:
    parameters = int(layer["parameters"])
    axes.add_patch(
        FancyBboxPatch(
            (0.5, top),
            3.4,
            _BOX,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=GRID if parameters == 0 else FIRST,
            alpha=0.45 if parameters == 0 else 0.14,
            edgecolor="none",
        )
    )
    middle = top + _BOX / 2
    axes.text(0.62, middle, short(str(layer["type"]), 24), va="center", color=INK, weight="bold")
    if parameters:
        axes.text(3.78, middle, f"{parameters:,}", va="center", ha="right", color=MUTED)
    below = top + _BOX
    axes.annotate(
        "",
        (2.2, below + _STEP - _BOX - 0.02),
        (2.2, below + 0.02),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.14,head_length=0.28",
            "color": MUTED,
            "lw": 0.9,
        },
    )
    shape = layer["output_shape"]
    axes.text(2.34, below + (_STEP - _BOX) / 2, size(shape), va="center", color=MUTED, fontsize=8.5)
