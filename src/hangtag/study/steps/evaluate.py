"""The step ``evaluate``: the test split is opened, once for every run of an earlier step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from hangtag.records import Outcome, StudyFigure
from hangtag.requests import command_line
from hangtag.rooms.evaluate.cautions import CHECKS
from hangtag.rooms.report.results.evaluate import FIGURES, told
from hangtag.rooms.report.results.shared import figures
from hangtag.rooms.report.words import listed
from hangtag.study.members import one_of
from hangtag.study.step import Step, StepContext
from hangtag.workbench.evaluate import evaluate
from hangtag.workbench.opening import open_run
from hangtag.workbench.report import case_of, evaluation_figures

if TYPE_CHECKING:
    from hangtag.runs import Run

SAID_ONCE = (
    "a sample used where the whole was there",
    "near-copies of test images among the training images",
    "training accuracy far above validation accuracy",
)
"""What a run's own report warns of and a study says elsewhere: once for all, or where it trains."""


class EvaluateStep(Step):
    """Open the test split and say what models are worth."""

    verb: Literal["evaluate"]
    of: str = Field(
        description="The step whose runs are evaluated, all of it or one variant: STEP.VARIANT."
    )
    show: list[Annotated[str, *one_of(FIGURES, "figure")]] = Field(
        ["confusion", "mistakes"], description="Figures of each variant, first seed."
    )
    live: bool = Field(True, description="Whether confusion cells open their images.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Evaluate."""
        folders = context.runs(self.of)
        found = {
            name: [evaluate(one, images=context.images, progress=context.progress) for one in some]
            for name, some in folders.items()
        }
        first = {name: open_run(some[0]) for name, some in folders.items()}
        places = {run.folder.name: run.folder.relative_to(context.study) for run in first.values()}
        return replace(
            told(found, context.before[self.uses()[0]].seeds),
            figures=tuple(self._figures(context, first)),
            cautions=_cautions(context, first),
            commands=tuple(command_line("evaluate", one) for one in places.values()),
            runs={name: str(one) for name, one in places.items()},
            models=tuple(places) if self.live else (),
        )

    def _figures(self, context: StepContext, runs: Mapping[str, Run]) -> Iterator[StudyFigure]:
        if not self.show:
            return
        for name, run in runs.items():
            files = evaluation_figures(run, context.images, context.folder / name, self.show)
            there = [files[one].relative_to(context.folder) for one in self.show if one in files]
            yield from figures(FIGURES, map(str, there), name)


def _cautions(context: StepContext, runs: Mapping[str, Run]) -> tuple[str, ...]:
    """What the run's own report would warn of, once for all variants that it holds for."""
    said: dict[str, list[str]] = {}
    for name, run in runs.items():
        case = case_of(run, context.images)
        for what, check in CHECKS.items():
            if what not in SAID_ONCE and (sentence := check(case)):
                said.setdefault(sentence, []).append(name)
    return tuple(
        text if len(names) == len(runs) else f"{listed(names)}: {text}"
        for text, names in said.items()
    )
