"""A list of runs told: a row for each, with its scores, and what to do where one is missing."""

from __future__ import annotations

from hangtag.records import ListedRun, Outcome, RunList, StudyTable
from hangtag.records.study import Cell
from hangtag.rooms.report.results.shared import table


def told(found: RunList) -> Outcome:
    """Tell of runs.

    Args:
        found: The list.
    """
    shown, of = len(found.rows), found.of
    counted = f"{shown} of {of} runs in {found.place}"
    missing = [f"{one.name}: {one.note}." for one in found.rows if one.note]
    return Outcome(
        name="",
        verb="runs",
        title="Runs",
        values={"runs": of, "shown": shown},
        words=(counted + (" are listed." if shown else f": {_why(of)}."), *missing),
        tables=(_table(found),) if shown else (),
    )


def _why(of: int) -> str:
    return "none is as it was asked for" if of else "hangtag train makes one"


def _table(found: RunList) -> StudyTable:
    scored = [row for row, one in enumerate(found.rows) if one.accuracy is not None]
    best = max(scored, key=lambda row: _value(found.rows[row]), default=None)
    # Runs of other data are other questions: a star among them would mean nothing.
    alike = len({one.data for one in found.rows}) == 1 and len(scored) > 1
    marked = [(best, "test accuracy")] if best is not None and alike else []
    note = "Star: best on the test split; choose by validation accuracy." if marked else ""
    return table("runs", "Runs", [_row(one) for one in found.rows], best=marked, note=note)


def _row(one: ListedRun) -> dict[str, Cell]:
    score = one.accuracy
    return {
        "run": one.name,
        "test accuracy": None if score is None else score.value,
        "low": None if score is None else score.low,
        "high": None if score is None else score.high,
        "validation": one.validation,
        "model": one.model,
        "data": one.data,
    }


def _value(one: ListedRun) -> float:
    return 0.0 if one.accuracy is None else one.accuracy.value
