"""The step ``train``: models, each with several seeds; a run for each stays in the folder.

A kind of model is a value, ``model: forest``, or the verb itself with the options that its request
has: ``{verb: forest, n_estimators: [50, 100]}`` trains one with the study's own seed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from hangtag import atomic
from hangtag.errors import OptionError
from hangtag.estimators import estimator
from hangtag.estimators.choice import AUTO
from hangtag.estimators.trial_training import divided
from hangtag.records import Outcome, StudyFigure
from hangtag.records.network import NETWORK
from hangtag.requests import KINDS, KindRequest, TrainRequest
from hangtag.rooms.report.results import candidates
from hangtag.rooms.report.results import train as trainings
from hangtag.rooms.report.results.shared import figures
from hangtag.rooms.report.words import sentence
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.opening import open_run
from hangtag.workbench.report import learning_figures
from hangtag.workbench.train import resume, summary_of, train

if TYPE_CHECKING:
    from hangtag.runs import Run

RUNS = "runs"
Done = Mapping[str, list["Run"]]
"""Runs by variant, one per seed."""


@dataclass(frozen=True)
class Way:
    """A way to train: what is asked of the kind of model, and how to divide."""

    asked: Mapping[str, Any] = field(default_factory=dict)
    split: str | None = None


class Training(Step):
    """What all steps share that train."""

    @abstractmethod
    def of_kind(self) -> str:
        """The kind of model."""

    @abstractmethod
    def ways(self, context: StepContext) -> Mapping[str, Way]:
        """Each way to train, by its name."""

    def carry_out(self, context: StepContext) -> Outcome:
        """Train in every way with every seed."""
        ways, seeds = self.ways(context), self.chosen_seeds(context)
        todo = [(name, seed) for name in ways for seed in seeds]
        done: dict[str, list[Run]] = {name: [] for name in ways}
        for number, (name, seed) in enumerate(todo):
            context.progress("train", number, len(todo), f"{name}, seed {seed}")
            done[name].append(self._run(context, name, ways[name], seed))
        context.progress("train", len(todo), len(todo))
        tell = self._trained if self.of_kind() == NETWORK else self._chosen
        return replace(
            tell(context, done, seeds),
            commands=tuple(runs[0].config.command for runs in done.values()),
            runs={
                run.folder.name: str(run.folder.relative_to(context.study))
                for runs in done.values()
                for run in runs
            },
        )

    def _run(self, context: StepContext, name: str, way: Way, seed: int) -> Run:
        """Train, go on where it was killed, or take what is there."""
        folder = context.folder / RUNS / f"{name}-seed{seed}"
        if (folder / "run.json").is_file():
            run = open_run(folder)
            if run.stage == "training" and run.checkpoint.is_file():
                return resume(folder, images=context.images, progress=context.progress)
            if run.stage in {"trained", "evaluated"}:
                return run
        atomic.remove(folder)  # killed before its first checkpoint
        return train(
            context.source,
            model=self.of_kind(),
            **way.asked,
            split=context.how_to_divide(way.split or self.split),
            seed=seed,
            split_seed=self.chosen_seed(context),
            limit=context.limit,
            images=context.images,
            out=folder,
            progress=context.progress,
        )

    def _trained(self, context: StepContext, done: Done, seeds: tuple[int, ...]) -> Outcome:
        """What is said of models that were trained step by step."""
        made = trainings.told(
            {name: [run.history() for run in runs] for name, runs in done.items()},
            {name: summary_of(runs[0]) for name, runs in done.items()},
            seeds,
        )
        drawn = (
            trainings.learning(str(path.relative_to(context.folder)), name, seeds[0])
            for name, runs in done.items()
            for path in learning_figures(runs[0], context.folder / name).values()
        )
        return replace(made, figures=tuple(drawn))

    def _chosen(self, context: StepContext, done: Done, seeds: tuple[int, ...]) -> Outcome:
        """What is said of models that were chosen of several."""
        kind = estimator(self.of_kind())
        found = {}
        for name, runs in done.items():
            fits = [(run, kind.fitted(run)) for run in runs]
            found[name] = [
                candidates.Chosen(seed, run.candidates(), fit.words, fit.parameters, fit.effort)
                for seed, (run, fit) in zip(seeds, fits, strict=True)
            ]
        made = candidates.told(kind.title, found, one_seed=len(seeds) == 1 and self.seeds is None)
        several = len(done) > 1
        drawn = [_drawn(context, name, runs[0], several=several) for name, runs in done.items()]
        return replace(made, figures=tuple(one for some in drawn for one in some))


def _drawn(context: StepContext, name: str, run: Run, *, several: bool) -> tuple[StudyFigure, ...]:
    """What was tried as figures: those that the run has itself, or its report's."""
    own = [one for one in candidates.FIGURES if (run.folder / f"{one}.svg").is_file()]
    if own:
        files = {f"{one}.svg": f"{name}/{one}.svg" if several else f"{one}.svg" for one in own}
        for of_run, file in files.items():
            atomic.write_bytes(context.folder / file, (run.folder / of_run).read_bytes())
        return figures(candidates.FIGURES, files.values(), name if several else "")
    shown = estimator(run.config.spec.kind).shown(run)
    atomic.write_text(context.folder / f"{name}.svg", shown["diagram"])
    return (
        StudyFigure(f"{name}.svg", f"{name}: what was tried", sentence(shown["diagram_words"])),
    )


