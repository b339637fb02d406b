"""The step ``tune``: a search on validation images, which goes on where it was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import yaml

from hangtag import atomic
from hangtag.records import Outcome, StudyFigure, StudyTable, Trials
from hangtag.requests import TuneRequest, command_line
from hangtag.rooms.tune import importance
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, listed, percent
from hangtag.workbench.tune import JOURNAL, tune

SEARCH = "search"
CAPTIONS = {
    "history": ("How the search went", "Every trial, and the best so far."),
    "importance": ("Which parameter matters", "Share of the differences that each explains alone."),
    "coordinates": ("Every trial as a line", "From its parameters to what it reached."),
    "parallel": ("Every trial as a line", "From its parameters to what it reached."),
}


@asking(TuneRequest, without=("limit", "workers", "storage"))
class TuneStep(Step):
    """Search for the best settings."""

    verb: Literal["tune"]

    def carry_out(self, at: Setting) -> Outcome:
        """Search."""
        place = at.folder / SEARCH
        how, seed = at.how_to_divide(self.split), self.chosen_seed(at)
        asked = asked_by(self, TuneRequest, split=how, seed=seed, limit=at.limit)
        found = tune(
            at.source,
            asked,
            out=place,
            resume=(place / JOURNAL).is_file(),
            images=at.images,
            progress=at.progress,
        )
        explained = importance(found) if len(found.finished) > 2 else {}
        drawn = sorted(place.glob("*.svg"))
        return Outcome(
            name=at.name,
            verb="tune",
            title=self.title or "The search",
            values=_values(found),
            seeds=(found.seed,),
            words=_words(found, explained),
            figures=tuple(
                StudyFigure(f"{SEARCH}/{one.name}", *CAPTIONS.get(one.stem, (one.stem, "")))
                for one in drawn
            ),
            tables=(_table(found),),
            cautions=_cautions(found),
            commands=(command_line("tune", at.source, _typed(asked, at)),),
        )


def _typed(asked: TuneRequest, at: Setting) -> TuneRequest:
    """The same with its space as a command line has it: in a file, where it is none of a name."""
    if not isinstance(asked.space, Mapping):
        return asked
    file = at.folder / "space.yaml"
    atomic.write_text(file, yaml.safe_dump(dict(asked.space), sort_keys=False))
    return TuneRequest.of(asked, space=str(file.relative_to(at.study)))


def _values(found: Trials) -> dict[str, Any]:
    best = found.best
    assert best is not None, "a search in which every trial failed has raised"
    assert best.value is not None
    values: dict[str, Any] = {
        "best": float(best.value),
        "best_number": best.number,
        "best_parameters": dict(best.parameters),
        "trials": len(found),
        "network": found.asked.get("network"),
        "epochs": found.asked.get("epochs"),
        "seconds": float(sum(one.seconds for one in found.trials)),
    }
    return values | {f"best.{name}": value for name, value in best.parameters.items()}


def _words(found: Trials, explained: dict[str, float]) -> tuple[str, ...]:
    best = found.best
    assert best is not None
    assert best.value is not None
    folds = len(best.values)
    how = f" (mean of {folds} folds)" if folds > 1 else ""
    settings = listed([f"{name} {value}" for name, value in best.parameters.items()])
    said = [
        f"{count(len(found), 'trial')}, {len(found.finished)} of them to the end. The best, number "
        f"{best.number}, reached a {found.objective} of {percent(best.value, 2)}{how} with "
        f"{settings}."
    ]
    near = [one for one in found.ranked if abs((one.value or 0) - best.value) < 0.002][1:]
    if near:
        said.append(
            f"{count(len(near), 'other trial')} came within 0.2 points of it, which is less than "
            "another seed changes: the choice among them is a matter of chance."
        )
    if explained:
        order = sorted(explained, key=lambda name: -explained[name])
        said.append(
            f"What matters most is {order[0]}, which explains {percent(explained[order[0]], 0)} "
            "of the "
            f"differences between trials by itself; {order[-1]} matters least."
        )
    return (" ".join(said),)


def _table(found: Trials) -> StudyTable:
    names = found.space.names
    rows = tuple(
        (
            one.number,
            *(one.parameters.get(name) for name in names),
            one.value,
            one.state,
            one.seconds,
        )
        for one in found.trials
    )
    best = found.best
    marked = [row for row, one in enumerate(found.trials) if best and one.number == best.number]
    column = len(names) + 1
    heads = ("trial", *names, found.objective, "state", "seconds")
    return StudyTable("trials", "Every trial", heads, rows, tuple((row, column) for row in marked))


def _cautions(found: Trials) -> tuple[str, ...]:
    said = [
        f"The best {found.objective} of {len(found)} trials is optimistic: it is the largest of "
        "many. "
        "What the choice is worth is said by the test, after it is trained again."
    ]
    failed = [one for one in found.trials if one.state == "failed"]
    if failed:
        said.append(f"{count(len(failed), 'trial')} failed: {failed[0].reason}.")
    return tuple(said)
