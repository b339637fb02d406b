"""``hangtag compare``: evaluated runs in; one table, paired tests and disagreements out."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.records import ClassComparison, Difference, RunComparison
from hangtag.requests import CompareRequest, command_line

RUNS = typer.Argument(metavar="RUN RUN…", help="Runs: folders, names, or 'latest'.")


@asks
def compare(
    asked: CompareRequest,
    runs: Annotated[list[str], RUNS],
    out: Annotated[Path | None, out_file("a page with what they disagree on (HTML)")] = None,
) -> None:
    """Compare, and say what is chance and what is not."""
    with bars() as progress:
        found = hangtag.compare(runs, asked, out=out, progress=progress)
    if answered(found.to_dict):
        return
    _tell_table(found)
    _tell_differences(found)
    _tell_classes(found)
    _tell_disagreements(found)
    for caution in found.cautions:
        note(f"caution: {caution}")
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser")
    else:
        next_step(command_line("compare", *runs, asked, out="compare.html"))


def _tell_table(found: RunComparison) -> None:
    heads = ("run", "accuracy", "validation", "gap", "parameters", "epochs", "training")
    rows = [
        (
            row.name,
            row.accuracy,
            "–" if row.validation_accuracy is None else f"{row.validation_accuracy:.4f}",
            "–" if row.gap is None else f"{row.gap:+.4f}",
            f"{row.parameters:,}",
            row.epochs or "–",
            f"{row.training_seconds:.1f} s",
            f"{row.prediction_seconds * 1e6:.0f} µs",
        )
        for row in found.rows
    ]
    say_table((*heads, "an image"), rows, left=(0, 1))


def _tell_differences(found: RunComparison) -> None:
    test = found.comparison.differences[0].test
    say(f"\ndifferences on {found.comparison.n} test images ({test}, adjusted after Holm)")
    for one in found.comparison.differences:
        say(
            f"  {one.first} − {one.second}  {one.accuracy}  p {_p(one.p_value)}  "
            f"adjusted {_p(one.p_adjusted)}  {_verdict(one)}"
        )
    for repeat in found.repeats:
        test_of = repeat.test
        say(
            f"  {repeat.first} − {repeat.second}  {test_of.difference}  p {_p(test_of.p_value)}  "
            f"over {len(repeat.seeds)} seeds ({test_of.test})"
        )


def _p(value: float) -> str:
    return "<0.0001" if value < 1e-4 else f"{value:.4f}"


def _verdict(one: Difference) -> str:
    if one.p_adjusted > 1 - one.accuracy.level:
        return "may be chance"
    return f"{one.first if one.accuracy.value > 0 else one.second} is better"


def _tell_classes(found: RunComparison) -> None:
    names = found.comparison.names
    rows = (*found.comparison.classes, *found.comparison.averages)
    for measure in ("precision", "recall", "f1"):
        say("\n(* the best of its row)")
        cells = [(row.name, *(_cell(row, name, measure) for name in names)) for row in rows]
        say_table((measure, *names), cells)


def _cell(row: ClassComparison, name: str, measure: str) -> str:
    value = getattr(row.scores[name], measure)
    best = row.best[measure]
    # Where all are equal none is better.
    return f"{value:.4f}{'*' if name in best and len(best) < len(row.scores) else ' '}"


def _tell_disagreements(found: RunComparison) -> None:
    names = found.comparison.class_names
    for way in chain(*found.ways()):
        say(f"\nonly {way.right} is right, {way.wrong} is wrong: {way.total} images")
        for image in way.images:
            label, answer = names[image.label], names[way.wrongly(image)]
            say(f"  image {image.index}: {label}, called {answer} by {way.wrong}")
