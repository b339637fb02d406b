"""Parameters of a network and its training go in, what it reaches on validation comes out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hangtag.errors import OptionError, StoppedError
from hangtag.estimators import trial_training as trials
from hangtag.estimators.network import own_split, rows_of
from hangtag.estimators.search import LUCKY, SearchRequest, check_features, check_objective, ends
from hangtag.records import ImageSet, Measurement, Parameters, Source, Split, Trials
from hangtag.requests import TrainRequest, command_line
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms.tune import Reporter

OBJECTIVES = {
    "val_accuracy": ("validation accuracy", True),
    "val_loss": ("validation loss", False),
}
TOGETHER = 6
"""Trainings at once at most; so many were measured."""


@dataclass(frozen=True, eq=False)
class NetworkObjective:
    """Trains a network with the parameters it is given, and says what it is worth.

    It holds training and validation images, and no test image. Trials that are known to be asked
    for and differ only in numbers (learning rate, dropout) from the one that is asked train beside
    it, each exactly as it would alone. That is done for networks without convolutions: a step of a
    dense one leaves cores idle that another's can use; a convolution keeps all of them busy.

    Attributes:
        data: The images and folds.
        network: Name of the network.
        fixed: Changes that all trials have.
        monitor: ``val_accuracy`` or ``val_loss`` at the end of training, means over folds.
        seed: Of weights and order, the same in every trial.
        longest: Epochs to train at once where others of a grid need fewer: with the same seed, a
            training of 10 epochs is the beginning of one of 20.
    """

    data: trials.TrainingData
    network: str
    fixed: Mapping[str, Any]
    monitor: str = "val_accuracy"
    seed: int = 0
    longest: int | None = None
    _upcoming: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, Measurement] = field(default_factory=dict)

    def expect(self, upcoming: Sequence[Parameters], /) -> None:
        """Hear what will be asked; kept where training several at once pays."""
        if pays_together(self.network):
            self._upcoming[:] = [self._changes(one) for one in upcoming]

    def __call__(self, parameters: Parameters, watch: Reporter, /) -> Measurement:
        """Train once per fold."""
        changes = self._changes(parameters)
        key = _key(changes)
        if key not in self._known:
            self._train(changes, watch)
        found = self._known[key] if self.longest else self._known.pop(key)
        if self.longest is None:
            return found
        epochs = parameters["epochs"]
        assert isinstance(epochs, int)
        return _first_epochs(found, epochs)

    def _changes(self, parameters: Parameters) -> dict[str, Any]:
        changes: dict[str, Any] = {**self.fixed, **parameters}
        return changes if self.longest is None else {**changes, "epochs": self.longest}

    def _train(self, changes: dict[str, Any], watch: Reporter) -> None:
        beside = self._beside(changes)
        # Taken out before training: if it fails, each is asked for again by itself and must not be
        # trained beside others once more.
        keys = {_key(changes), *map(_key, beside)}
        self._upcoming[:] = [one for one in self._upcoming if _key(one) not in keys]
        # A failure among several does not say whose it is; the one that was asked is then tried
        # alone.
        if beside and self._train_together([changes, *beside]):
            return
        self._known[_key(changes)] = self._alone(changes, watch)

    def _beside(self, changes: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Others of the same form that will be asked, in their order."""
        form = _form(changes)
        same = {_key(one): one for one in self._upcoming if _form(one) == form}
        same.pop(_key(changes), None)
        return list(same.values())[: TOGETHER - 1]

    def _train_together(self, several: Sequence[dict[str, Any]]) -> bool:
        """Train all of them, unless one fails: then each is left to be tried by itself."""
        began = time.perf_counter()
        runs: list[list[trials.TrainedFold]] = [[] for _ in several]
        try:
            for fold in self.data.folds:
                done = trials.train_together(self.data, fold, self.network, several, seed=self.seed)
                for own, one in zip(runs, done, strict=True):
                    own.append(one)
        # Ctrl-C ends the search; as a failed trial it would only start the next one.
        except StoppedError:
            raise
        except Exception:  # noqa: BLE001 - whose fault it was is found by trying each by itself
            return False
        seconds_each = (time.perf_counter() - began) / len(several)
        for changes, own in zip(several, runs, strict=True):
            self._known[_key(changes)] = self._measurement(own, seconds_each)
        return True

    def _alone(self, changes: Mapping[str, Any], watch: Reporter) -> Measurement:
        # Halving compares epochs of one training; an epoch of the first fold cannot be compared
        # with the mean over folds.
        single = len(self.data.folds) == 1
        callbacks = (_Report(watch, self.monitor),) if single else ()
        return self._measurement(
            [
                trials.train_fold(
                    self.data, fold, self.network, changes, seed=self.seed, callbacks=callbacks
                )
                for fold in self.data.folds
            ]
        )

    def _measurement(
        self, runs: Sequence[trials.TrainedFold], seconds: float | None = None
    ) -> Measurement:
        curves: list[list[float]] = []
        for done in runs:
            kept = done.history.last(self.monitor)
            # The curve ends in the value of the weights that were kept.
            curves.append([*done.history.curves[self.monitor][:-1], kept])
        # Folds may stop at different epochs; a mean curve ends with the shortest.
        length = min(map(len, curves))
        values = tuple(float(curve[-1]) for curve in curves)
        facts = {
            "epochs_run": len(runs[-1].history),
            "parameters": int(models_room.summary(runs[-1].spec)["parameters"]),
            "curves": [[float(value) for value in curve[:length]] for curve in curves],
        }
        return Measurement(float(np.mean(values)), values, facts, seconds)


