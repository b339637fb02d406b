"""The step ``tune``: a search on validation images, which goes on where it was killed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import yaml

from hangtag import atomic
from hangtag.records import Outcome
from hangtag.requests import TuneRequest, command_line
from hangtag.rooms.report.results.tune import told
from hangtag.rooms.tune import importance
from hangtag.study.fields import asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.tune import JOURNAL, tune

SEARCH = "search"


@asking(TuneRequest, without=("limit", "workers", "storage"))
class TuneStep(Step):
    """Search for the best settings."""

    verb: Literal["tune"]

    def carry_out(self, context: StepContext) -> Outcome:
        """Search."""
        place, asked = context.folder / SEARCH, self.asked(context, TuneRequest)
        found = tune(
            context.source,
            asked,
            out=place,
            resume=(place / JOURNAL).is_file(),
            images=context.images,
            progress=context.progress,
        )
        explained = importance(found) if len(found.finished) > 2 else {}
        drawn = [f"{SEARCH}/{one.name}" for one in sorted(place.glob("*.svg"))]
        typed = command_line("tune", context.source, _typed(asked, context))
        return replace(told(found, explained, drawn), commands=(typed,))


def _typed(asked: TuneRequest, context: StepContext) -> TuneRequest:
    """The same with its space as a command line has it: in a file, where it is none of a name."""
    if not isinstance(asked.space, Mapping):
        return asked
    file = context.folder / "space.yaml"
    atomic.write_text(file, yaml.safe_dump(dict(asked.space), sort_keys=False))
    return TuneRequest.of(asked, space=str(file.relative_to(context.study)))
