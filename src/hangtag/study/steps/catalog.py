"""The step ``catalog``: the test images become a shop's items, and a model tags them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hangtag.records import Outcome
from hangtag.shop import studied
from hangtag.study.step import Step, StepContext
from hangtag.workbench.opening import open_run
from hangtag.workbench.tag import open_bundle


class CatalogStep(Step):
    """Tag a shop."""

    verb: Literal["catalog"]
    of: str = Field(description="The step whose model tags; STEP or STEP.VARIANT, first seed.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Import and tag."""
        run, images = open_run(next(iter(context.runs(self.of).values()))[0]), context.images
        return studied.tagged(
            context.study, context.folder, images, run, open_bundle(run), context.progress
        )
