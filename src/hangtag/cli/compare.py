"""``hangtag compare``: evaluated runs in; one table, paired tests and disagreements out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.options import Json, OutFile, Quiet

if TYPE_CHECKING:
    from hangtag.records import ClassComparison, Difference, Disagreement, RunComparison

LEAST_WIDTH = 10


def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN…", help="Runs: folders, names, or 'latest'.")
    ],
    exact: Annotated[bool, typer.Option(help="McNemar's exact test instead of mid-p.")] = False,
    repeats: Annotated[
        bool, typer.Option(help="Also compare networks over the seeds they were trained with.")
    ] = False,
    five_by_two: Annotated[
        bool,
        typer.Option(help="Also train each pair anew, twenty times: the corrected 5x2cv t-test."),
    ] = False,
    shown: Annotated[int, typer.Option(min=0, help="Disagreements listed each way.")] = 5,
    out: OutFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put runs tested on the same images side by side; --out FILE.html shows the pictures."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        found = hangtag.compare(
            runs,
            exact=exact,
            repeats=repeats,
            five_by_two=five_by_two,
            shown=shown,
            out=out,
            progress=progress,
        )
    if as_json:
        say_json(found.to_dict())
        return
    _tell_table(found)
    _tell_differences(found)
    _tell_classes(found)
    _tell_disagreements(found)
    for caution in found.cautions:
        note(f"caution: {caution}", quiet=quiet)
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser", quiet=quiet)
    else:
        next_step(command("compare", *runs, "--out", "compare.html"), quiet=quiet)


def _tell_table(found: RunComparison) -> None:
    width = max(len(row.name) for row in found.rows)
    say(
        f"{'run':<{width}}  {'accuracy':<24}  {'validation':>10}  {'gap':>7}  {'parameters':>10}  "
        f"{'epochs':>6}  {'training':>9}  {'a picture':>10}"
    )
    for row in found.rows:
        validation = "–" if row.validation_accuracy is None else f"{row.validation_accuracy:.4f}"
        gap = "–" if row.gap is None else f"{row.gap:+.4f}"
        say(
            f"{row.name:<{width}}  {row.accuracy!s:<24}  {validation:>10}  {gap:>7}  "
            f"{row.parameters:>10,}  {row.epochs or '–':>6}  {row.training_seconds:>7.1f} s  "
            f"{row.prediction_seconds * 1e6:>7.0f} µs"
        )


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
    first = max(len("class"), *(len(row.name) for row in rows))
    widths = [max(LEAST_WIDTH, len(name)) for name in names]
    for measure in ("precision", "recall", "f1"):
        heads = "  ".join(f"{name:>{size}}" for name, size in zip(names, widths, strict=True))
        say(f"\n{measure:<{first}}  {heads}   (* the best of its row)")
        for row in rows:
            cells = (_cell(row, name, measure) for name in names)
            line = "  ".join(f"{one:>{size}}" for one, size in zip(cells, widths, strict=True))
            say(f"{row.name:<{first}}  {line}")


def _cell(row: ClassComparison, name: str, measure: str) -> str:
    value = getattr(row.scores[name], measure)
    best = row.best[measure]
    # Where all are equal none is better.
    return f"{value:.4f}{'*' if name in best and len(best) < len(row.scores) else ' '}"


def _tell_disagreements(found: RunComparison) -> None:
    pairs = zip(found.comparison.differences, found.disagreements, strict=True)
    for one, (only_first, only_second) in pairs:
        _tell_way(found, one, only_first, first_is_right=True)
        _tell_way(found, one, only_second, first_is_right=False)


def _tell_way(
    found: RunComparison,
    one: Difference,
    listed: tuple[Disagreement, ...],
    *,
    first_is_right: bool,
) -> None:
    right, wrong = (one.first, one.second) if first_is_right else (one.second, one.first)
    count = len(one.first_only if first_is_right else one.second_only)
    say(f"\nonly {right} is right, {wrong} is wrong: {count} images")
    names = found.comparison.class_names
    for image in listed:
        answer = image.second if first_is_right else image.first
        say(f"  image {image.index}: {names[image.label]}, called {names[answer]} by {wrong}")
