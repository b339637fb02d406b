"""The step ``summary``: networks drawn and counted, before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome
from hangtag.requests import command_line
from hangtag.rooms.models.named import diagram, summary
from hangtag.rooms.report.results.summary import told
from hangtag.study.step import Step, StepContext


class SummaryStep(Step):
    """Draw networks and count their parameters, as their document has them."""

    verb: Literal["summary"]
    networks: list[str] = Field(min_length=1, description="Names that `hangtag summary` lists.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Draw and count."""
        files = {name: f"{name}.svg" for name in self.networks}
        for name, file in files.items():
            atomic.write_text(context.folder / file, diagram(name))
        return replace(
            told({name: summary(name) for name in self.networks}),
            commands=tuple(command_line("summary", n, out=file) for n, file in files.items()),
        )
