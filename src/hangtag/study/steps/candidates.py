"""What a step ``train`` says of models that were chosen of several: every one, and the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from hangtag import atomic
from hangtag.estimators import estimator_of
from hangtag.records import Outcome, StudyFigure, StudyTable
from hangtag.study.step import Setting, by_variant
from hangtag.study.words import count, percent, spread

if TYPE_CHECKING:
    from hangtag.runs import Run


def chosen_outcome(
    title: str, at: Setting, done: Mapping[str, list[Run]], seeds: tuple[int, ...]
) -> Outcome:
    """The outcome of runs that each tried several models.

    Args:
        title: Of the section; empty for the kind's own.
        at: Where the step is carried out.
        done: Runs by variant, one per seed.
        seeds: Theirs.
    """
    first = next(iter(done.values()))[0]
    return Outcome(
        name=at.name,
        verb="train",
        title=title or estimator_of(first.config.spec).title,
        values=by_variant({name: _values(runs) for name, runs in done.items()}),
        seeds=seeds,
        words=tuple(_words(name, runs, seeds) for name, runs in done.items()),
        figures=tuple(_figure(at, name, runs[0]) for name, runs in done.items()),
        tables=(_table(done),),
        cautions=tuple(dict.fromkeys(n for runs in done.values() for n in _notes(runs))),
        commands=tuple(runs[0].config.command for runs in done.values()),
        runs={
            run.folder.name: str(run.folder.relative_to(at.study))
            for runs in done.values()
            for run in runs
        },
    )


def _values(runs: Sequence[Run]) -> dict[str, Any]:
    fits = [estimator_of(run.config.spec).fitted(run) for run in runs]
    chosen = [run.candidates().chosen for run in runs]
    values: dict[str, Any] = {
        "accuracy": [one.training for one in fits],
        "val_accuracy": [one.validation for one in fits],
        "parameters": fits[0].parameters,
        "seconds": [run.candidates().seconds for run in runs],
    }
    return values | {f"best_{name}": value for name, value in chosen[0].parameters.items()}


def _words(name: str, runs: Sequence[Run], seeds: tuple[int, ...]) -> str:
    kind, tried = estimator_of(runs[0].config.spec), runs[0].candidates()
    validation = [run.candidates().chosen.validation.accuracy for run in runs]
    training = mean(run.candidates().chosen.training.accuracy for run in runs)
    return (
        f"{name}: {count(len(tried), 'candidate')} were compared on validation pictures. The best "
        f"is {kind.fitted(runs[0]).words}: validation accuracy {spread(validation, seeds)}, "
        f"training accuracy {percent(training)}."
    )


def _figure(at: Setting, name: str, run: Run) -> StudyFigure:
    shown = estimator_of(run.config.spec).shown(run)
    file = f"{name}.svg"
    atomic.write_text(at.folder / file, shown["diagram"])
    return StudyFigure(file, f"{name}: what was tried", f"{shown['diagram_words']}.")


def _table(done: Mapping[str, list[Run]]) -> StudyTable:
    rows: list[tuple[Any, ...]] = []
    best: list[tuple[int, int]] = []
    for name, runs in done.items():
        for run in runs:
            tried = run.candidates()
            for number, row in enumerate(tried.rows):
                if number == tried.best:
                    best.append((len(rows), 4))
                said = ", ".join(f"{key} {value}" for key, value in row.parameters.items())
                scores = (row.training.accuracy, row.validation.accuracy)
                rows.append((name, run.config.options.seed, said, *scores, row.seconds))
    heads = ("variant", "seed", "tried", "training accuracy", "validation accuracy", "seconds")
    note = "Chosen by validation accuracy; training scores are optimistic."
    return StudyTable("candidates", "Every candidate", heads, tuple(rows), tuple(best), note)


def _notes(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(f"{one[0].upper()}{one[1:]}." for run in runs for one in run.candidates().notes)
