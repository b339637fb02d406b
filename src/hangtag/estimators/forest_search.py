"""Parameters of a forest go in, its accuracy on validation images comes out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.estimators import trial_training as trials
from hangtag.estimators.points import features_on, preprocessing_and_axes
from hangtag.estimators.search import (
    LUCKY,
    SearchRequest,
    asked_features,
    check_features,
    check_no_network,
    check_objective,
    command_of,
    ends,
    group,
    others,
    proportion_or_count,
    whole,
)
from hangtag.records import (
    Candidate,
    ImageSet,
    Measurement,
    Parameters,
    Source,
    Split,
    Trials,
    Value,
)
from hangtag.rooms import forest as room
from hangtag.rooms import tune as tune_room
from hangtag.rooms.forest import Growth
from hangtag.rooms.forest.kinds import check_growth
from hangtag.rooms.tune import Reporter

DEFAULTS: dict[str, Value] = {
    "n_estimators": 100,
    "max_depth": None,
    "kind": "random-forest",
    "criterion": "gini",
    "max_features": "sqrt",
    "min_samples_leaf": 1,
    "pca": None,
}
"""What can be searched, and what it is when it is not: scikit-learn's defaults."""

DEEPEST = 1000
UNLIMITED = int(np.iinfo(np.int32).max)
_GROWTH = ("criterion", "max_features", "min_samples_leaf")

Points = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class ForestObjective:
    """Grows a forest with the parameters it is given, and says what it is worth.

    The first m trees of a forest are the forest of m trees, so forests that differ only in their
    number of trees and are known to be asked for are all read off the largest one.

    Attributes:
        data: The images and folds; no test image is among them.
        measure: ``accuracy``, ``precision``, ``recall`` or ``f1`` on validation images.
        seed: Of the trees, the same in every trial.
        features: What all trees see, where `images` are given; otherwise pixels, or axes of them.
        images: The set that `data` is from, if features are seen of it.
    """

    data: trials.TrainingData
    measure: str
    seed: int = 0
    features: str = "pixels"
    images: ImageSet | None = None
    _upcoming: list[Parameters] = field(default_factory=list)
    _known: dict[str, Measurement] = field(default_factory=dict)
    _points: dict[tuple[int, Value], Points] = field(default_factory=dict)

    def expect(self, upcoming: Sequence[Parameters], /) -> None:
        """Hear what will be asked."""
        self._upcoming[:] = [DEFAULTS | dict(one) for one in upcoming]

    def __call__(self, parameters: Parameters, watch: Reporter, /) -> Measurement:  # noqa: ARG002
        """Grow, once per fold."""
        wanted = DEFAULTS | dict(parameters)
        if repr(wanted) not in self._known:
            sizes = group(wanted, self._upcoming, "n_estimators")
            for size, found in zip(sizes, self._measured(wanted, sizes), strict=True):
                self._known[repr({**wanted, "n_estimators": size})] = found
            key = others(wanted, "n_estimators")
            self._upcoming[:] = [
                one for one in self._upcoming if others(one, "n_estimators") != key
            ]
        return self._known[repr(wanted)]

    def _measured(self, wanted: Mapping[str, Any], sizes: list[int]) -> list[Measurement]:
        began = time.perf_counter()
        folds = [self._cells(wanted, sizes, place) for place in range(len(self.data.folds))]
        # Sizes were measured as one: each trial is said to have taken its part, so that all add up
        # to the truth.
        seconds_each = (time.perf_counter() - began) / len(sizes)
        return [self._mean(cells, seconds_each) for cells in zip(*folds, strict=True)]

    def _cells(
        self, wanted: Mapping[str, Any], sizes: list[int], place: int
    ) -> tuple[Candidate, ...]:
        train, validate = self.data.folds[place]
        points, chosen = self._points_of(place, wanted["pca"])
        found, _ = room.grid(
            points,
            self.data.labels[train],
            validation=(chosen, self.data.labels[validate]),
            n_estimators=sizes,
            max_depths=[UNLIMITED if wanted["max_depth"] is None else wanted["max_depth"]],
            kind=wanted["kind"],
            growth=Growth(**{name: wanted[name] for name in _GROWTH}),
            seed=self.seed,
            n_classes=self.data.n_classes,
        )
        return found.rows

    def _points_of(self, place: int, pca: Value) -> Points:
        """The points of a fold; only those of the last number of axes are kept."""
        if (place, pca) not in self._points:
            # Points of one number of axes may be most of the memory; trials with another one seldom
            # come back.
            for other in [key for key in self._points if key[1] != pca]:
                del self._points[other]
            train, validate = self.data.folds[place]
            if self.images is not None:
                found = features_on(self.images, train, self.features)
                self._points[place, pca] = (
                    found.at(self.images, train),
                    found.at(self.images, validate),
                )
                return self._points[place, pca]
            images = self.data.images
            preprocessing, axes = preprocessing_and_axes(images[train], pca)
            self._points[place, pca] = (
                room.points_of(images[train], preprocessing, axes),
                room.points_of(images[validate], preprocessing, axes),
            )
        return self._points[place, pca]

    def _mean(self, cells: Sequence[Candidate], seconds: float) -> Measurement:
        values = tuple(float(getattr(cell.validation, self.measure)) for cell in cells)
        training = [getattr(cell.training, self.measure) for cell in cells]
        facts = {f"training {self.measure}": float(np.mean(training))}
        return Measurement(float(np.mean(values)), values, facts, seconds)


class ForestSearch:
    """Searches of forests."""

    objectives: Mapping[str, tuple[str, bool]] = {
        f"val_{name}": (f"validation {name}", True)
        for name in ("accuracy", "precision", "recall", "f1")
    }

    cautions = (LUCKY, "a grid over trees and depths costs least with hangtag forest itself")

    def again(self, found: Trials, source: Source) -> str:
        """Growing the best one alone."""
        best = dict(found.best.parameters) if found.best is not None else {}
        # hangtag forest takes numbers only; no tree is as deep as this.
        best["max_depth"] = best.get("max_depth") or DEEPEST
        best.setdefault("n_estimators", 100)
        same = {name: found.asked.get(name) for name in ("split", "features")}
        return command_of("forest", source, found, best, **same)

    def check(self, request: SearchRequest) -> None:
        """Names and values must be those of a forest."""
        check_objective(request.objective, self.objectives)
        check_no_network(request)
        check_features(request, DEFAULTS)
        tune_room.check_names(request.space, DEFAULTS)
        for one, value in ends(request.space):
            _check_value(one.name, value)

    def own_split(self, request: SearchRequest, images: ImageSet, sampled: bool) -> str:  # noqa: ARG002
        """As ``hangtag forest`` divides."""
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
    ) -> ForestObjective:
        """What grows forests on training images."""
        given = trials.training_data(images, split, folds=request.folds, seed=seed)
        name = (request.objective or next(iter(self.objectives))).removeprefix("val_")
        if request.features is None:
            return ForestObjective(given, name, seed)
        kept, _ = trials.folds_of(images, split, folds=request.folds, seed=seed)
        seen = asked_features(request)["features"]
        return ForestObjective(given, name, seed, seen, images.take(kept))


def _check_value(name: str, value: Value) -> None:
    if name == "n_estimators" or (name == "max_depth" and value is not None):
        whole(name, value)
    elif name == "kind" and value not in room.KINDS:
        raise OptionError(f"there is no forest of kind '{value}'", nearest(str(value), room.KINDS))
    elif name == "pca":
        proportion_or_count(name, value)
    elif name in _GROWTH:
        given: dict[str, Any] = {name: value}
        check_growth(Growth(**given))
