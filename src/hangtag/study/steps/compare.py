"""The step ``compare``: evaluated runs side by side, differences tested, pictures both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from hangtag import atomic
from hangtag.errors import OptionError, nearest
from hangtag.records import ClassComparison, Outcome, RunComparison, StudyFigure, StudyTable
from hangtag.requests import CompareRequest, command_line
from hangtag.rooms.report.figures import beside
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import between, count, listed, percent
from hangtag.workbench.compare import compare

SURE = 0.05
GAP = 0.05  # training accuracy this far above validation accuracy is worth a sentence


@asking(CompareRequest)
class CompareStep(Step):
    """Put evaluated runs side by side."""

    verb: Literal["compare"]
    of: list[str] = Field(
        min_length=1, description="STEP, or STEP.VARIANT: evaluated runs; the first seed of each."
    )
    per_class: bool = Field(True, description="Whether every class is put side by side.")
    pictures: bool = Field(True, description="Whether pictures they disagree on are drawn.")

    def uses(self) -> tuple[str, ...]:
        """The steps whose runs are compared."""
        return tuple(dict.fromkeys(one.partition(".")[0] for one in self.of))

    def carry_out(self, at: Setting) -> Outcome:
        """Compare."""
        folders = self._folders(at)
        asked = asked_by(self, CompareRequest)
        found = compare(list(folders.values()), asked, progress=at.progress)
        runs = [one.relative_to(at.study) for one in folders.values()]
        called = {row.name: name for row, name in zip(found.rows, folders, strict=True)}
        figures = []
        if self.pictures:
            for number, one in enumerate(found.comparison.differences):
                if not any(found.disagreements[number]):
                    continue
                file = f"{called[one.first]}-{called[one.second]}.png"
                drawn = beside.disagreements(found, at.images, number, called)
                atomic.write_bytes(at.folder / file, drawn)
                title = f"Where {called[one.first]} and {called[one.second]} disagree"
                caption = (
                    "What only one of them gets right; over each its class, and the other's answer."
                )
                figures.append(StudyFigure(file, title, caption))
        tables = [_models(found, called), _differences(found, called)]
        if self.per_class:
            tables.append(_classes(found, called))
        return Outcome(
            name=at.name,
            verb="compare",
            title=self.title or "Side by side",
            values=_values(found, called),
            words=_words(found, called, per_class=self.per_class),
            figures=tuple(figures),
            tables=tuple(tables),
            cautions=found.cautions,
            commands=(command_line("compare", *runs, asked),),
        )

    def _folders(self, at: Setting) -> dict[str, Path]:
        """What each run is called, and where it is."""
        chosen: dict[str, Path] = {}
        for text in self.of:
            step, _, variant = text.partition(".")
            there: dict[str, str] = {}
            for run, folder in at.before[step].runs.items():
                there.setdefault(run.rpartition("-seed")[0], folder)
            names = [variant] if variant else list(there)
            for name in names:
                if name not in there:
                    raise OptionError(
                        f"step '{step}' has no variant '{name}'", nearest(name, there)
                    )
                chosen[name if name not in chosen else f"{step} {name}"] = at.study / there[name]
        return chosen


def _values(found: RunComparison, called: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for row in found.rows:
        name = called[row.name]
        values[f"{name}.accuracy"] = row.accuracy.value
        values[f"{name}.parameters"] = row.parameters
        if row.gap is not None:
            values[f"{name}.gap"] = row.gap
    for one in found.comparison.differences:
        pair = f"{called[one.first]}-{called[one.second]}"
        values[f"{pair}.difference"] = one.accuracy.value
        values[f"{pair}.p"] = one.p_adjusted
    return values


def _words(found: RunComparison, called: Mapping[str, str], *, per_class: bool) -> tuple[str, ...]:
    said = [_ranking(found, called)]
    if per_class and len(found.rows) == 2:
        said.append(_deciding(found.comparison.classes, called))
    said += [
        f"{called[row.name]} over-fits: it is {100 * row.gap:.1f} points better on its training "
        "pictures than on validation pictures."
        for row in found.rows
        if row.gap is not None and row.gap > GAP
    ]
    return tuple(said)


def _ranking(found: RunComparison, called: Mapping[str, str]) -> str:
    rows = sorted(found.rows, key=lambda row: -(row.validation_accuracy or 0))
    best = rows[0]
    unlike: list[str] = []
    alike: list[str] = []
    for one in found.comparison.differences:
        if best.name not in {one.first, one.second}:
            continue
        other = called[one.second if one.first == best.name else one.first]
        (unlike if one.p_adjusted <= SURE else alike).append(other)
    said = (
        f"By validation accuracy {called[best.name]} is chosen; on the "
        f"{count(found.comparison.n, 'test picture')} it is right for "
        f"{percent(best.accuracy.value)} "
        f"({between(best.accuracy)})."
    )
    if unlike:
        said += f" Its difference from {listed(unlike)} is larger than chance explains."
    if alike:
        said += f" From {listed(alike)} it cannot be told apart on these pictures."
    return said


def _deciding(classes: Sequence[ClassComparison], called: Mapping[str, str]) -> str:
    """Which model decides which class, by F1."""
    ahead: dict[str, list[str]] = {}
    largest, gap = "", 0.0
    for row in classes:
        scores = {name: one.f1 for name, one in row.scores.items()}
        best = max(scores, key=lambda name: scores[name])
        difference = max(scores.values()) - min(scores.values())
        if difference > 0:
            ahead.setdefault(called[best], []).append(row.name)
        if difference > gap:
            largest, gap = (
                f"{row.name} (F1 {min(scores.values()):.3f} and {max(scores.values()):.3f})",
                difference,
            )
    said = "; ".join(f"{name} is better at {listed(some)}" for name, some in ahead.items())
    return (
        f"Class by class, {said}. They differ most in {largest}." if said else "No class differs."
    )


def _models(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    rows = tuple(
        (
            called[row.name],
            row.accuracy.value,
            row.accuracy.low,
            row.accuracy.high,
            row.validation_accuracy,
            row.gap,
            row.parameters,
            row.epochs,
            row.training_seconds,
        )
        for row in found.rows
    )
    best = max(range(len(rows)), key=lambda at: found.rows[at].accuracy.value)
    heads = (
        "model",
        "test accuracy",
        "low",
        "high",
        "validation accuracy",
        "over-fitting gap",
        "parameters",
        "epochs",
        "seconds",
    )
    note = "The gap is training less validation accuracy."
    return StudyTable("models", "The models", heads, rows, ((best, 1),), note)


def _differences(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    rows = tuple(
        (
            f"{called[one.first]} − {called[one.second]}",
            one.accuracy.value,
            one.accuracy.low,
            one.accuracy.high,
            len(one.first_only),
            len(one.second_only),
            one.p_adjusted,
        )
        for one in found.comparison.differences
    )
    heads = ("pair", "difference", "low", "high", "only first right", "only second right", "p")
    test = found.comparison.differences[0].test
    note = f"{test} on the same test pictures; p after Holm's correction for all pairs."
    return StudyTable("differences", "Every difference, tested", heads, rows, note=note)


def _classes(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    measures = ("precision", "recall", "f1")
    names = found.comparison.names
    heads = ["class", *(f"{measure} {called[name]}" for measure in measures for name in names)]
    rows, best = [], []
    for number, row in enumerate((*found.comparison.classes, *found.comparison.averages)):
        cells: list[str | float] = [row.name]
        for measure in measures:
            for name in names:
                if name in row.best[measure] and len(row.best[measure]) < len(names):
                    best.append((number, len(cells)))
                cells.append(float(getattr(row.scores[name], measure)))
        rows.append(tuple(cells))
    return StudyTable("classes", "Class by class", tuple(heads), tuple(rows), tuple(best))
