"""Searches of kinds that are a few arrays: their options go in, validation accuracy comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from hangtag.estimators import trial_training as trials
from hangtag.estimators.base import Fold
from hangtag.estimators.search import (
    LUCKY,
    SearchRequest,
    asked_features,
    check_features,
    check_no_network,
    check_objective,
    command_of,
    ends,
)
from hangtag.records import ImageSet, Measurement, Parameters, Source, Split, Trials
from hangtag.requests import KindRequest, options_of
from hangtag.rooms import tune as tune_room
from hangtag.rooms.tune import Reporter


class Scored(Protocol):
    """A kind that can be fitted to a part of a fold and scored on the other."""

    @property
    def name(self) -> str:
        """What it is asked for by."""

    @property
    def record(self) -> type[KindRequest]:
        """What is asked of it."""

    def request(self, asked: Mapping[str, Any], seed: int) -> Any:  # noqa: ANN401 - its own record
        """What was asked as a record."""

    def score(self, options: Any, images: ImageSet, fold: Fold) -> float:  # noqa: ANN401
        """Fit on one part of a fold; accuracy on the other."""


@dataclass(frozen=True, eq=False)
class ClassicalObjective:
    """Fits a kind with the parameters it is given, and says what it is worth.

    Attributes:
        estimator: The kind.
        images: Training and validation images; no test image is among them.
        folds: Positions to fit on and to be right about.
        seed: The same in every trial.
        fixed: Options that all trials have.
    """

    estimator: Scored
    images: ImageSet
    folds: tuple[Fold, ...]
    seed: int = 0
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, parameters: Parameters, watch: Reporter, /) -> Measurement:  # noqa: ARG002
        """Fit, once per fold."""
        options = self.estimator.request({**self.fixed, **parameters}, self.seed)
        values = tuple(self.estimator.score(options, self.images, fold) for fold in self.folds)
        return Measurement(float(np.mean(values)), values)


class ClassicalSearch:
    """Searches of one kind."""

    objectives: Mapping[str, tuple[str, bool]] = {"val_accuracy": ("validation accuracy", True)}

    cautions = (LUCKY,)

    def __init__(self, estimator: Scored) -> None:
        self._estimator = estimator

    def again(self, found: Trials, source: Source) -> str:
        """Fitting the best one alone."""
        best = {} if found.best is None else found.best.parameters
        split = found.asked["split"]
        said = found.asked.get("features")
        return command_of(self._estimator.name, source, found, best, split=split, features=said)

    def check(self, request: SearchRequest) -> None:
        """Names and values must be those of the kind's options."""
        check_objective(request.objective, self.objectives)
        check_no_network(request)
        known = {
            name: one for name, one in options_of(self._estimator.record).items() if name != "seed"
        }
        check_features(request, known)
        tune_room.check_names(request.space, list(known))
        for one, value in ends(request.space):
            self._estimator.request({one.name: value}, 0)

    def own_split(self, request: SearchRequest, images: ImageSet, sampled: bool) -> str:  # noqa: ARG002
        """As the kind itself divides."""
        return "auto"

    def asked(self, request: SearchRequest) -> dict[str, Any]:
        """The model and the folds."""
        return {"model": request.model, "folds": request.folds, **asked_features(request)}

    def objective(
        self,
        request: SearchRequest,
        images: ImageSet,
        split: Split,
        *,
        seed: int,
        workers: int,  # noqa: ARG002
    ) -> ClassicalObjective:
        """What fits on training images."""
        kept, folds = trials.folds_of(images, split, folds=request.folds, seed=seed)
        return ClassicalObjective(
            self._estimator, images.take(kept), folds, seed, asked_features(request)
        )
