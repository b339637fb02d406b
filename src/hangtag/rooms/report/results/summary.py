"""Networks told: how many parameters each has, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hangtag.records import Outcome, StudyFigure
from hangtag.rooms.report.results.layers import layer_table


def told(found: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """Tell of networks by their summaries; each is drawn in ``NAME.svg``."""
    values: dict[str, Any] = {}
    for name, facts in found.items():
        values |= {f"{name}.{key}": facts[key] for key in ("parameters", "trainable", "biases")}
        values[f"{name}.fixed"] = facts["parameters"] - facts["trainable"]
    return Outcome(
        name="",
        verb="summary",
        title="The networks",
        values=values,
        words=("Counted for the shape of images and the number of classes that the document has.",),
        figures=tuple(
            StudyFigure(f"{name}.svg", name, f"{facts['parameters']:,} parameters.")
            for name, facts in found.items()
        ),
        tables=tuple(layer_table(name, facts) for name, facts in found.items()),
    )
