"""Evaluations told: how many test images are right, and where each model fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hangtag.records import Evaluation, Outcome, StudyTable
from hangtag.rooms.report.results.shared import by_variant, table
from hangtag.rooms.report.words import percent_range, plural, spread

ANSWERED = "answered"
"""The score that only a model with a threshold has."""
CALLED = {"loss": "log loss", "auc": "AUC", "strange": "unlike anything seen"}
"""Scores whose name alone says too little."""
FIGURES = {
    "confusion": ("Confusion matrix", "Rows are the true classes, columns the answers."),
    "mistakes": (
        "The most wrong answers of every class",
        "One row per class; over each image what it was taken for.",
    ),
    "calibration": ("Is it as sure as it should be?", "Accuracy against confidence."),
    "coverage": ("Answering only when sure", "Accuracy when the least sure answers are withheld."),
    "roc": ("ROC curves", "Each class against the rest; those ranked worst are named."),
    "precision-recall": ("Precision–recall curves", "Likewise."),
}


def told(found: Mapping[str, Sequence[Evaluation]], seeds: Sequence[int]) -> Outcome:
    """Tell of evaluations.

    Args:
        found: Of each variant those of its runs.
        seeds: Of the runs, in their order.
    """
    return Outcome(
        name="",
        verb="evaluate",
        title="What the models are worth",
        values=by_variant({name: _values(some) for name, some in found.items()}),
        seeds=tuple(seeds),
        words=tuple(_words(name, some, seeds) for name, some in found.items()),
        tables=(
            _scores(found, seeds),
            *(_classes(f"classes-{name}", name, some[0]) for name, some in found.items()),
        ),
    )


def of_one(one: Evaluation) -> Outcome:
    """Tell of one evaluation: every score and average with its interval, and every class.

    Args:
        one: The evaluation.
    """
    return Outcome(
        name="",
        verb="evaluate",
        title="What the model is worth",
        values=_values([one]),
        words=(_failing(one),),
        tables=(_with_intervals(one), _classes("classes", "", one)),
    )


def _with_intervals(one: Evaluation) -> StudyTable:
    scores = {CALLED.get(name, name.replace("_", " ")): score for name, score in one.scores.items()}
    for average in one.averages:
        scores |= {f"{average.name} {name}": score for name, score in average.intervals.items()}
    rows = [
        # Four digits whatever else is in the column: a log loss may be a hundred times an accuracy.
        {"score": name, "value": f"{score.value:.4f}", "low": score.low, "high": score.high}
        for name, score in scores.items()
    ]
    refused = {name: score.reason for name, score in scores.items() if score.ends is None}
    note = "".join(f" No interval for {name}: {why}." for name, why in refused.items())
    level = next(iter(one.scores.values())).level
    return table(
        "scores", f"Scores on the test split, {level:.0%} intervals", rows, note=note.strip()
    )


def _values(found: Sequence[Evaluation]) -> dict[str, Any]:
    """One number per seed for every average, and every score that all runs have."""
    names = [name for name in found[0].scores if all(name in one.scores for one in found)]
    values: dict[str, Any] = {
        name: [float(one.scores[name].value) for one in found] for name in names
    }
    # A run of one seed may find no threshold where others do: it then answers for no image.
    if any(ANSWERED in one.scores for one in found):
        told_of = [one.scores.get(ANSWERED) for one in found]
        values[ANSWERED] = [0.0 if one is None else float(one.value) for one in told_of]
    for place, average in enumerate(found[0].averages):
        kind = average.name.split()[0]
        for measure in ("precision", "recall", "f1"):
            each = [float(getattr(one.averages[place], measure)) for one in found]
            values[f"{kind}_{measure}"] = each
    return {**values, "test": len(found[0])}


def _words(name: str, found: Sequence[Evaluation], seeds: Sequence[int]) -> str:
    score = found[0].scores["accuracy"]
    proportions = [one.scores["accuracy"].value for one in found]
    tested = plural(score.n or len(found[0]), "test image")
    return (
        f"{name}: {spread(proportions, seeds)} of {tested} right; with the first seed "
        f"{percent_range(score)} at {score.level:.0%} confidence. {_failing(found[0])}"
    )


def _failing(one: Evaluation) -> str:
    """Where a model fails: its worst class and the pair it confuses most."""
    known = [row for row in one.classes if row.support]
    worst, best = min(known, key=lambda row: row.f1), max(known, key=lambda row: row.f1)
    said = (
        f"It is best at {best.name} (F1 {best.f1:.3f}) and worst at {worst.name} ({worst.f1:.3f})"
    )
    if one.pairs:
        pair = one.pairs[0]
        names = one.confusion.class_names
        said += f"; most often it takes {names[pair.label]} for {names[pair.predicted]}"
        said += f" ({plural(pair.count, 'image')})"
    return said + "."


def _scores(found: Mapping[str, Sequence[Evaluation]], seeds: Sequence[int]) -> StudyTable:
    rows = []
    for name, some in found.items():
        for seed, one in zip(seeds, some, strict=False):
            accuracy, loss = one.scores["accuracy"], one.scores.get("loss")
            weighted = next(row for row in one.averages if row.name.startswith("weighted"))
            rows.append(
                {
                    "model": name,
                    "seed": seed,
                    "accuracy": accuracy.value,
                    "low": accuracy.low,
                    "high": accuracy.high,
                    "precision": weighted.precision,
                    "recall": weighted.recall,
                    "F1": weighted.f1,
                    "log loss": None if loss is None else loss.value,
                }
            )
    note = "On the test split; low and high are the ends of accuracy's 95 % interval; precision, "
    note += "recall and F1 are averages weighted by the images of each class."
    return table("scores", "Scores on the test split", rows, note=note)


def _classes(file: str, name: str, one: Evaluation) -> StudyTable:
    rows = [
        {
            "class": row.name,
            "precision": row.precision,
            "recall": row.recall,
            "F1": row.f1,
            "support": row.support,
        }
        for row in (*one.classes, *one.averages)
    ]
    return table(file, f"Classification report: {name}" if name else "Classification report", rows)
