"""The step ``search``: a customer's images are looked for among the items of a tagged shop."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hangtag.records import Outcome
from hangtag.shop import studied
from hangtag.study.step import Step, StepContext
from hangtag.workbench.opening import open_run
from hangtag.workbench.tag import open_bundle


class SearchStep(Step):
    """Search a shop by image."""

    verb: Literal["search"]
    of: str = Field(description="The step whose catalogue is searched.")
    k: int = Field(10, ge=1, description="Items found for each image.")
    measured: int = Field(1000, ge=1, description="Validation images that are looked for.")
    shown: int = Field(6, ge=1, description="Images whose finds are shown.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Search."""
        run = open_run(next(iter(context.runs(self.of).values()))[0])
        rows = studied.drawn(run.split().validation, self.measured, self.chosen_seed(context))
        shop, images, model = context.study / "steps" / self.of, context.images, open_bundle(run)
        return studied.searched(
            context.study, context.folder, shop, images, rows, model, k=self.k, shown=self.shown
        )