class Variant(BaseModel):
    """One way to train; what it does not say, the step says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: str | None = Field(None, description="A name that `hangtag summary` lists.")
    options: dict[str, Any] = Field(default_factory=dict, description="Of training.")
    changes: dict[str, Any] = Field(default_factory=dict, description="Of the network.")
    split: str | None = Field(None, description="How to divide.")
    rows: tuple[float, float] | None = Field(
        None,
        description="What it sees of each image, from top to bottom: [0, 0.5] is the upper half.",
    )


@asking(TrainRequest, without=("change", "split_seed", "limit"))
class TrainStep(Training):
    """Train."""

    verb: Literal["train"]
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

    def of_kind(self) -> str:
        """What `model` says; a network where it says nothing, since a recipe is not to choose."""
        said = self.asked_alone().model
        return NETWORK if said == AUTO else said

    def asked_alone(self) -> TrainRequest:
        """What is asked, whatever the study says."""
        return asked_by(self, TrainRequest, seed=None, split=None)

    def ways(self, context: StepContext) -> Mapping[str, Way]:
        """The variants."""
        asked, best = self.asked_alone(), _best_settings(context, self.best_of)
        said = {**best.get("options", {}), **self.options, **asked.training()}
        ways = {}
        for name, one in (self.variants or {context.name: Variant()}).items():
            options = {**said, **one.options}
            if self.of_kind() == NETWORK:
                options = {
                    "network": one.network or best.get("network") or asked.network,
                    "options": options,
                    "changes": {**best.get("changes", {}), **self.changes, **one.changes},
                    "rows": asked.rows if one.rows is None else _rows(one.rows, context),
                }
            ways[name] = Way(options, one.split)
        return ways


def _rows(proportions: tuple[float, float], context: StepContext) -> tuple[int, int]:
    first, last = (round(proportion * context.images.shape[0]) for proportion in proportions)
    return first, last


def _best_settings(context: StepContext, search: str | None) -> dict[str, Any]:
    """Network, options and changes of the best trial of an earlier search."""
    if search is None:
        return {}
    values = context.before[search].values
    found = values.get("best_parameters")
    if not isinstance(found, Mapping):
        raise OptionError(f"step '{search}' has no best settings", "it must be a `tune` step")
    options, changes = divided(found)
    if values.get("epochs") is not None:
        options = {"epochs": values["epochs"], **options}
    return {"network": values["network"], "options": options, "changes": changes}


class KindStep(Training):
    """Train a model of the kind that is the verb."""

    def of_kind(self) -> str:
        """The verb."""
        return str(self.verb)  # type: ignore[attr-defined]  # each kind's own has one

    def chosen_seeds(self, context: StepContext) -> tuple[int, ...]:
        """One, unless several were given."""
        return (self.chosen_seed(context),) if self.seeds is None else tuple(self.seeds)

    def ways(self, context: StepContext) -> Mapping[str, Way]:
        """As it is asked."""
        return {context.name: Way(asked_by(self, KINDS[self.of_kind()], seed=None).options)}


def _called(kind: str, request: type[KindRequest]) -> type[Step]:
    """The step whose verb is a kind of model."""
    made = create_model(
        f"{kind.capitalize()}Step",
        __base__=KindStep,
        __module__=__name__,
        __doc__=request.__doc__,
        verb=(Literal[kind], ...),  # type: ignore[arg-type]  # a value, known when this runs
    )
    return asking(request)(made)


KIND_STEPS: Mapping[str, type[Step]] = {kind: _called(kind, one) for kind, one in KINDS.items()}
"""For each kind of model the step that is called like it."""
