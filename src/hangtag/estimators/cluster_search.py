"""Parameters of a clustering go in, how well it describes images comes out; no class is used."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.estimators.search import (
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
from hangtag.estimators.seeing import seen
from hangtag.geometry.principal import axes_of, points_on
from hangtag.records import (
    ImageSet,
    Measurement,
    MixtureRow,
    Parameters,
    Source,
    Split,
    SweepRow,
    Trials,
    Value,
)
from hangtag.requests import ClusterRequest
from hangtag.rooms import cluster as room
from hangtag.rooms import tune as tune_room
from hangtag.rooms.cluster.method import Method
from hangtag.rooms.tune import Reporter


def defaults(method: str) -> dict[str, Value]:
    """What can be searched of a method, and what it is when it is not: as ``hangtag cluster``."""
    how = room.METHODS[method]
    own = how.options
    searched = {name: own[name] for name in own if name in {"n_init", *how.choices}}
    return {"k": 10, "pca": ClusterRequest().pca, **searched}


Row = SweepRow | MixtureRow


@dataclass(frozen=True, eq=False)
class ClusterObjective:
    """Clusters images with the parameters it is given, and says how well that describes them.

    Numbers of clusters that are known to be asked for, all else being the same, are one sweep.

    Attributes:
        images: ``(n, height, width, channels)`` uint8; no test image is among them.
        method: A name in ``hangtag.families.CLUSTERERS``.
        measure: The column of the sweep's table, such as ``silhouette``.
        seed: Of the starts, the same in every trial.
        points: ``(n, d)`` what is seen of the images; None for axes of their pixels.
    """

    images: NDArray[np.uint8]
    method: str
    measure: str
    seed: int = 0
    points: NDArray[np.float32] | None = None
    _upcoming: list[Parameters] = field(default_factory=list)
    _known: dict[str, Measurement] = field(default_factory=dict)
    _points: dict[Value, NDArray[np.float32]] = field(default_factory=dict)

    def expect(self, upcoming: Sequence[Parameters], /) -> None:
        """Hear what will be asked."""
        self._upcoming[:] = [defaults(self.method) | dict(one) for one in upcoming]

    def __call__(self, parameters: Parameters, watch: Reporter, /) -> Measurement:  # noqa: ARG002
        """Cluster."""
        wanted = defaults(self.method) | dict(parameters)
        if repr(wanted) not in self._known:
            possible = [k for k in group(wanted, self._upcoming, "k") if k <= len(self.images)]
            began = time.perf_counter()
            # What cannot be is left to say so when it is asked for by itself.
            rows = self._rows(wanted, possible if wanted["k"] in possible else [wanted["k"]])
            seconds_each = (time.perf_counter() - began) / len(rows)
            for row in rows:
                self._known[repr({**wanted, "k": row.k})] = self._measurement(
                    row, wanted, seconds_each
                )
            key = others(wanted, "k")
            self._upcoming[:] = [one for one in self._upcoming if others(one, "k") != key]
        return self._known[repr(wanted)]

    def _rows(self, wanted: Mapping[str, Any], ks: Sequence[Any]) -> Sequence[Row]:
        pca = wanted["pca"]
        if pca not in self._points:
            self._points.clear()
            self._points[pca] = (
                points_on(axes_of(self.images, pca), self.images)
                if self.points is None
                else self.points
            )
        points = self._points[pca]
        own = {name: wanted[name] for name in wanted if name not in {"k", "pca"}}
        how = room.METHODS[self.method]
        return how.sweep(points, ks, seed=self.seed, rule=how.rules[0], **own).rows

    def _measurement(self, row: Row, wanted: Mapping[str, Any], seconds: float) -> Measurement:
        facts = {name: value for name, value in vars(row).items() if isinstance(value, int | float)}
        facts |= {"axes": self._points[wanted["pca"]].shape[1]}
        del facts["k"]
        return Measurement(float(getattr(row, self.measure)), (), facts, seconds)


@dataclass(frozen=True)
class ClusterSearch:
    """Searches of one way to cluster, which says itself what can be looked for."""

    method: str

    @property
    def objectives(self) -> Mapping[str, tuple[str, bool]]:
        """What can be measured: name to words, and whether more is better."""
        return room.METHODS[self.method].searched

    cautions = ("caution: a criterion is no proof that the clusters mean anything: look",)

    def again(self, found: Trials, source: Source) -> str:
        """Clustering with the best parameters."""
        best = {} if found.best is None else found.best.parameters
        said = found.asked.get("features")
        return command_of("cluster", source, found, best, {"method": self.method}, features=said)

    def check(self, request: SearchRequest) -> None:
        """Names and values must be those of the method, and values of trials comparable."""
        check_objective(request.objective, self.objectives)
        check_no_network(request)
        check_features(request, defaults(self.method))
        tune_room.check_names(request.space, defaults(self.method))
        if request.folds > 1:
            raise OptionError("clusters have no cross-validation", "leave --cv away")
        for one, value in ends(request.space):
            _check_value(one.name, value, room.METHODS[self.method])
        self._check_comparable(request)

    def _check_comparable(self, request: SearchRequest) -> None:
        varied = [
            one for one in request.space.dimensions if one.name == "pca" and len(one.values) != 1
        ]
        if varied and not room.METHODS[self.method].axes_vary:
            raise OptionError(
                "the likelihood of images on other axes is that of other data, and no criterion "
                "compares mixtures on them",
                "search with one number of axes at a time, such as pca=0.95",
            )

    def own_split(self, request: SearchRequest, images: ImageSet, sampled: bool) -> str:  # noqa: ARG002
        """The source's own test part stays out."""
        return "auto"

    def asked(self, request: SearchRequest) -> dict[str, Any]:
        """The method."""
        return {"model": request.model, **asked_features(request)}

    def objective(
        self,
        request: SearchRequest,
        images: ImageSet,
        split: Split,
        *,
        seed: int,
        workers: int,  # noqa: ARG002
    ) -> ClusterObjective:
        """What clusters training and validation images."""
        kept = np.sort(np.concatenate([split.train, split.validation]))
        name = request.objective or next(iter(self.objectives))
        measure, points = name.replace("-", "_"), None
        if request.features is not None:
            said = asked_features(request)["features"]
            points = seen(images, said, learn_from=kept).of_rows(kept)
        return ClusterObjective(images.images[kept], self.method, measure, seed, points)


def _check_value(name: str, value: Value, how: Method) -> None:
    if name in {"k", "n_init"}:
        whole(name, value, how.fewest if name == "k" else 1)
    elif name == "pca":
        proportion_or_count(name, value)
    elif value not in how.choices.get(name, (value,)):
        raise OptionError(f"there is no {name} '{value}'", nearest(str(value), how.choices[name]))
