"""``hangtag train``: a source and a network in, a run with a model out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import hangtag
from hangtag.cli import kind
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.errors import OptionError
from hangtag.estimators import mirrors
from hangtag.estimators.choice import AUTO
from hangtag.estimators.network import NETWORK, TRAINING
from hangtag.requests import Source, TrainRequest, command_line
from hangtag.rooms.tag import without_threshold
from hangtag.runs import Run

RESUME = typer.Option(metavar="RUN", help="Go on with this run, which was stopped or killed.")


@asks
def train(
    asked: TrainRequest,
    source: Source | None = None,
    resume: Annotated[Path | None, RESUME] = None,
    out: Annotated[Path | None, out_folder("the run")] = None,
) -> None:
    """Train, and say how it went."""
    if (source is None) == (resume is None):
        raise OptionError(
            "train needs either a source or --resume RUN, not both and not neither",
            "hangtag train fashion-mnist",
        )
    with bars() as progress:
        if source is None:
            run = hangtag.resume(resume, progress=progress)
        else:
            run = hangtag.train(
                source,
                model=asked.model,
                split=None if asked.split is None else str(asked.split),
                seed=asked.seed,
                split_seed=asked.split_seed,
                limit=asked.limit,
                out=out,
                progress=progress,
                **_options(asked),
            )
    if run.config.is_network:
        _tell(run)
    else:
        kind.show(run)


def _options(asked: TrainRequest) -> dict[str, Any]:
    """What is asked of the kind of model."""
    if asked.model not in {AUTO, "network"}:
        return asked.training() | asked.change
    training = {name: one for name, one in asked.change.items() if name in TRAINING}
    changes = {name: one for name, one in asked.change.items() if name not in TRAINING}
    options = training | asked.training()
    return {"network": asked.network, "changes": changes, "options": options, "rows": asked.rows}


def _tell(run: Run) -> None:
    history = run.history()
    facts = {
        "run": str(run.folder),
        "bundle": str(run.bundle),
        "epochs": len(history),
        "stopped": history.stopped,
        "seconds": sum(history.seconds),
        "last": {name: history.last(name) for name in history.curves},
    }
    if answered(lambda: facts):
        return
    for line in NETWORK.told(run):
        say(line)
    say(f"run     {run.folder}")
    say(f"bundle  {run.bundle}")
    if unmirrored := mirrors.left_out(run):
        note(unmirrored)
    note(*without_threshold(hangtag.open_bundle(run.bundle).threshold))
    note("training accuracy is optimistic: `hangtag evaluate` says what the model is worth")
    next_step(command_line("evaluate", run.folder))
