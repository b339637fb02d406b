"""The step ``compare``: evaluated runs side by side, differences tested, images both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome, RunComparison, StudyFigure
from hangtag.requests import CompareRequest, command_line
from hangtag.rooms.report.figures import beside
from hangtag.rooms.report.results.compare import disagreement, told
from hangtag.study.fields import asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.compare import compare


@asking(CompareRequest)
class CompareStep(Step):
    """Put evaluated runs side by side."""

    verb: Literal["compare"]
    of: list[str] = Field(
        min_length=1, description="STEP, or STEP.VARIANT: evaluated runs; the first seed of each."
    )
    per_class: bool = Field(True, description="Whether every class is put side by side.")
    pictures: bool = Field(True, description="Whether images they disagree on are drawn.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Compare."""
        folders, asked = self._folders(context), self.asked(context, CompareRequest)
        found = compare(list(folders.values()), asked, progress=context.progress)
        called = {row.name: name for row, name in zip(found.rows, folders, strict=True)}
        runs = [one.relative_to(context.study) for one in folders.values()]
        return replace(
            told(found, called, per_class=self.per_class, answers=True),
            figures=tuple(_drawn(found, context, called)) if self.pictures else (),
            commands=(command_line("compare", *runs, asked),),
        )

    def _folders(self, context: StepContext) -> dict[str, Path]:
        """What each run is called, and where it is."""
        chosen: dict[str, Path] = {}
        for text in self.of:
            for name, (first, *_) in context.runs(text).items():
                chosen[f"{text.partition('.')[0]} {name}" if name in chosen else name] = first
        return chosen


def _drawn(
    found: RunComparison, context: StepContext, called: Mapping[str, str]
) -> Iterator[StudyFigure]:
    """A figure of every two that disagree on an image."""
    for number, one in enumerate(found.comparison.differences):
        if any(found.disagreements[number]):
            figure = disagreement(called[one.first], called[one.second])
            drawn = beside.disagreements(found, context.images, number, called)
            atomic.write_bytes(context.folder / figure.file, drawn)
            yield figure
