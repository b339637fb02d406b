"""A search told: the best of all trials, how near the others came, and what mattered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hangtag.records import Outcome, StudyTable, Trial, Trials
from hangtag.rooms.report.results.shared import figures
from hangtag.rooms.report.words import listed, number, percent, plural
from hangtag.sheets import aligned

SHOWN = 10
LARGE = 10_000  # criteria go into the hundred thousands, where decimals say nothing
NEAR = 0.002  # of a share: less than another seed changes
PROPORTIONS = ("accuracy", "precision", "recall", "f1")
"""Words for objectives that are proportions; others are numbers of any size."""
_LINES = ("Every trial as a line", "From its parameters to what it reached.")
FIGURES = {
    "history": ("How the search went", "Every trial, and the best so far."),
    "importance": (
        "Which parameter matters",
        "Proportion of the differences that each explains alone.",
    ),
    "coordinates": _LINES,
    "parallel": _LINES,
}


def told(
    found: Trials, explained: Mapping[str, float] | None = None, files: Iterable[str] = ()
) -> Outcome:
    """Tell of a search.

    Args:
        found: The search; at least one trial of it finished.
        explained: For each parameter the proportion of the differences that it explains by itself.
        files: Of its figures.
    """
    best = found.best
    assert best is not None, "a search in which every trial failed has raised"
    assert best.value is not None
    return Outcome(
        name="",
        verb="tune",
        title="The search",
        values={
            "best": float(best.value),
            "best_number": best.number,
            "best_parameters": dict(best.parameters),
            "trials": len(found),
            "network": found.asked.get("network"),
            "epochs": found.asked.get("epochs"),
            "seconds": float(sum(one.seconds for one in found.trials)),
            **{f"best.{name}": value for name, value in best.parameters.items()},
        },
        seeds=(found.seed,),
        words=(" ".join(_words(found, best, best.value, explained or {})),),
        figures=figures(FIGURES, files),
        tables=(_table(found, best),),
        cautions=tuple(_cautions(found)),
    )


def best_lines(found: Trials, explained: Mapping[str, float]) -> Iterator[str]:
    """The best trials as a table for a screen, how all of them ended, and what mattered.

    Args:
        found: The search.
        explained: For each parameter the proportion of the differences that it explains by itself.
    """
    rows = [
        (one.number, measured(one.value or 0.0), f"{one.seconds:.1f}", settings(one))
        for one in found.ranked[:SHOWN]
    ]
    yield from aligned(("trial", found.objective, "seconds", "parameters"), rows, left=(1, 3))
    counts = dict.fromkeys(("finished", "stopped early", "failed", "running"), 0)
    for one in found.trials:
        counts[one.state] += 1
    yield ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    if any(explained.values()):
        few = ", ".join(
            f"{name} {proportion:.0%}" for name, proportion in list(explained.items())[:4]
        )
        yield f"explained by one parameter alone: {few}"


def settings(trial: Trial) -> str:
    """A trial's parameters in a line, and whether it was stopped early."""
    stopped = " (stopped early)" if trial.state == "stopped early" else ""
    shown = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in trial.parameters.items()
    }
    return " ".join(f"{name}={value}" for name, value in shown.items()) + stopped


def measured(value: float) -> str:
    """A trial's value as a line has it."""
    return f"{value:.4f}" if abs(value) < LARGE else f"{value:.0f}"


def _words(
    found: Trials, best: Trial, value: float, explained: Mapping[str, float]
) -> Iterable[str]:
    how = f" (mean of {len(best.values)} folds)" if len(best.values) > 1 else ""
    as_percent = found.objective.endswith(PROPORTIONS)
    reached = percent(value, 2) if as_percent else number(value)
    settings = listed([f"{name} {one}" for name, one in best.parameters.items()])
    yield (
        f"{plural(len(found), 'trial')}, {len(found.finished)} of them to the end. The best, "
        f"number {best.number}, reached a {found.objective} of {reached}{how} "
        f"with {settings}."
    )
    near = [one for one in found.ranked if abs((one.value or 0) - value) < NEAR][1:]
    if near and as_percent:
        yield (
            f"{plural(len(near), 'other trial')} came within 0.2 points of it, which is less than "
            "another seed changes: the choice among them is a matter of chance."
        )
    if explained:
        order = sorted(explained, key=lambda name: -explained[name])
        yield (
            f"What matters most is {order[0]}, which explains {percent(explained[order[0]], 0)} "
            f"of the differences between trials by itself; {order[-1]} matters least."
        )


def _table(found: Trials, best: Trial) -> StudyTable:
    names = found.space.names  # which may be anything, so this table is no list of rows by heading
    rows = tuple(
        (one.number, *map(one.parameters.get, names), one.value, one.state, one.seconds)
        for one in found.trials
    )
    marked = [row for row, one in enumerate(found.trials) if one.number == best.number]
    heads = ("trial", *names, found.objective, "state", "seconds")
    return StudyTable(
        "trials", "Every trial", heads, rows, tuple((row, len(names) + 1) for row in marked)
    )


def _cautions(found: Trials) -> Iterable[str]:
    yield (
        f"The best {found.objective} of {len(found)} trials is optimistic: it is the largest of "
        "many. What the choice is worth is said by the test, after it is trained again."
    )
    failed = [one for one in found.trials if one.state == "failed"]
    if failed:
        yield f"{plural(len(failed), 'trial')} failed: {failed[0].reason}."
