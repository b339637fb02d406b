"""``hangtag train``: a source and a network in, a run with a model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli import chosen
from hangtag.cli.changes import changes_from, parts_of
from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.options import Json, Limit, OutFolder, Quiet, Seed
from hangtag.cli.source import reads_source
from hangtag.cli.unknown import caution_without
from hangtag.errors import OptionError
from hangtag.estimators import mirrors

if TYPE_CHECKING:
    from hangtag.records import Source
    from hangtag.runs import Run


@reads_source
def train(
    source: Source | None = None,
    model: Annotated[
        str, typer.Option(help="The kind of model: network, forest, mixture, linear, ….")
    ] = "network",
    network: Annotated[
        str, typer.Option(help="The network; `hangtag summary` lists them.")
    ] = "s0-cnn",
    split: Annotated[
        str | None, typer.Option(help="How to divide, such as last:12000 or stratified:0.2.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Images per step.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam or rmsprop.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Step size.")] = None,
    early_stopping: Annotated[
        int | None, typer.Option(min=1, help="Stop after N epochs that are no better.")
    ] = None,
    restore_best: Annotated[
        bool | None, typer.Option(help="Keep the weights of the best epoch.")
    ] = None,
    change: Annotated[
        str | None,
        typer.Option(help="Change the model and its training: 'dense.units=64;dropout=0.5'."),
    ] = None,
    rows: Annotated[
        str | None, typer.Option(help="Rows of each picture it sees, such as 14:28.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with this run, which was stopped or killed.")
    ] = None,
    seed: Seed = None,
    split_seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the split alone (default: --seed).")
    ] = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a network on pictures, and keep the model."""
    import hangtag

    if (source is None) == (resume is None):
        raise OptionError(
            "train needs either a source or --resume RUN, not both and not neither",
            "hangtag train fashion-mnist",
        )
    options: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "early_stopping": early_stopping,
        "restore_best": restore_best,
    }
    options = {key: one for key, one in options.items() if one is not None}
    if model == "network":
        training, changes = changes_from(change or "")
        options = {"network": network, "changes": changes, "options": {**training, **options}}
        options |= {"rows": None if rows is None else _rows(rows)}
    else:
        options |= dict(parts_of(change or ""))
    with bars(quiet=quiet or as_json) as progress:
        if resume is not None:
            run = hangtag.resume(resume, progress=progress)
        else:
            assert source is not None
            run = hangtag.train(
                source,
                model=model,
                split=split,
                seed=seed,
                split_seed=split_seed,
                limit=limit,
                out=out,
                progress=progress,
                **options,
            )
    if run.config.is_network:
        _tell(run, as_json=as_json, quiet=quiet)
    else:
        chosen.show(run, as_json=as_json, quiet=quiet)


def _rows(text: str) -> tuple[int, int]:
    first, _, past = text.partition(":")
    if not (first.isdigit() and past.isdigit()):
        raise OptionError(f"--rows {text} names no rows", "FIRST:PAST, such as 14:28")
    return int(first), int(past)


def _tell(run: Run, *, as_json: bool, quiet: bool) -> None:
    import hangtag

    history = run.history()
    last = {name: history.last(name) for name in history.curves}
    if as_json:
        say_json(
            {
                "run": str(run.folder),
                "bundle": str(run.bundle),
                "epochs": len(history),
                "stopped": history.stopped,
                "seconds": sum(history.seconds),
                "last": last,
            }
        )
        return
    say(f"{'epoch':>5}  " + "  ".join(f"{name:>12}" for name in history.curves))
    for number in range(len(history)):
        values = "  ".join(f"{curve[number]:12.4f}" for curve in history.curves.values())
        say(f"{number + 1:5}  {values}")
    say(f"run     {run.folder}")
    say(f"bundle  {run.bundle}")
    unmirrored = mirrors.left_out(run)
    if unmirrored:
        note(unmirrored, quiet=quiet)
    caution_without(hangtag.open_bundle(run.bundle).threshold, quiet=quiet)
    note(
        "training accuracy is optimistic: `hangtag evaluate` says what the model is worth",
        quiet=quiet,
    )
    next_step(command("evaluate", run.folder), quiet=quiet)
