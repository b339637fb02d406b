"""``hangtag tune``: a source, a model and a space in; one line a trial and a table out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.estimators.searched import searched
from hangtag.progress import duration
from hangtag.records import Standing, Trials
from hangtag.requests import Source, TuneRequest
from hangtag.rooms.report.results.tune import best_lines, measured, settings
from hangtag.workbench.tune import PAGE, place_of

RESUME = typer.Option(help="Go on with the search in --out.")


@asks
def tune(
    source: Source,
    asked: TuneRequest,
    resume: Annotated[bool, RESUME] = False,
    out: Annotated[Path | None, out_folder("the trials, their table, figures and page")] = None,
) -> None:
    """Search, and say what was found."""
    place = place_of(out, str(asked.space), asked.network or asked.model)
    with bars(quiet=True) as progress:  # lines instead: a bar would be torn by them
        found = hangtag.tune(
            source, asked, out=place, resume=resume, on_trial=_Table(), progress=progress
        )
    if not answered(lambda: {"folder": str(place), **found.to_dict()}):
        _tell(found, place)
        _tell_next(found, source, asked)


class _Table:
    """Prints a line when a trial has ended: a table that grows."""

    _headed = False

    def __call__(self, standing: Standing) -> None:
        trial, best = standing.trial, standing.best
        if not self._headed:
            self._headed = True
            note(f"{'trial':>9}  {'value':>8}  {'best':>8}  {'left':>12}  parameters")
        left = duration(standing.seconds_left) if standing.seconds_left else ""
        value = trial.state if trial.value is None else measured(trial.value)
        grown = "–" if best is None or best.value is None else measured(best.value)
        mark = " *" if best is not None and best.number == trial.number else ""
        words = f"{settings(trial)}{mark}{'  ' + trial.reason if trial.reason else ''}"
        place = f"{standing.done}/{standing.wanted}"
        note(f"{place:>9}  {value:>8}  {grown:>8}  {left:>12}  {words}")


def _tell(found: Trials, place: Path) -> None:
    for line in best_lines(found, hangtag.importance(found)):
        say(line)
    say(f"folder  {place}")
    say(f"page    {place / PAGE}")


def _tell_next(found: Trials, source: Source, asked: TuneRequest) -> None:
    """How to have the best one."""
    if found.best is not None:
        how = searched(found.asked.get("model", "network"), asked.objective or "")
        for caution in how.cautions:
            note(caution)
        next_step(how.again(found, source))