class _Report(train_room.Callback):
    """Says after every epoch what was reached, and stops a training that is hopeless."""

    def __init__(self, watch: Reporter, monitor: str) -> None:
        self._watch, self._monitor = watch, monitor

    def after_epoch(self, epoch: train_room.Epoch) -> None:
        """Report this epoch."""
        # The search decides by the curve so far (successive halving); the training only hears that
        # it may end.
        if self._watch(epoch.curves[self._monitor]):
            epoch.stop = True


def pays_together(network: str) -> bool:
    """Whether several trainings of a network at once take less time than one after the other."""
    layers = models_room.network_spec(network).layers
    return not any(str(layer["layer"]).startswith("Conv") for layer in layers)


def _key(changes: Mapping[str, Any]) -> str:
    return repr(sorted(changes.items()))


def _form(changes: Mapping[str, Any]) -> str:
    """All but the numbers that change nothing about how much is computed."""
    return _key({name: value for name, value in changes.items() if not _is_number_only(name)})


def _is_number_only(name: str) -> bool:
    return name in {"learning_rate", "dropout"} or name.endswith(".rate")


def _first_epochs(whole: Measurement, epochs: int) -> Measurement:
    """What a shorter training with the same seed would have measured."""
    curves = [curve[:epochs] for curve in whole.facts["curves"]]
    values = tuple(curve[-1] for curve in curves)
    facts = {**whole.facts, "curves": curves, "epochs_run": epochs}
    return Measurement(float(np.mean(values)), values, facts, whole.seconds)


class NetworkSearch:
    """Searches of networks."""

    objectives: Mapping[str, tuple[str, bool]] = OBJECTIVES
    cautions = (LUCKY,)

    def again(self, found: Trials, source: Source) -> str:
        """Training with the best changes."""
        best, asked = found.best, found.asked
        request = TrainRequest(
            network=asked["network"],
            change={} if best is None else dict(best.parameters),
            split=asked["split"],
            epochs=asked["epochs"] or None,
            seed=found.seed,
            limit=asked["limit"],
        )
        return command_line("train", source, request)

    def check(self, request: SearchRequest) -> None:
        """Names must be those of the network and its training."""
        check_objective(request.objective, self.objectives)
        check_features(request, {})
        models_room.recipe(
            request.network
        )  # says which networks there are, if it is not one of them
        layers = [one for one in request.space.dimensions if one.name == "dense.layers"]
        counts = [value for one in layers for value in one.values if isinstance(value, int)]
        trials.check_names(request.network, request.space.names, max(counts, default=1))
        if request.epochs is not None and "epochs" in request.space.names:
            raise OptionError("epochs are in the search space and given too", "leave --epochs away")
        if request.method == "halving" and request.folds > 1:
            raise OptionError(
                "halving looks at the epochs of one training and takes no cross-validation",
                "leave --cv away, or search with another --method",
            )

    def own_split(self, request: SearchRequest, images: ImageSet, sampled: bool) -> str:
        """As the network's document divides."""
        return own_split(request.network, images, sampled)

    def asked(self, request: SearchRequest) -> dict[str, Any]:
        """The network, epochs and folds."""
        return {"network": request.network, "epochs": request.epochs, "folds": request.folds}

    def objective(
        self, request: SearchRequest, images: ImageSet, split: Split, *, seed: int, workers: int
    ) -> NetworkObjective:
        """What trains networks; every single value is tried for its fit first."""
        given = trials.training_data(images, split, folds=request.folds, seed=seed)
        _check_values(request, given, images)
        monitor = request.objective or next(iter(self.objectives))
        return NetworkObjective(
            given, request.network, request.fixed, monitor, seed, longest(request, workers)
        )


def _check_values(request: SearchRequest, given: trials.TrainingData, images: ImageSet) -> None:
    """Every single value must fit; what only fails together with others is a failed trial."""
    recipe = models_room.recipe(request.network)
    height, width, channels = images.shape
    rows = rows_of(recipe, height)
    shape = (height if rows is None else rows[1] - rows[0], width, channels)
    for one, value in ends(request.space):
        changes = {**request.fixed, one.name: value}
        numbered = one.name.startswith("dense_")
        if numbered:  # it may be a layer that another parameter adds
            changes["dense.layers"] = int(one.name.split(".")[0].removeprefix("dense_"))
        trials.check_changes(request.network, changes, shape=shape, n_classes=given.n_classes)


def longest(request: SearchRequest, workers: int) -> int | None:
    """Epochs to train at once, when a grid asks for several numbers of them."""
    epochs = [one for one in request.space.dimensions if one.name == "epochs"]
    # With any of these a shorter training is not the beginning of a longer one.
    bends = {"early_stopping", "restore_best", "schedule", "average"} & set(request.space.names)
    own = models_room.recipe(request.network).options
    bent = own.early_stopping or own.average or own.schedule != "constant"
    if request.method != "grid" or not epochs or workers > 1 or bends or bent:
        return None
    return max(value for value in epochs[0].values if isinstance(value, int))
