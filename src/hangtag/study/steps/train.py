"""The step ``train``: networks, each with several seeds; a run for each stays in the folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hangtag import atomic
from hangtag.errors import OptionError
from hangtag.estimators.trial_training import divided
from hangtag.records import History, Outcome, StudyFigure, StudyTable
from hangtag.study.step import Setting, Step, by_variant
from hangtag.study.steps.candidates import chosen_outcome
from hangtag.study.words import percent, spread
from hangtag.workbench.opening import open_run
from hangtag.workbench.report import learning_figures
from hangtag.workbench.train import resume, summary_of, train

if TYPE_CHECKING:
    from hangtag.runs import Run

RUNS = "runs"
GAP = 0.03  # training accuracy this far above validation accuracy is worth a sentence


class Variant(BaseModel):
    """One way to train; what it does not say, the step says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: str | None = Field(None, description="A name that `hangtag summary` lists.")
    options: dict[str, Any] = Field(default_factory=dict, description="Of training.")
    changes: dict[str, Any] = Field(default_factory=dict, description="Of the network.")
    split: str | None = Field(None, description="How to divide.")
    rows: tuple[float, float] | None = Field(
        None,
        description="What it sees of each picture, from top to bottom: [0, 0.5] is the upper half.",
    )


class TrainStep(Step):
    """Train."""

    verb: Literal["train"]
    model: str = Field("network", description="The kind of model: network, forest, linear, ….")
    network: str = Field("s0-cnn", description="A name that `hangtag summary` lists.")
    options: dict[str, Any] = Field(
        default_factory=dict, description="Of training; of the model, where it is no network."
    )
    changes: dict[str, Any] = Field(default_factory=dict, description="Of the network.")
    variants: dict[str, Variant] = Field(
        default_factory=dict, description="Several ways to train, each by a name."
    )
    best_of: str | None = Field(
        None, description="A step `tune` whose best settings are taken; options come after them."
    )

    def uses(self) -> tuple[str, ...]:
        """The search whose best settings are taken."""
        return () if self.best_of is None else (self.best_of,)

    def carry_out(self, at: Setting) -> Outcome:
        """Train every variant with every seed."""
        seeds = self.chosen_seeds(at)
        ways = self.variants or {at.name: Variant()}
        done: dict[str, list[Run]] = {}
        total = len(ways) * len(seeds)
        for number, (name, way) in enumerate(ways.items()):
            done[name] = []
            for place, seed in enumerate(seeds):
                at.progress("train", number * len(seeds) + place, total, f"{name}, seed {seed}")
                done[name].append(self._run(at, name, way, seed))
        at.progress("train", total, total)
        if self.model != "network":
            return chosen_outcome(self.title, at, done, seeds)
        return _outcome(self, at, done, seeds)

    def _run(self, at: Setting, name: str, way: Variant, seed: int) -> Run:
        """Train, go on where it was killed, or take what is there."""
        folder = at.folder / RUNS / f"{name}-seed{seed}"
        if (folder / "run.json").is_file():
            run = open_run(folder)
            if run.stage == "training" and run.checkpoint.is_file():
                return resume(folder, images=at.images, progress=at.progress)
            if run.stage in {"trained", "evaluated"}:
                return run
        atomic.remove(folder)  # killed before its first checkpoint
        return train(
            at.source,
            model=self.model,
            **self._asked(at, way),
            split=at.how_to_divide(way.split or self.split),
            seed=seed,
            split_seed=self.chosen_seed(at),
            limit=at.limit,
            images=at.images,
            out=folder,
            progress=at.progress,
        )

    def _asked(self, at: Setting, way: Variant) -> dict[str, Any]:
        """What is asked of the kind of model."""
        if self.model != "network":
            return {**self.options, **way.options}
        best = _best_settings(at, self.best_of)
        return {
            "network": way.network or best.get("network") or self.network,
            "options": {**best.get("options", {}), **self.options, **way.options},
            "changes": {**best.get("changes", {}), **self.changes, **way.changes},
            "rows": _rows(way, at.images.shape[0]),
        }


def _rows(way: Variant, height: int) -> tuple[int, int] | None:
    if way.rows is None:
        return None
    return round(way.rows[0] * height), round(way.rows[1] * height)


def _best_settings(at: Setting, search: str | None) -> dict[str, Any]:
    """Network, options and changes of the best trial of an earlier search."""
    if search is None:
        return {}
    found = at.before[search].values.get("best_parameters")
    if not isinstance(found, Mapping):
        raise OptionError(f"step '{search}' has no best settings", "it must be a `tune` step")
    options, changes = divided(found)
    epochs = at.before[search].values.get("epochs")
    if epochs is not None and "epochs" not in options:
        options["epochs"] = epochs
    return {
        "network": at.before[search].values["network"],
        "options": options,
        "changes": changes,
    }


