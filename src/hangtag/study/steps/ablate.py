"""The step ``ablate``: a base against changes to it, over several seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hangtag.records import Outcome
from hangtag.requests import AblateRequest, command_line
from hangtag.rooms.report.results.ablate import told
from hangtag.study.fields import asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.ablate import ablate


@asking(AblateRequest, without=("limit",))
class AblateStep(Step):
    """Train a base and changes to it, and say what each change is worth."""

    verb: Literal["ablate"]

    def carry_out(self, context: StepContext) -> Outcome:
        """Train all."""
        asked = self.asked(context, AblateRequest)
        found = ablate(
            context.source,
            asked,
            images=context.images,
            out=context.folder,
            progress=context.progress,
        )
        return replace(told(found), commands=(command_line("ablate", context.source, asked),))
