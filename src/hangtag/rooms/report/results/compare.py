"""Compared runs told: which one is chosen, what is chance, and who decides which class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hangtag.records import (
    ClassComparison,
    Difference,
    Outcome,
    RunComparison,
    StudyFigure,
    StudyTable,
)
from hangtag.records.study import Cell
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.words import listed, percent, percent_range, plural

SURE = 0.05
GAP = 0.05  # training accuracy this far above validation accuracy is worth a sentence
MEASURES = ("precision", "recall", "f1")


def told(
    found: RunComparison,
    called: Mapping[str, str] | None = None,
    *,
    per_class: bool = True,
    answers: bool = False,
) -> Outcome:
    """Tell of a comparison.

    Args:
        found: The comparison.
        called: What each of its runs is to be called; None for their own names.
        per_class: Whether every class is put side by side.
        answers: Whether the first answers of two runs are listed, and where only one is right.
    """
    names = called or {row.name: row.name for row in found.rows}
    tables = [_models(found, names), _differences(found, names)]
    tables += [_repeats(found, names)] if found.repeats else []
    tables += [_answers(found, names), _only(found, names)] if answers and len(names) == 2 else []
    return Outcome(
        name="",
        verb="compare",
        title="Side by side",
        values=_values(found, names),
        words=tuple(_words(found, names, per_class=per_class)),
        tables=(*tables, _classes(found, names)) if per_class else tuple(tables),
        cautions=found.cautions,
    )


def disagreement(first: str, second: str) -> StudyFigure:
    """The figure of what two models disagree on."""
    return StudyFigure(
        f"{first}-{second}.png",
        f"Where {first} and {second} disagree",
        "What only one of them gets right; over each its class, and the other's answer.",
    )


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


def _words(found: RunComparison, called: Mapping[str, str], *, per_class: bool) -> Iterable[str]:
    yield _ranking(found, called)
    if per_class and len(found.rows) == 2:
        yield _deciding(found.comparison.classes, called)
    for row in found.rows:
        if row.gap is not None and row.gap > GAP:
            yield (
                f"{called[row.name]} over-fits: it is {100 * row.gap:.1f} points better on its "
                "training images than on validation images."
            )


def _ranking(found: RunComparison, called: Mapping[str, str]) -> str:
    best = max(found.rows, key=lambda row: row.validation_accuracy or 0)
    unlike: list[str] = []
    alike: list[str] = []
    for one in found.comparison.differences:
        if best.name in {one.first, one.second}:
            other = called[one.second if one.first == best.name else one.first]
            (unlike if one.p_adjusted <= SURE else alike).append(other)
    said = (
        f"By validation accuracy {called[best.name]} is chosen; on the "
        f"{plural(found.comparison.n, 'test image')} it is right for "
        f"{percent(best.accuracy.value)} ({percent_range(best.accuracy)})."
    )
    if unlike:
        said += f" Its difference from {listed(unlike)} is larger than chance explains."
    if alike:
        said += f" From {listed(alike)} it cannot be told apart on these images."
    return said


def _deciding(classes: Sequence[ClassComparison], called: Mapping[str, str]) -> str:
    """Which model decides which class, by F1."""
    ahead: dict[str, list[str]] = {}
    largest, gap = "", 0.0
    for row in classes:
        scores = {name: one.f1 for name, one in row.scores.items()}
        best = max(scores, key=lambda name: scores[name])
        low, high = min(scores.values()), max(scores.values())
        if high > low:
            ahead.setdefault(called[best], []).append(row.name)
        if high - low > gap:
            largest, gap = f"{row.name} (F1 {low:.3f} and {high:.3f})", high - low
    said = "; ".join(f"{name} is better at {listed(some)}" for name, some in ahead.items())
    if not said:
        return "No class differs."
    return f"Class by class, {said}. They differ most in {largest}."


def _models(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    rows = [
        {
            "model": called[row.name],
            "test accuracy": row.accuracy.value,
            "low": row.accuracy.low,
            "high": row.accuracy.high,
            "validation accuracy": row.validation_accuracy,
            "over-fitting gap": row.gap,
            "parameters": row.parameters,
            "epochs": row.epochs or None,
            "seconds": row.training_seconds,
            "µs an image": row.prediction_seconds * 1e6,
        }
        for row in found.rows
    ]
    best = max(range(len(rows)), key=lambda at: found.rows[at].accuracy.value)
    note = "The gap is training less validation accuracy."
    return table("models", "The models", rows, best=[(best, "test accuracy")], note=note)


def _differences(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    rows = [
        {
            "pair": f"{called[one.first]} − {called[one.second]}",
            "difference": one.accuracy.value,
            "low": one.accuracy.low,
            "high": one.accuracy.high,
            "only first right": len(one.first_only),
            "only second right": len(one.second_only),
            "p": one.p_adjusted,
            "better": _better(one, called),
        }
        for one in found.comparison.differences
    ]
    test = found.comparison.differences[0].test
    note = f"{test} on the same test images; p after Holm's correction for all pairs."
    return table("differences", "Every difference, tested", rows, note=note)


def _repeats(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    rows = [
        {
            "pair": f"{called.get(one.first, one.first)} − {called.get(one.second, one.second)}",
            "difference": one.test.difference.value,
            "low": one.test.difference.low,
            "high": one.test.difference.high,
            "seeds": len(one.seeds),
            "p": one.test.p_value,
            "test": one.test.test,
        }
        for one in found.repeats
    ]
    note = "Ways of training, not trained models: each with other seeds."
    return table("repeats", "Differences over seeds", rows, note=note)


def _answers(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    """The first answers of two runs beside the truth, and the masks made of them."""
    classes, labels = found.comparison.class_names, found.comparison.labels
    rows: list[dict[str, Cell]] = []
    for at, label in enumerate(labels.tolist()):
        said = {called[name]: int(some[at]) for name, some in found.comparison.answers.items()}
        right = {name: answer == label for name, answer in said.items()}
        alone = {name: right[name] and sum(right.values()) == 1 for name in right}
        row: dict[str, Cell] = {"position": at, "class": classes[label]}
        row |= {name: classes[answer] for name, answer in said.items()}
        row |= {f"{name} right": one for name, one in right.items()}
        rows.append(row | {f"only {name} right": one for name, one in alone.items()})
    count = plural(len(labels), "answer")
    note = "Positions in the test split, from 0; the last four columns are the masks."
    return table("answers", f"The first {count} and labels, with masks", rows, note=note)


def _only(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    """Where only one of two runs is right: how often, and the first positions."""
    (one,) = found.comparison.differences
    shown = len(found.comparison.labels)
    ways = ((one.first, one.first_only), (one.second, one.second_only))
    rows = [
        {
            "only right": called[name],
            "pictures": len(where),
            "first positions": ", ".join(map(str, where[:shown].tolist())),
        }
        for name, where in ways
    ]
    note = "Positions in the test split, from 0."
    return table("indices", "Indices of what only one of them gets right", rows, note=note)


def _better(one: Difference, called: Mapping[str, str]) -> str:
    if one.p_adjusted > SURE:
        return "may be chance"
    return f"{called[one.first if one.accuracy.value > 0 else one.second]} is better"


def _classes(found: RunComparison, called: Mapping[str, str]) -> StudyTable:
    names = found.comparison.names
    rows: list[dict[str, Cell]] = []
    best = []
    for number, row in enumerate((*found.comparison.classes, *found.comparison.averages)):
        cells: dict[str, Cell] = {"class": row.name}
        for measure in MEASURES:
            for name in names:
                head = f"{measure} {called[name]}"
                cells[head] = float(getattr(row.scores[name], measure))
                # Where all are equal none is better.
                if name in row.best[measure] and len(row.best[measure]) < len(names):
                    best.append((number, head))
        rows.append(cells)
    return table("classes", "Class by class", rows, best=best)
