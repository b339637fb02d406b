"""A study: what each step came to, beside what a document reports of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.clustering import Clustering
from hangtag.records.images import ImageSet
from hangtag.records.points import Projection
from hangtag.records.report import ReportFacts
from hangtag.records.stored import Stored

Cell = str | int | float | bool | None
Value = float | int | str | Sequence[float] | Sequence[int]
"""What a step measured: one number, a word, or one number per seed (or cluster, or class)."""


@dataclass(frozen=True)
class StudyTable(Stored):
    """A table of a step; it becomes part of the page and a CSV file.

    Attributes:
        name: File name without ending.
        title: What stands above it.
        header: One heading per column.
        rows: Cells as plain values: numbers keep all their digits.
        best: Row and column of cells to be highlighted, from 0.
        note: What stands below it.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    best: tuple[tuple[int, int], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class StudyFigure:
    """A figure of a step.

    Attributes:
        file: Where it is, relative to the step's folder: ``NAME.svg``, or ``NAME.png`` for
            images.
        title: What stands above it.
        caption: What it shows, in a sentence or two; also for those who cannot see it.
    """

    file: str
    title: str
    caption: str


@dataclass(frozen=True)
class Outcome(Stored):
    """What one step of a study came to.

    Attributes:
        name: The step's name in the recipe.
        verb: What it did.
        title: Its heading.
        values: What it measured, by name.
        seeds: With which seeds, where a value has one number per seed.
        words: Paragraphs made of the results.
        figures: In the order to be shown.
        tables: In the order to be shown.
        cautions: Sentences a reader must know before believing it.
        commands: Command lines that do the same by hand.
        runs: Runs it made: a name to a folder, relative to the study's.
        maps: Files of the maps it drew, relative to the step's folder; the page shows them live.
        models: Names in `runs` whose confusion matrices the page shows live.
        seconds: Wall clock.
    """

    name: str
    verb: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    figures: tuple[StudyFigure, ...] = ()
    tables: tuple[StudyTable, ...] = ()
    cautions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    runs: Mapping[str, str] = field(default_factory=dict)
    maps: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Compared(Stored):
    """A figure of a document beside ours.

    Attributes:
        figure: What it is.
        reported: What the document says.
        ours: One number per seed, or one number, or one per cluster or class.
        exact: Whether it must be the same to the printed digit.
        inside: Whether ours is inside the band, or on its better side; None where the document
            reports what cannot be compared, and `note` says why.
        band: Lowest and highest number that counts as inside; None for exact figures.
        better: ``higher``, ``lower`` or ``neither``: which side of the band counts as inside, too.
        seeds: With which ours was made.
        document: What the document calls it or where it stands.
        note: What differs, in one sentence.
        digits: Decimal places the document prints.
    """

    figure: str
    reported: Value
    ours: Value | None
    exact: bool
    inside: bool | None
    band: tuple[float, float] | None = None
    better: str = "neither"
    seeds: tuple[int, ...] = ()
    document: str = ""
    note: str = ""
    digits: int = 0

    @property
    def reached(self) -> str:
        """Whether ours is where it should be, in words."""
        if self.inside is None:
            return "not comparable"
        if not self.inside:
            return "not reached"
        return "exact" if self.exact else "yes"

    @property
    def mean(self) -> float | None:
        """Mean over seeds; None for words, and for what has no mean."""
        if isinstance(self.ours, int | float):
            return float(self.ours)
        if isinstance(self.reported, int | float) and isinstance(self.ours, Sequence):
            numbers = [float(one) for one in self.ours if isinstance(one, int | float)]
            return mean(numbers) if numbers else None
        return None

    @property
    def spread(self) -> tuple[float, float] | None:
        """Lowest and highest over seeds; None where there is one number only."""
        if self.mean is None or not isinstance(self.ours, Sequence) or len(self.ours) < 2:
            return None
        numbers = [float(one) for one in self.ours]
        return min(numbers), max(numbers)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        spread = None if self.spread is None else list(self.spread)
        return super().to_dict() | {"mean": self.mean, "spread": spread}


@dataclass(frozen=True, eq=False)
class StudyModel:
    """A model of a study whose confusion matrix can be walked through.

    Attributes:
        name: What it is called.
        facts: Its class names, evaluation, predictions, images and ids.
    """

    name: str
    facts: ReportFacts


@dataclass(frozen=True, eq=False)
class StudyFacts:
    """Everything the page of a study shows.

    Attributes:
        name: Of the study, such as ``fashion-first-look``.
        title: Its heading.
        about: Paragraphs that stand first: what is asked, of which data.
        document: Title of the document it repeats; empty for one of the reader's own.
        outcomes: The steps, in order.
        compared: Figures of the document beside ours; empty for one of the reader's own.
        images: The set.
        folder: Where the study is; files of step NAME are in ``steps/NAME``.
        maps: For a step by name, its maps.
        models: For a step by name, its models.
        clusterings: For a step by name, clusters that its maps can be coloured by, too.
        thumbnails: For a step by name, and a map by its number, the rows whose images stand on
            its drawing for paper.
        cautions: Of the whole study.
        checks: What was looked for when the cautions were made, one phrase each.
        differs: What the document does wrong and what is done here instead, one sentence each.
        recipe: The resolved recipe as YAML.
        reproduce: ``command``, seeds, data fingerprint and what else is needed.
        versions: Library to version.
        limit: Images of each part that were used at most; None for all.
    """

    name: str
    title: str
    about: tuple[str, ...]
    document: str
    outcomes: tuple[Outcome, ...]
    compared: tuple[Compared, ...]
    images: ImageSet
    folder: Path
    maps: Mapping[str, tuple[Projection, ...]] = field(default_factory=dict)
    models: Mapping[str, tuple[StudyModel, ...]] = field(default_factory=dict)
    clusterings: Mapping[str, tuple[Clustering, ...]] = field(default_factory=dict)
    thumbnails: Mapping[str, Mapping[int, NDArray[np.int64]]] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    recipe: str = ""
    reproduce: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