def _outcome(
    step: TrainStep, at: Setting, done: Mapping[str, list[Run]], seeds: tuple[int, ...]
) -> Outcome:
    histories = {name: [run.history() for run in runs] for name, runs in done.items()}
    values = {name: _values(histories[name], summary_of(runs[0])) for name, runs in done.items()}
    return Outcome(
        name=at.name,
        verb="train",
        title=step.title or "Training",
        values=by_variant(values),
        seeds=seeds,
        words=_words(histories, seeds),
        figures=tuple(_figures(at, done)),
        tables=(_table(done, histories),),
        cautions=tuple(_cautions(histories)),
        commands=tuple(runs[0].config.command for runs in done.values()),
        runs={
            run.folder.name: str(run.folder.relative_to(at.study))
            for runs in done.values()
            for run in runs
        },
    )


def _values(histories: list[History], facts: Mapping[str, Any]) -> dict[str, Any]:
    """One number per seed for every curve, at the epoch whose weights were kept."""
    values: dict[str, Any] = {
        name: [float(one.last(name)) for one in histories] for name in histories[0].curves
    }
    for name in histories[0].curves:
        pick = min if name.endswith("loss") else max
        values[f"best_{name}"] = [float(pick(one.curves[name])) for one in histories]
    values |= {
        "parameters": facts["parameters"],
        "trainable": facts["trainable"],
        "fixed": facts["non_trainable"],
        "biases": facts["biases"],
        "epochs": [len(one) for one in histories],
        "seconds": [float(sum(one.seconds)) for one in histories],
    }
    if all(one.best_epoch is not None for one in histories):
        values["best_epoch"] = [int(one.best_epoch or 0) + 1 for one in histories]
    return values


def _words(histories: Mapping[str, list[History]], seeds: tuple[int, ...]) -> tuple[str, ...]:
    said = []
    for name, found in histories.items():
        curve = "val_accuracy" if "val_accuracy" in found[0].curves else "accuracy"
        what = "validation" if curve.startswith("val_") else "training"
        numbers = [one.last(curve) for one in found]
        epochs = mean(len(one) for one in found)
        said.append(
            f"{name}: {what} accuracy {spread(numbers, seeds)} after {epochs:.3g} "
            f"{'epoch' if epochs == 1 else 'epochs'} of "
            f"{mean(mean(one.seconds) for one in found):.2g} s."
        )
    ranked = _ranked(histories)
    if len(ranked) > 1:
        said.append(
            f"By validation accuracy, which is what may be chosen by, {ranked[0]} is best and "
            f"{ranked[-1]} worst."
        )
    return tuple(said)


def _ranked(histories: Mapping[str, list[History]]) -> list[str]:
    known = {
        name: mean(one.last("val_accuracy") for one in found)
        for name, found in histories.items()
        if "val_accuracy" in found[0].curves
    }
    return sorted(known, key=lambda name: -known[name])


def _cautions(histories: Mapping[str, list[History]]) -> list[str]:
    said = []
    for name, found in histories.items():
        if not {"accuracy", "val_accuracy"} <= set(found[0].curves):
            continue
        training = mean(one.last("accuracy") for one in found)
        validation = mean(one.last("val_accuracy") for one in found)
        if training - validation > GAP:
            said.append(
                f"{name} is right for {percent(training)} of its training pictures and "
                f"{percent(validation)} of the validation pictures: training accuracy is not the "
                "model's accuracy and is quoted nowhere as such."
            )
    return said


def _figures(at: Setting, done: Mapping[str, list[Run]]) -> list[StudyFigure]:
    made = []
    for name, runs in done.items():
        files = learning_figures(runs[0], at.folder / name)
        for what, path in files.items():
            curve = what.removeprefix("learning-")
            made.append(
                StudyFigure(
                    str(path.relative_to(at.folder)),
                    f"{name}: {curve}",
                    f"By epoch, training (drawn half an epoch to the left) and validation, seed "
                    f"{runs[0].config.training.seed}.",
                )
            )
    return made


def _table(done: Mapping[str, list[Run]], histories: Mapping[str, list[History]]) -> StudyTable:
    curves = list(dict.fromkeys(c for found in histories.values() for c in found[0].curves))
    rows = []
    for name, runs in done.items():
        for run, history in zip(runs, histories[name], strict=True):
            values = [history.last(one) if one in history.curves else None for one in curves]
            rows.append(
                (name, run.config.training.seed, len(history), *values, sum(history.seconds))
            )
    heads = ("variant", "seed", "epochs", *(one.replace("_", " ") for one in curves), "seconds")
    note = "At the epoch whose weights were kept. Training accuracy is optimistic."
    return StudyTable("runs", "Every training", heads, tuple(rows), note=note)


def run_folders(at: Setting, step: str) -> dict[str, list[Path]]:
    """The runs of an earlier training by variant, in the order of its seeds."""
    outcome = at.before[step]
    found: dict[str, list[Path]] = {}
    for name, folder in outcome.runs.items():
        found.setdefault(name.rpartition("-seed")[0] or name, []).append(at.study / folder)
    return found
