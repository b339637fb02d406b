"""The step ``ablate``: a base against changes to it, over several seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hangtag.records import Outcome
from hangtag.requests import AblateRequest, command_line
from hangtag.rooms.report.results.ablate import told
from hangtag.study.fields import asking
from hangtag.study.step import Setting, Step
from hangtag.workbench.ablate import ablate


@asking(AblateRequest, without=("limit",))
class AblateStep(Step):
    """Train a base and changes to it, and say what each change is worth."""

    verb: Literal["ablate"]

    def carry_out(self, at: Setting) -> Outcome:
        """Train all."""
        asked = self.asked(at, AblateRequest)
        found = ablate(at.source, asked, images=at.images, out=at.folder, progress=at.progress)
        return replace(told(found), commands=(command_line("ablate", at.source, asked),))
