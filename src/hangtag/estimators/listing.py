"""Runs listed: what each is, what it is worth, and why a score is missing.

A run that cannot be read is a row that says so: a list that leaves it out would be wrong in
silence.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from hangtag import locks, settings
from hangtag.errors import HangtagError
from hangtag.estimators import estimator_of
from hangtag.records import ListedRun, RunList
from hangtag.requests import RunsRequest, takes
from hangtag.requests.judging import RUN_STAGES
from hangtag.run_places import elsewhere
from hangtag.runs import Run, all_runs, open_run

ALL = RunsRequest()


def _score(one: ListedRun) -> float:
    return -1.0 if one.accuracy is None else one.accuracy.value


def _validation(one: ListedRun) -> float:
    return -1.0 if one.validation is None else one.validation


ORDERS: Mapping[str, Callable[[ListedRun], float | str]] = {
    "written": lambda one: one.written,
    "accuracy": _score,
    "validation": _validation,
}
"""What runs can be ordered by; the newest, or the best, first."""


@takes(RunsRequest)
def list_runs(folder: str | Path | None = None, asked: RunsRequest = ALL) -> RunList:
    """List runs with their scores.

    Args:
        folder: Where the runs lie; None for the runs folder, and the last run written elsewhere.
        asked: What is asked; its options can be given by keyword.

    Example:
        >>> hangtag.list_runs(data="digits", sort="accuracy").to_frame()
    """
    place = settings.runs_folder() if folder is None else Path(folder)
    others = elsewhere(place) if folder is None else []
    rows = [listed_run(one) for one in (*all_runs(place), *others)]
    rows = sorted(rows, key=lambda one: one.written, reverse=True)  # where scores are equal
    found = sorted(
        (one for one in rows if _wanted(one, asked)), key=ORDERS[asked.sort], reverse=True
    )
    return RunList(str(place), tuple(found[: asked.shown]), len(rows))


def listed_run(folder: Path) -> ListedRun:
    """One run as a row of the list, whatever state it is in."""
    written = (folder / "run.json").stat().st_mtime
    at = datetime.fromtimestamp(written, UTC).isoformat(timespec="seconds")
    try:
        run = open_run(folder, runs=folder.parent)
        return _row(run, at)
    except HangtagError as error:
        return ListedRun(
            folder.name, str(folder), "", "", "", at, RUN_STAGES[-1], note=error.message
        )


def _row(run: Run, written: str) -> ListedRun:
    left = None if run.stage == "training" else estimator_of(run.config.spec).fitted(run)
    return ListedRun(
        name=run.name,
        place=str(run.folder),
        kind=run.config.spec.kind,
        model=run.config.name,
        data=str(run.config.data.get("name") or Path(run.config.source).name),
        written=written,
        stage=run.stage,
        validation=None if left is None else left.validation,
        accuracy=run.evaluation().scores["accuracy"] if run.stage == "evaluated" else None,
        note=_missing(run),
    )


def _missing(run: Run) -> str:
    if run.stage == "training":
        return "being trained" if locks.is_held(run.folder) else f"interrupted: {run.go_on}"
    if run.stage == "evaluated":
        return ""
    opening = f"hangtag evaluate {shlex.quote(str(run.folder))} opens the test split"
    return opening if run.stage == "trained" else f"{run.stage}: {opening}"


def _wanted(one: ListedRun, asked: RunsRequest) -> bool:
    return (
        asked.model in (None, one.kind)
        and asked.stage in (None, one.stage)
        and (asked.data is None or asked.data.lower() in one.data.lower())
        and (asked.above is None or _score(one) >= asked.above)
    )
