"""The step ``reduce``: maps with a point per image, live on the page, and how good each is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hangtag import atomic
from hangtag.families import PROJECTIONS
from hangtag.records import Outcome, Projection
from hangtag.requests import ReduceRequest, command_line
from hangtag.rooms.report.results.reduce import told
from hangtag.study.members import one_of
from hangtag.study.step import Step, StepContext
from hangtag.workbench.reduce import map_figures, reduce


class Map(BaseModel):
    """One map."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: int | None = Field(None, ge=3, description="Map that many images; all when absent.")
    options: dict[str, Any] = Field(default_factory=dict, description="The method's own.")


class ReduceStep(Step):
    """Draw maps of the training images."""

    verb: Literal["reduce"]
    methods: dict[Annotated[str, *one_of(PROJECTIONS)], Map] = Field(
        min_length=1, description="Which maps: a method and, below it, its options."
    )
    features: str | None = Field(
        None, description="What is mapped of each image, such as network:RUN; pixels when absent."
    )
    points: int | None = Field(1000, ge=3, description="Drawn in the figures; all when null.")
    pictures: bool = Field(True, description="Whether each is drawn with thumbnails, too.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Draw."""
        there = len(self.divided(context).train)
        asked = {name: self._asked(context, name, one, there) for name, one in self.methods.items()}
        maps = [_mapped(context, f"maps/{name}.json", one) for name, one in asked.items()]
        drawn = map_figures(context.images, maps, context.folder, points=self.points)
        shown = [one.name for one in drawn if self.pictures or not one.stem.endswith("-pictures")]
        return replace(
            told(maps, there, shown),
            commands=tuple(
                command_line("reduce", context.source, one, out=f"{name}.html")
                for name, one in asked.items()
            ),
            maps=tuple(f"maps/{name}.json" for name in asked),
        )

    def _asked(self, context: StepContext, method: str, one: Map, there: int) -> ReduceRequest:
        """What is asked of the verb; a quick study has fewer images than a sample."""
        sample = one.sample if one.sample is None or one.sample < there else None
        return self.asked(
            context, ReduceRequest, method=(method,), sample=sample, options=one.options
        )


def _mapped(context: StepContext, file: str, asked: ReduceRequest) -> Projection:
    """The map, drawn where it is not there yet."""
    kept = context.folder / file
    if not kept.is_file():
        atomic.write_json(kept, reduce(context.images, asked, progress=context.progress).to_dict())
    return Projection.from_dict(json.loads(kept.read_bytes()))
