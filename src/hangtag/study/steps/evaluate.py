"""The step ``evaluate``: the test split is opened, once for every run of an earlier step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from hangtag.records import Evaluation, Outcome, StudyFigure, StudyTable
from hangtag.requests import command_line
from hangtag.rooms.evaluate.cautions import CHECKS
from hangtag.study.step import Setting, Step, by_variant
from hangtag.study.steps.train import run_folders
from hangtag.study.words import between, count, listed, spread
from hangtag.workbench.evaluate import evaluate
from hangtag.workbench.opening import open_run
from hangtag.workbench.report import case_of, evaluation_figures

if TYPE_CHECKING:
    from hangtag.runs import Run

FIGURES: dict[str, tuple[str, str]] = {
    "confusion": ("Confusion matrix", "Rows are the true classes, columns the answers."),
    "mistakes": (
        "The most wrong answers of every class",
        "One row per class; over each picture what it was taken for.",
    ),
    "calibration": ("Is it as sure as it should be?", "Accuracy against confidence."),
    "coverage": ("Answering only when sure", "Accuracy when the least sure answers are withheld."),
}


SAID_ONCE = (
    "a sample used where the whole was there",
    "near-copies of test pictures among the training pictures",
    "training accuracy far above validation accuracy",
)
"""What a run's own report warns of and a study says elsewhere: once for all, or where it trains."""


class EvaluateStep(Step):
    """Open the test split and say what models are worth."""

    verb: Literal["evaluate"]
    of: str = Field(description="The step `train` or `forest` whose runs are evaluated.")
    show: list[Literal["confusion", "mistakes", "calibration", "coverage"]] = Field(
        ["confusion", "mistakes"], description="Figures of each variant, first seed."
    )
    live: bool = Field(True, description="Whether confusion cells open their pictures.")

    def uses(self) -> tuple[str, ...]:
        """The step whose runs are evaluated."""
        return (self.of,)

    def carry_out(self, at: Setting) -> Outcome:
        """Evaluate."""
        folders = run_folders(at, self.of)
        found = {
            name: [evaluate(one, images=at.images, progress=at.progress) for one in some]
            for name, some in folders.items()
        }
        runs = {name: [open_run(one) for one in some] for name, some in folders.items()}
        seeds = at.before[self.of].seeds
        return Outcome(
            name=at.name,
            verb="evaluate",
            title=self.title or "What the models are worth",
            values=by_variant({name: _values(some) for name, some in found.items()}),
            seeds=seeds,
            words=_words(found, seeds),
            figures=tuple(_figures(at, runs, self.show)),
            tables=(
                _scores(found, seeds),
                *(_per_class(name, one[0]) for name, one in found.items()),
            ),
            cautions=_cautions(at, runs),
            commands=tuple(
                command_line("evaluate", some[0].folder.relative_to(at.study))
                for some in runs.values()
            ),
            runs={
                some[0].name: str(some[0].folder.relative_to(at.study)) for some in runs.values()
            },
            models=tuple(some[0].name for some in runs.values()) if self.live else (),
        )


def _values(found: list[Evaluation]) -> dict[str, Any]:
    """One number per seed for every score and average."""
    values: dict[str, Any] = {
        name: [float(one.scores[name].value) for one in found] for name in found[0].scores
    }
    for place, average in enumerate(found[0].averages):
        kind = average.name.split()[0]
        for measure in ("precision", "recall", "f1"):
            values[f"{kind}_{measure}"] = [
                float(getattr(one.averages[place], measure)) for one in found
            ]
    values["test"] = len(found[0])
    return values


def _words(found: Mapping[str, list[Evaluation]], seeds: tuple[int, ...]) -> tuple[str, ...]:
    said = []
    for name, some in found.items():
        score = some[0].scores["accuracy"]
        numbers = [one.scores["accuracy"].value for one in some]
        said.append(
            f"{name}: {spread(numbers, seeds)} of {count(score.n or len(some[0]), 'test picture')} "
            f"right; with the first seed {between(score)} at {score.level:.0%} confidence. "
            f"{_failing(some[0])}"
        )
    return tuple(said)


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
        said += f" ({count(pair.count, 'picture')})"
    return said + "."


def _scores(found: Mapping[str, list[Evaluation]], seeds: tuple[int, ...]) -> StudyTable:
    rows = []
    for name, some in found.items():
        for seed, one in zip(seeds, some, strict=False):
            accuracy = one.scores["accuracy"]
            weighted = next(row for row in one.averages if row.name.startswith("weighted"))
            loss = one.scores.get("loss")
            rows.append(
                (
                    name,
                    seed,
                    accuracy.value,
                    accuracy.low,
                    accuracy.high,
                    weighted.precision,
                    weighted.recall,
                    weighted.f1,
                    None if loss is None else loss.value,
                )
            )
    heads = ("model", "seed", "accuracy", "low", "high", "precision", "recall", "F1", "log loss")
    note = "On the test split; low and high are the ends of accuracy's 95 % interval; precision, "
    note += "recall and F1 are averages weighted by the pictures of each class."
    return StudyTable("scores", "Scores on the test split", heads, tuple(rows), note=note)


def _per_class(name: str, one: Evaluation) -> StudyTable:
    rows = tuple(
        (row.name, row.precision, row.recall, row.f1, row.support)
        for row in (*one.classes, *one.averages)
    )
    heads = ("class", "precision", "recall", "F1", "pictures")
    return StudyTable(f"classes-{name}", f"{name}: every class", heads, rows)


def _figures(at: Setting, runs: Mapping[str, list[Run]], show: Sequence[str]) -> list[StudyFigure]:
    made = []
    for name, some in runs.items():
        files = evaluation_figures(some[0], at.images, at.folder / name)
        for what in show:
            if what in files:
                title, caption = FIGURES[what]
                file = str(files[what].relative_to(at.folder))
                made.append(StudyFigure(file, f"{name}: {title[0].lower()}{title[1:]}", caption))
    return made


def _cautions(at: Setting, runs: Mapping[str, list[Run]]) -> tuple[str, ...]:
    """What the run's own report would warn of, once for all variants that it holds for."""
    said: dict[str, list[str]] = {}
    for name, some in runs.items():
        case = case_of(some[0], at.images)
        found = (check(case) for what, check in CHECKS.items() if what not in SAID_ONCE)
        for sentence in filter(None, found):
            said.setdefault(sentence, []).append(name)
    every = set(runs)
    return tuple(
        text if set(names) == every or len(every) == 1 else f"{listed(names)}: {text}"
        for text, names in said.items()
    )
