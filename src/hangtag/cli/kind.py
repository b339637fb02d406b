"""A command for every kind of model that is fitted whole, such as ``hangtag forest``.

Each chooses one of many on validation images: all of them are told, the chosen one, and what to do
next.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.estimators import estimator_of
from hangtag.requests import KINDS, FitRequest, Source, command_line
from hangtag.rooms.tag import without_threshold

if TYPE_CHECKING:
    from hangtag.records import Evaluation
    from hangtag.runs import Run


def kind_command(name: str) -> Callable[..., None]:
    """The command of a kind of model: a source in, a run with the best of several out."""

    def fit(source: Source, asked: Any, how: FitRequest, test: bool, out: Path | None) -> None:  # noqa: ANN401
        with bars() as progress:
            run = hangtag.train(
                source,
                model=name,
                **asked.options,
                **vars(how),
                seed=asked.seed,
                out=out,
                progress=progress,
            )
            tested = hangtag.evaluate(run.folder, progress=progress) if test else None
        show(run, tested)

    fit.__annotations__ = {
        "source": Source,
        "asked": KINDS[name],
        "how": FitRequest,
        "test": Annotated[bool, typer.Option("--test", help="Open the test split for it.")],
        "out": Annotated[Path | None, out_folder("the run")],
    }
    fit.__defaults__ = (False, None)
    fit.__doc__ = KINDS[name].__doc__
    return asks(fit)


def show(run: Run, tested: Evaluation | None = None) -> None:
    """All that was tried, what must be known of the choice, and what to do next."""
    tried, model = run.candidates(), hangtag.open_bundle(run.folder)
    facts = {
        "run": str(run.folder),
        "source": run.config.source,
        "split": run.config.split,
        "model": model.model_id,
        **tried.to_dict(),
        "test": None if tested is None else tested.to_dict(),
    }
    if answered(lambda: facts):
        return
    for line in estimator_of(run.config.spec).told(run, tested):
        say(line)
    if tested is not None:
        say(f"test accuracy {tested.scores['accuracy']}")
    say(f"run      {run.folder}")
    note(*without_threshold(model.threshold))
    if tested is None:
        note("validation scores are optimistic after a choice by them: evaluate has the rest")
    next_step(command_line("evaluate" if tested is None else "report", run.folder))
    for one in tried.notes:
        note(f"note: {one}")
