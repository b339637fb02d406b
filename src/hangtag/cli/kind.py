"""A command for every kind of model that is fitted whole, such as ``hangtag forest``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import hangtag
from hangtag.cli import chosen, forest, mixture
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, say, say_table
from hangtag.requests import KINDS, FitRequest, Source

if TYPE_CHECKING:
    from hangtag.records import Evaluation
    from hangtag.runs import Run

TELLS = {"forest": forest.tell, "mixture": mixture.tell}
"""Kinds that are told otherwise than by a row for each candidate."""


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
        if answered(lambda: chosen.facts(run, run.candidates(), tested)):
            return
        TELLS.get(name, tell)(run, tested)
        chosen.close(run, run.candidates().notes, tested=test)

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


def tell(run: Run, tested: Evaluation | None = None) -> None:
    """Every candidate, which was chosen, and where it is."""
    tried = run.candidates()
    names = tuple(tried.rows[0].parameters)
    rows = [
        (
            *(f"{row[name]:g}" for name in names),
            f"{row.training.accuracy:.4f}",
            f"{row.validation.accuracy:.4f}",
            "" if row.seconds is None else f"{row.seconds:.1f}",
        )
        for row in tried.rows
    ]
    say_table((*names, "training", "validation", "seconds"), rows, left=())
    picked = ", ".join(f"{name} = {tried.chosen[name]:g}" for name in names)
    say(f"chosen   {picked}, by validation accuracy")
    if tested is not None:
        say(f"test accuracy {tested.scores['accuracy']}")
    say(f"run      {run.folder}")
