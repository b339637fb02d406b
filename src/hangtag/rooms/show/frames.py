"""A record in, a polars table out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from hangtag.errors import OptionError
from hangtag.records import Evaluation, History, Tags, Trials

if TYPE_CHECKING:
    from polars import DataFrame


@singledispatch
def frame(record: object) -> DataFrame:
    """A record as a polars table.

    Raises:
        OptionError: It is no table.
    """
    raise OptionError(f"a {type(record).__name__} is no table")


@frame.register(Evaluation)
def _(record: Evaluation) -> DataFrame:
    """One row per class, then the averages, each score with its interval."""
    rows = []
    for one in (*record.classes, *record.averages):
        row: dict[str, Any] = {"class": one.name, "support": one.support}
        for name in ("precision", "recall", "f1"):
            held = one.intervals.get(name)
            row |= {
                name: getattr(one, name),
                f"{name}_low": None if held is None else held.low,
                f"{name}_high": None if held is None else held.high,
            }
        rows.append(row)
    return _frame(rows)


@frame.register(History)
def _(record: History) -> DataFrame:
    """One row per epoch."""
    curves = {name: list(values) for name, values in record.curves.items()}
    return _frame_of(
        {"epoch": list(range(1, len(record) + 1)), **curves, "seconds": list(record.seconds)}
    )


@frame.register(Tags)
def _(record: Tags) -> DataFrame:
    """One row per image; the most probable classes are lists."""
    return _frame_of(
        {
            "id": [one.id for one in record],
            "label": [one.label for one in record],
            "confidence": [one.confidence for one in record],
            "top_labels": [[name for name, _ in one.top] for one in record],
            "top_probabilities": [[proportion for _, proportion in one.top] for one in record],
            "error": [one.error for one in record],
        }
    )


@frame.register(Trials)
def _(record: Trials) -> DataFrame:
    """One row per trial: what it came to, and each parameter as a column."""
    names = [one.name for one in record.space.dimensions]
    return _frame(
        [
            {"number": one.number, "state": one.state, "value": one.value, "seconds": one.seconds}
            | {name: one.parameters.get(name) for name in names}
            for one in record.trials
        ]
    )


def _frame(rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    return _frame_of({name: [row[name] for row in rows] for name in rows[0]} if rows else {})


def _frame_of(columns: Mapping[str, Sequence[Any]]) -> DataFrame:
    import polars

    return polars.DataFrame(dict(columns), strict=False)
