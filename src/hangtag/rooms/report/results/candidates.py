"""Models that were chosen of several told: every one that was tried, and the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from hangtag.records import Candidates, Outcome, StudyTable
from hangtag.records.study import Cell
from hangtag.rooms.report.results.shared import by_variant, table
from hangtag.rooms.report.words import percent, plural, sentence, spread

FIGURES = {
    "validation": (
        "Accuracy in validation",
        "Accuracy on validation images of every cell; the best is framed.",
    ),
    "training": (
        "Accuracy in training",
        "Training accuracy, which is optimistic: it is of the images that the models were "
        "fitted to.",
    ),
}
SCORES = {"accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "F1"}
"""What candidates are measured by, and what that is called."""


@dataclass(frozen=True)
class Chosen:
    """What was tried with one seed, what the best of it is, and what finding it took."""

    seed: int
    tried: Candidates
    words: str
    parameters: int
    effort: str = ""


def told(title: str, found: Mapping[str, Sequence[Chosen]], *, one_seed: bool = False) -> Outcome:
    """Tell of choices.

    Args:
        title: What such models are called in a heading.
        found: Of each variant its choices, one per seed.
        one_seed: Whether there is one seed and a value is a number, not a list of one.
    """
    values = {name: _values(some) for name, some in found.items()}
    if one_seed:
        values = {name: {key: _single(v) for key, v in one.items()} for name, one in values.items()}
    notes = [sentence(note) for some in found.values() for one in some for note in one.tried.notes]
    return Outcome(
        name="",
        verb="train",
        title=title,
        values=by_variant(values),
        seeds=tuple(one.seed for one in next(iter(found.values()))),
        words=tuple(_words(name, some) for name, some in found.items()),
        tables=(_table(found),),
        cautions=tuple(dict.fromkeys(notes)),
    )


def _single(value: Any) -> Any:  # noqa: ANN401 - whatever was measured
    return value[0] if isinstance(value, list) else value


def _values(found: Sequence[Chosen]) -> dict[str, Any]:
    best, first = [one.tried.chosen for one in found], found[0]
    seconds = {} if best[0].seconds is None else {"best_seconds": [one.seconds for one in best]}
    return {
        "accuracy": [one.training.accuracy for one in best],
        "val_accuracy": [one.validation.accuracy for one in best],
        "parameters": first.parameters,
        "seconds": [one.tried.seconds for one in found],
        **seconds,
        "cells": len(first.tried),
        **{name: one for name, one in first.tried.facts.items() if _is_number(one)},
        **{f"best_{name}": value for name, value in best[0].parameters.items()},
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(name: str, found: Sequence[Chosen]) -> str:
    tried, seeds = found[0].tried, [one.seed for one in found]
    validation = [one.tried.chosen.validation.accuracy for one in found]
    training = mean(one.tried.chosen.training.accuracy for one in found)
    said = (
        f"{name}: {plural(len(tried), 'candidate')} were compared on validation images. The best "
        f"is {found[0].words}: validation accuracy {spread(validation, seeds, 2)}, training "
        f"accuracy {percent(training, 2)}."
    )
    equal = sum(row.validation.accuracy == validation[0] for row in tried.rows)
    if equal > 1:
        said += f" {plural(equal, 'candidate')} are equally good; the first of them is taken."
    return f"{said} {found[0].effort}".rstrip()


def rows_of(tried: Candidates) -> list[dict[str, Cell]]:
    """A row of a table for each: its parameters, what was measured of it, and its seconds."""
    rows: list[dict[str, Cell]] = []
    for row in tried.rows:
        scores = {
            f"{part} {called}": value
            for score, called in SCORES.items()
            for part in ("training", "validation")
            if (value := getattr(getattr(row, part), score)) is not None
        }
        own = {key.replace("_", " "): value for key, value in row.parameters.items()}
        # What is solved in closed form takes thousandths of one, which nobody compares.
        took = None if row.seconds is None else round(row.seconds, 2)
        rows.append({**own, **scores, "seconds": took})
    return rows


def _table(found: Mapping[str, Sequence[Chosen]]) -> StudyTable:
    rows: list[dict[str, Cell]] = []
    best = []
    for name, some in found.items():
        for one in some:
            best.append((len(rows) + one.tried.best, "validation accuracy"))
            rows += [{"variant": name, "seed": one.seed, **row} for row in rows_of(one.tried)]
    note = "Chosen by validation accuracy; training scores are optimistic."
    if any("validation F1" in row for row in rows):
        note += " Precision, recall and F1 are weighted by the images of each class."
    return table("candidates", "Every candidate", rows, best=best, note=note)
