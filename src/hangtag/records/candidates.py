"""What was tried when one model was chosen of several: a row for each, whatever kind they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hangtag.records.stored import Stored


@dataclass(frozen=True)
class Scores(Stored):
    """What a candidate is worth on one set of images.

    Attributes:
        accuracy: Proportion of images right.
        precision: Averaged over classes, weighted by their images; None where it was not measured.
        recall: Likewise; equals the accuracy.
        f1: Likewise.
    """

    accuracy: float
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None

    @property
    def measured(self) -> dict[str, float]:
        """The scores there are, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Candidate(Stored):
    """One model that was tried; ``row["k"]`` is a parameter or a fact of it by its name.

    Attributes:
        parameters: What tells it from the others, such as ``{"n_estimators": 50, "max_depth": 9}``.
        training: Scores on the images it was fitted on, which are optimistic.
        validation: Scores on images it has not seen.
        seconds: What fitting it took; None where all were fitted as one computation.
        facts: What else must be known of it, JSON-ready.
    """

    parameters: Mapping[str, Any]
    training: Scores
    validation: Scores
    seconds: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a number, a word, a truth value
        return {**self.facts, **self.parameters}[name]


@dataclass(frozen=True, eq=False)
class Candidates(Stored):
    """Models that were tried, and which of them was chosen on validation images.

    Attributes:
        name: What the model is called, such as ``random-forest``.
        rows: One per model, in a stable order.
        best: Position of the chosen one: of equal validation accuracies the simplest.
        options: Every option that changes the result, the seed among them.
        seconds: Wall-clock seconds of all of it.
        notes: What a reader must know.
        facts: What is known of all of them together, JSON-ready.
    """

    name: str
    rows: tuple[Candidate, ...]
    best: int
    options: Mapping[str, Any]
    seconds: float
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def chosen(self) -> Candidate:
        """The one chosen on validation images."""
        return self.rows[self.best]

    def values(self, name: str) -> tuple[Any, ...]:
        """The different values of a parameter, smallest first."""
        return tuple(sorted({row[name] for row in self.rows}))

    def row(self, **parameters: object) -> Candidate:
        """The one with these parameters."""
        return next(
            one
            for one in self.rows
            if all(one.parameters[name] == value for name, value in parameters.items())
        )


_CELL = ("n_estimators", "max_depth")
_GRID = ("trees_grown", "trees_asked", "natural_depth", "cut_differences", "cached")
_MIXTURE = ("components", "regularised", "converged")


def from_grid(values: Mapping[str, Any]) -> Candidates:
    """From the ``grid.json`` that runs of forests were written with before."""
    rows = tuple(
        Candidate(
            {name: cell[name] for name in _CELL},
            Scores(**cell["training"]),
            Scores(**cell["validation"]),
            cell["seconds"],
            {"grown": cell["grown"]},
        )
        for cell in values["cells"]
    )
    return _earlier(values, values["kind"], rows, {name: values[name] for name in _GRID})


def from_mixtures(values: Mapping[str, Any]) -> Candidates:
    """From the ``mixtures.json`` that runs of mixtures were written with before."""
    rows = tuple(
        Candidate(
            {"k": row["k"]},
            Scores(row["training"]),
            Scores(row["validation"]),
            facts={name: row[name] for name in _MIXTURE},
        )
        for row in values["rows"]
    )
    return _earlier(values, "mixture", rows, {})


def _earlier(
    values: Mapping[str, Any], name: str, rows: tuple[Candidate, ...], facts: dict[str, Any]
) -> Candidates:
    notes = tuple(values["notes"])
    return Candidates(
        name, rows, values["best"], values["options"], values["seconds"], notes, facts
    )
