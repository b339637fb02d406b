"""Summaries of networks in, their layers as tables out: shapes, parameters, those trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hangtag.records import StudyTable
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.words import listed, size


def layer_table(name: str, facts: Mapping[str, Any], *, file: str = "") -> StudyTable:
    """The layers of a network.

    Args:
        name: What stands above the table.
        facts: Its summary.
        file: Name of the table's file without ending; made of the name when empty.
    """
    rows = [
        {
            "layer": layer["name"],
            "in Keras": layer["keras"],
            "output": size(layer["output_shape"]),
            "parameters": layer["parameters"],
            "trainable": layer["trainable"],
            "not trainable": layer["parameters"] - layer["trainable"],
        }
        for layer in facts["layers"]
    ]
    fixed = facts["parameters"] - facts["trainable"]
    note = (
        f"{facts['parameters']:,} parameters: {facts['trainable']:,} trainable, {fixed:,} not "
        f"trainable. {facts['biases']:,} of those trained are biases."
    )
    return table(file or f"layers-{name}", f"Layers of {name}", rows, note=note)


def tables(found: Mapping[str, Mapping[str, Any]]) -> Iterable[StudyTable]:
    """The layers of every network, those that are alike once.

    Args:
        found: For each variant the summary of its network.
    """
    alike: dict[str, list[str]] = {}
    for name, facts in found.items():
        alike.setdefault(repr(facts["layers"]), []).append(name)
    for names in alike.values():
        yield layer_table(listed(names), found[names[0]], file=f"layers-{names[0]}")
