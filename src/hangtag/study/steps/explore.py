"""The step ``explore``: what is in the pictures, how many of each class, what the axes hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from hangtag.records import Outcome
from hangtag.requests import ExploreRequest, command_line
from hangtag.rooms.report.results.explore import FIGURES, told
from hangtag.study.fields import asking
from hangtag.study.members import one_of
from hangtag.study.step import Setting, Step
from hangtag.workbench.explore import explore, explore_figures


@asking(ExploreRequest, without=("limit",))
class ExploreStep(Step):
    """Look at the pictures."""

    verb: Literal["explore"]
    show: list[Annotated[str, *one_of(FIGURES, "figure")]] = Field(
        ["samples", "classes", "scaling", "variance"], description="Figures, in order."
    )

    def carry_out(self, at: Setting) -> Outcome:
        """Look."""
        asked = self.asked(at, ExploreRequest)
        summary = explore(at.images, asked, progress=at.progress)
        files = explore_figures(at.images, summary, at.folder, show=self.show)
        names = [one.name for one in files.values()]
        made = told(at.images, summary, self.divided(at), names)
        return replace(made, commands=(command_line("explore", at.source, asked),))
