"""The step ``audit``: copies, leaks into the test part, and what else spoils a score."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome
from hangtag.requests import AuditRequest, command_line
from hangtag.rooms.audit import seen_before
from hangtag.rooms.report.figures import beside
from hangtag.rooms.report.results.audit import told
from hangtag.study.fields import asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.audit import audit


@asking(AuditRequest, without=("limit",), checks=("duplicates", "leaks"))
class AuditStep(Step):
    """Look for what is wrong with the images before any score is believed."""

    verb: Literal["audit"]
    shown: int = Field(8, ge=1, description="Pairs of near-copies shown.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Look."""
        asked, split = self.asked(context, AuditRequest), self.divided(context)
        found = audit(context.images, asked, progress=context.progress)
        atomic.write_json(context.folder / "findings.json", found.to_dict())
        # The same training images, the validation images in the test's place.
        chosen = replace(split, validation=split.validation[:0], test=split.validation)
        test, validation = (
            seen_before(context.images, one, progress=context.progress) for one in (split, chosen)
        )
        pairs = beside.copies(context.images, found, self.shown)
        if pairs is not None:
            atomic.write_bytes(context.folder / "pairs.png", pairs)
        made = told(found, test, validation, drawn=pairs is not None)
        return replace(made, commands=(command_line("audit", context.source, asked),))
