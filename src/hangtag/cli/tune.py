"""``hangtag tune``: a source, a model and a space in; one line a trial and a table out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.estimators.searched import searched
from hangtag.progress import duration
from hangtag.records import Standing, Trial, Trials
from hangtag.requests import Source, TuneRequest
from hangtag.workbench.tune import PAGE, place_of

SHOWN = 10
LARGE = 10_000  # criteria go into the hundred thousands, where decimals say nothing
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
        value = trial.state if trial.value is None else _number(trial.value)
        grown = "–" if best is None or best.value is None else _number(best.value)
        mark = " *" if best is not None and best.number == trial.number else ""
        words = f"{_words(trial)}{mark}{'  ' + trial.reason if trial.reason else ''}"
        place = f"{standing.done}/{standing.wanted}"
        note(f"{place:>9}  {value:>8}  {grown:>8}  {left:>12}  {words}")


def _words(trial: Trial) -> str:
    stopped = " (stopped early)" if trial.state == "stopped early" else ""
    shown = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in trial.parameters.items()
    }
    return " ".join(f"{name}={value}" for name, value in shown.items()) + stopped


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < LARGE else f"{value:.0f}"


def _tell(found: Trials, place: Path) -> None:
    rows = [
        (one.number, _number(one.value or 0.0), f"{one.seconds:.1f}", _words(one))
        for one in found.ranked[:SHOWN]
    ]
    say_table(("trial", found.objective, "seconds", "parameters"), rows, left=(1, 3))
    counts = dict.fromkeys(("finished", "stopped early", "failed", "running"), 0)
    for one in found.trials:
        counts[one.state] += 1
    say(", ".join(f"{count} {state}" for state, count in counts.items() if count))
    shares = hangtag.importance(found)
    if any(shares.values()):
        few = ", ".join(f"{name} {share:.0%}" for name, share in list(shares.items())[:4])
        say(f"explained by one parameter alone: {few}")
    say(f"folder  {place}")
    say(f"page    {place / PAGE}")


def _tell_next(found: Trials, source: Source, asked: TuneRequest) -> None:
    """How to have the best one."""
    if found.best is not None:
        how = searched(found.asked.get("model", "network"), asked.objective or "")
        for caution in how.cautions:
            note(caution)
        next_step(how.again(found, source))
