"""``hangtag evaluate``: a trained run in, its worth on the test split out."""

from __future__ import annotations

from typing import Annotated

import typer

from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.options import Json, Quiet, RunPlace
from hangtag.cli.unknown import caution_without


def evaluate(
    run: RunPlace = "latest",
    again: Annotated[
        bool, typer.Option(help="Predict again though the result is there; the run remembers.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Open the test split, once, and say what the model is worth."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        result = hangtag.evaluate(run, again=again, progress=progress)
    opened = hangtag.open_run(run)
    if as_json:
        say_json({"run": str(opened.folder), "leaks": opened.leaks(), **result.to_dict()})
        return
    for name, score in result.scores.items():
        say(f"{name.replace('_', ' '):<18} {score}")
    say()
    say(f"{'class':<18} precision    recall        f1   support")
    for row in (*result.classes, *result.averages):
        values = f"{row.precision:9.4f} {row.recall:9.4f} {row.f1:9.4f} {row.support:9}"
        say(f"{row.name:<18} {values}")
    say()
    for row in result.averages:
        for measure, score in row.intervals.items():
            say(f"{row.name} {measure:<9} {score}")
    caution_without(result.threshold, quiet=quiet)
    found = opened.leaks()
    if found["leaked"]:
        copies = f"{found['leaked']} of {found['test']} test pictures"
        note(f"caution: training has near-copies of {copies}", quiet=quiet)
    if len(opened.evaluations) > 1:
        times = len(opened.evaluations)
        note(f"caution: the test split was opened {times} times for this run", quiet=quiet)
    next_step(command("report", opened.folder), quiet=quiet)
