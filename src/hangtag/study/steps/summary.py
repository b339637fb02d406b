"""The step ``summary``: networks drawn and counted, before anything is trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome, StudyFigure, StudyTable
from hangtag.requests import command_line
from hangtag.rooms.models.named import diagram, summary
from hangtag.study.step import Setting, Step


class SummaryStep(Step):
    """Draw networks and count their parameters, as their document has them."""

    verb: Literal["summary"]
    networks: list[str] = Field(min_length=1, description="Names that `hangtag summary` lists.")

    def carry_out(self, at: Setting) -> Outcome:
        """Draw and count."""
        found = {name: summary(name) for name in self.networks}
        values: dict[str, Any] = {}
        for name, facts in found.items():
            values |= {f"{name}.{key}": facts[key] for key in ("parameters", "trainable", "biases")}
            values[f"{name}.fixed"] = facts["parameters"] - facts["trainable"]
            atomic.write_text(at.folder / f"{name}.svg", diagram(name))
        return Outcome(
            name=at.name,
            verb="summary",
            title=self.title or "The networks",
            values=values,
            words=(
                "Counted for the shape of pictures and the number of classes that the document "
                "has.",
            ),
            figures=tuple(
                StudyFigure(f"{name}.svg", name, f"{found[name]['parameters']:,} parameters.")
                for name in self.networks
            ),
            tables=tuple(_table(name, facts) for name, facts in found.items()),
            commands=tuple(
                command_line("summary", name, out=f"{name}.svg") for name in self.networks
            ),
        )


def _table(name: str, facts: dict[str, Any]) -> StudyTable:
    rows = tuple(
        (
            layer["name"],
            layer["type"],
            " × ".join(map(str, layer["output_shape"])),
            layer["parameters"],
        )
        for layer in facts["layers"]
    )
    note = (
        f"{facts['parameters']:,} parameters, {facts['trainable']:,} of them trained, "
        f"{facts['biases']:,} of them biases."
    )
    heads = ("layer", "type", "output", "parameters")
    return StudyTable(f"layers-{name}", f"Layers of {name}", heads, rows, note=note)
