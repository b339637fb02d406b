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
from hangtag.study.step import Setting, Step
from hangtag.workbench.audit import audit


@asking(AuditRequest, without=("limit",), checks=("duplicates", "leaks"))
class AuditStep(Step):
    """Look for what is wrong with the pictures before any score is believed."""

    verb: Literal["audit"]
    shown: int = Field(8, ge=1, description="Pairs of near-copies shown.")

    def carry_out(self, at: Setting) -> Outcome:
        """Look."""
        asked, division = self.asked(at, AuditRequest), self.divided(at)
        found = audit(at.images, asked, progress=at.progress)
        atomic.write_json(at.folder / "findings.json", found.to_dict())
        # The same training images, the validation images in the test's place.
        chosen = replace(division, validation=division.validation[:0], test=division.validation)
        test, validation = (
            seen_before(at.images, one, progress=at.progress) for one in (division, chosen)
        )
        pairs = beside.copies(at.images, found, self.shown)
        if pairs is not None:
            atomic.write_bytes(at.folder / "pairs.png", pairs)
        made = told(found, test, validation, drawn=pairs is not None)
        return replace(made, commands=(command_line("audit", at.source, asked),))
