"""``hangtag tune``: a source, a model and a space in; one line a trial and a table out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.options import Json, Limit, OutFolder, Quiet, Seed
from hangtag.cli.source import reads_source
from hangtag.workbench.tune import place_of

if TYPE_CHECKING:
    from hangtag.records import Source, Standing, Trial, Trials, Value

SHOWN = 10
DEEPEST = 1000
LARGE = 10_000  # criteria go into the hundred thousands, where decimals say nothing
SPACE_HELP = (
    "s1-forest, s1-forest-pca, s2-grid, s2-grid2, s4-search, a YAML file, or "
    "'dense.units=64,128;dropout=0:0.5' "
    "(a range may have a step, 0:0.5:0.1, or go by its logarithm, 1e-4:1e-2:log)."
)


@reads_source
def tune(
    source: Source,
    space: Annotated[str, typer.Option(help=SPACE_HELP)],
    model: Annotated[
        str | None,
        typer.Option(
            help="network, forest, kmeans or mixture (default: the space's own, or network)."
        ),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="The network (default: the space's own, or s2-mlp).")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="grid, random, bayes or halving (default: the space's own).")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="How many in all.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of every trial.")] = None,
    cv: Annotated[
        int | None, typer.Option(min=1, help="Folds of cross-validation; 1 for a validation split.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="How to divide, such as last:12000.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="val_accuracy (default) or val_loss; of forests also val_f1; of kmeans silhouette "
            "(default), calinski-harabasz, davies-bouldin; of mixtures bic (default), aic."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 1,
    storage: Annotated[
        str | None, typer.Option(help="Share the search in a database: postgresql://…")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the search in --out.")] = False,
    seed: Seed = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for the best settings of a network, forest or clustering; no test image is used."""
    import hangtag

    place = place_of(out, space, network or model)
    table = _Table(quiet=quiet or as_json)
    with bars(quiet=True) as progress:  # lines instead: a bar would be torn by them
        found = hangtag.tune(
            source,
            model=model,
            network=network,
            space=space,
            method=method,
            trials=trials,
            epochs=epochs,
            folds=cv,
            split=split,
            objective=objective,
            workers=workers,
            storage=storage,
            out=place,
            resume=resume,
            seed=seed,
            limit=limit,
            on_trial=table,
            progress=progress,
        )
    if as_json:
        say_json({"folder": str(place), **found.to_dict()})
        return
    _tell(found, place, source, quiet=quiet)


class _Table:
    """Prints a line when a trial has ended: a table that grows."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._headed = False

    def __call__(self, standing: Standing) -> None:
        trial, best = standing.trial, standing.best
        if not self._headed:
            self._headed = True
            note(
                f"{'trial':>9}  {'value':>8}  {'best':>8}  {'left':>8}  parameters",
                quiet=self._quiet,
            )
        left = "" if standing.seconds_left is None else _duration(standing.seconds_left)
        value = trial.state if trial.value is None else _number(trial.value)
        grown = "–" if best is None or best.value is None else _number(best.value)
        mark = " *" if best is not None and best.number == trial.number else ""
        words = f"{_words(trial)}{mark}{'  ' + trial.reason if trial.reason else ''}"
        place = f"{standing.done}/{standing.wanted}"
        note(f"{place:>9}  {value:>8}  {grown:>8}  {left:>8}  {words}", quiet=self._quiet)


def _words(trial: Trial) -> str:
    stopped = " (stopped early)" if trial.state == "stopped early" else ""
    shown = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in trial.parameters.items()
    }
    return " ".join(f"{name}={value}" for name, value in shown.items()) + stopped


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < LARGE else f"{value:.0f}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def _tell(found: Trials, place: Path, source: Source, *, quiet: bool) -> None:
    import hangtag

    say(f"{'trial':>5}  {found.objective:<19}  {'seconds':>7}  parameters")
    for one in found.ranked[:SHOWN]:
        say(f"{one.number:>5}  {_number(one.value or 0.0):<19}  {one.seconds:>7.1f}  {_words(one)}")
    counts = dict.fromkeys(("finished", "stopped early", "failed", "running"), 0)
    for one in found.trials:
        counts[one.state] += 1
    say(", ".join(f"{count} {state}" for state, count in counts.items() if count))
    shares = hangtag.importance(found)
    if shares:
        few = ", ".join(f"{name} {share:.0%}" for name, share in list(shares.items())[:4])
        say(f"explained by one parameter alone: {few}")
    say(f"folder  {place}")
    if found.best is not None:
        _tell_next(found, source, quiet=quiet)


def _tell_next(found: Trials, source: Source, *, quiet: bool) -> None:
    """How to have the best one."""
    model = found.asked.get("model", "network")
    if model in {"kmeans", "mixture"}:
        note("caution: a criterion is no proof that the clusters mean anything: look", quiet=quiet)
    else:
        note("caution: the best of many is partly luck; train it and let the test say", quiet=quiet)
    best = dict(found.best.parameters) if found.best is not None else {}
    if model == "network":
        text = ";".join(f"{name}={value}" for name, value in best.items())
        words = ["train", *source.words(), "--network", found.asked["network"], "--change", text]
        words += ["--split", found.asked["split"]]
        words += ["--epochs", str(found.asked["epochs"])] if found.asked["epochs"] else []
    elif model == "forest":
        # hangtag forest takes numbers only; no tree is as deep as this.
        best["max_depth"] = best.get("max_depth") or DEEPEST
        best.setdefault("n_estimators", 100)
        words = ["forest", *source.words(), *_options(best), "--split", found.asked["split"]]
        note("a grid over trees and depths costs least with hangtag forest itself", quiet=quiet)
    else:
        words = ["cluster", *source.words(), "--method", model, *_options(best)]
    words += ["--seed", str(found.seed)]
    words += [] if found.asked["limit"] is None else ["--limit", str(found.asked["limit"])]
    next_step(shlex.join(["hangtag", *words]), quiet=quiet)


def _options(parameters: dict[str, Value]) -> list[str]:
    named = ((name.replace("_", "-"), value) for name, value in parameters.items())
    return [
        word
        for name, value in named
        for word in (f"--{name}", "none" if value is None else str(value))
    ]
