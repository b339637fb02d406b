"""Runs as rows of a page: accuracy with its interval, drawn on one axis for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hangtag import runs, settings
from hangtag.estimators.listing import listed_run
from hangtag.records import Score

WIDTH = 240
"""Of the axis, in its own units."""


def runs_shown(served: Path, models: Sequence[str]) -> list[dict[str, Any]]:
    """Every run, the newest first.

    Args:
        served: What is served; a run that lies elsewhere is among them, too.
        models: Where models lie that have answered for the catalogue: a run, or the bundle in one.
    """
    rows = [_row(name, one) for name, one in folders(served, models).items()]
    low = _lowest([row["score"] for row in rows if row["score"]])
    return [{**row, "low": low, **_placed(row["score"], low)} for row in rows]


def folders(served: Path, models: Sequence[str]) -> dict[str, Path]:
    """Where every run lies, by a name that is nobody else's; the newest first.

    Only these are opened for who asks over the network: a name is looked up, never a path.
    """
    found = list(runs.all_runs(settings.runs_folder()))
    known = [Path(one) for one in models]
    beside = [served, *known, *(one.parent for one in known), *runs.all_runs(served.parent)]
    found += [one for one in beside if (one / "run.json").is_file()]
    # One run may be found in several ways; it is shown once.
    whole = {one.resolve(): None for one in found}
    named: dict[str, Path] = {}
    for one in whole:
        name, n = one.name, 2
        while name in named:  # two folders of one name
            name, n = f"{one.name} ({n})", n + 1
        named[name] = one
    return dict(reversed(named.items()))


def _row(name: str, folder: Path) -> dict[str, Any]:
    found = listed_run(folder)
    return {
        "name": name,
        "place": found.place,
        "model": found.model,
        "data": found.data,
        "score": found.accuracy,
        "why": found.note,
    }


def _lowest(scores: list[Score]) -> float:
    """Where the axis begins: a round number below all intervals, so that differences show."""
    ends = [one.low if one.low is not None else one.value for one in scores]
    return max(0.0, int(10 * (min(ends, default=0.0) - 0.01)) / 10)


def _placed(score: Score | None, low: float) -> dict[str, Any]:
    if score is None:
        return {"ends": None}

    def at(value: float) -> float:
        # The margins keep half a dot at either end.
        return round(6 + (WIDTH - 12) * (value - low) / (1 - low), 1)

    ends = score.ends
    found: dict[str, Any] = {"ends": ends, "at": at(score.value)}
    return found if ends is None else {**found, "from": at(ends[0]), "to": at(ends[1])}
