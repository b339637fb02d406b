"""The step ``explore``: what is in the images, how many of each class, what the axes hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from hangtag.records import Outcome
from hangtag.requests import ExploreRequest, command_line
from hangtag.rooms.report.results.explore import FIGURES, told
from hangtag.study.fields import asking
from hangtag.study.members import one_of
from hangtag.study.step import Step, StepContext
from hangtag.workbench.explore import explore, explore_figures


@asking(ExploreRequest, without=("limit",))
class ExploreStep(Step):
    """Look at the images."""

    verb: Literal["explore"]
    show: list[Annotated[str, *one_of(FIGURES, "figure")]] = Field(
        ["samples", "classes", "scaling", "variance"], description="Figures, in order."
    )

    def carry_out(self, context: StepContext) -> Outcome:
        """Look."""
        asked = self.asked(context, ExploreRequest)
        summary = explore(context.images, asked, progress=context.progress)
        files = explore_figures(context.images, summary, context.folder, show=self.show)
        names = [one.name for one in files.values()]
        made = told(context.images, summary, self.divided(context), names)
        return replace(made, commands=(command_line("explore", context.source, asked),))
