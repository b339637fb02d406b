"""Tuning: a source, a network and a space go in; trials, their table and figures come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hangtag import atomic, runs, settings
from hangtag.errors import OptionError
from hangtag.progress import Progress, silent
from hangtag.records import (
    Dimension,
    ImageSet,
    Measurement,
    Parameters,
    Space,
    Standing,
    Trials,
    Value,
)
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms import tune as room
from hangtag.workbench import attempt as attempts
from hangtag.workbench.data import load
from hangtag.workbench.train import lasting, own_split, rows_of

if TYPE_CHECKING:
    from hangtag.rooms.tune import Watch

OBJECTIVES = {
    "val_accuracy": ("validation accuracy", True),
    "val_loss": ("validation loss", False),
}
JOURNAL = "search.journal"


@dataclass(frozen=True, eq=False)
class NetworkObjective:
    """Trains a network with the parameters it is given, and says what it is worth.

    It holds training and validation images, and no test image.

    Attributes:
        material: The images and folds.
        network: Name of the network.
        fixed: Changes that all trials have.
        monitor: ``val_accuracy`` or ``val_loss`` at the end of training, means over folds.
        seed: Of weights and order, the same in every trial.
        longest: Epochs to train at once where others of a grid need fewer: with the same seed, a
            training of 10 epochs is the beginning of one of 20.
    """

    material: attempts.Material
    network: str
    fixed: Mapping[str, Any]
    monitor: str = "val_accuracy"
    seed: int = 0
    longest: int | None = None
    _known: dict[str, Measurement] = field(default_factory=dict)

    def __call__(self, parameters: Parameters, watch: Watch, /) -> Measurement:
        """Train once per fold."""
        changes: dict[str, Any] = {**self.fixed, **parameters}
        if self.longest is None:
            return self._measured(changes, watch)
        wanted = int(changes["epochs"])
        key = repr(sorted((name, value) for name, value in changes.items() if name != "epochs"))
        if key not in self._known:
            self._known[key] = self._measured({**changes, "epochs": self.longest}, watch)
        return _first_epochs(self._known[key], wanted)

    def _measured(self, changes: Mapping[str, Any], watch: Watch) -> Measurement:
        curves: list[list[float]] = []
        facts: dict[str, Any] = {}
        single = len(self.material.folds) == 1
        callbacks = (_Report(watch, self.monitor),) if single else ()
        for fold in self.material.folds:
            done = attempts.attempt(
                self.material, fold, self.network, changes, seed=self.seed, callbacks=callbacks
            )
            kept = done.history.last(self.monitor)
            # The curve ends in the value of the weights that were kept.
            curves.append([*done.history.curves[self.monitor][:-1], kept])
            facts = {
                "epochs_run": len(done.history),
                "parameters": int(models_room.summary(done.spec)["parameters"]),
            }
        length = min(map(len, curves))
        values = tuple(float(curve[-1]) for curve in curves)
        facts["curves"] = [[float(value) for value in curve[:length]] for curve in curves]
        return Measurement(float(np.mean(values)), values, facts)


class _Report(train_room.Callback):
    """Says after every epoch what was reached, and stops a training that is hopeless."""

    def __init__(self, watch: Watch, monitor: str) -> None:
        self._watch, self._monitor = watch, monitor

    def after_epoch(self, epoch: train_room.Epoch) -> None:
        """Report this epoch."""
        if self._watch(epoch.curves[self._monitor]):
            epoch.stop = True


def _first_epochs(whole: Measurement, epochs: int) -> Measurement:
    """What a shorter training with the same seed would have measured."""
    curves = [curve[:epochs] for curve in whole.facts["curves"]]
    values = tuple(curve[-1] for curve in curves)
    facts = {**whole.facts, "curves": curves, "epochs_run": epochs}
    return Measurement(float(np.mean(values)), values, facts)


def tune(
    source: str | Path,
    *,
    network: str | None = None,
    space: str | Path | Mapping[str, Any] | Space,
    method: str | None = None,
    trials: int | None = None,
    epochs: int | None = None,
    folds: int | None = None,
    split: str | None = None,
    objective: str = "val_accuracy",
    workers: int = 1,
    storage: str | None = None,
    out: Path | None = None,
    resume: bool = False,
    seed: int | None = None,
    limit: int | None = None,
    on_trial: Callable[[Standing], None] | None = None,
    progress: Progress = silent,
) -> Trials:
    """Search for the best settings of a network, on validation images.

    The test images are not handed to the search at all. Table, figures and the journal that a
    killed search goes on from are written to `out`.

    Args:
        source: What to load.
        network: A name that ``hangtag summary`` lists; None takes the space's own, or s2-mlp.
        space: ``s2-grid``, ``s2-grid2``, ``s4-search``, a YAML file, or text such as
            ``dense.units=64,128;dropout=0:0.5``.
        method: ``grid``, ``random``, ``bayes`` or ``halving``; None takes the space's own, or
            ``bayes``.
        trials: How many in all; None takes the space's own number, or 20.
        epochs: Of every trial; None takes the space's or the network's own.
        folds: Of cross-validation over training and validation images; 1 takes the split's
            validation images. None takes the space's own, or 1.
        split: How to divide; None takes the network's own.
        objective: ``val_accuracy`` or ``val_loss``, at the end of training.
        workers: Processes at once.
        storage: Address of a PostgreSQL database to share the search in; None keeps a journal.
        out: Folder for all that is written; None makes one under the runs folder.
        resume: Go on with the search in `out`.
        seed: Of the split, the folds, the trials, and the weights of every trial.
        limit: Images per part at most; None for all.
        on_trial: Called when a trial has ended.
        progress: Told how far it is.

    Raises:
        UsageError: Something that was asked cannot be; nothing is written then.
        FailedError: Every trial failed.
        StoppedError: Ctrl-C; finished trials are kept.

    Example:
        >>> found = hangtag.tune("digits", space="dense.units=16,64;dropout=0:0.5", trials=5)
        >>> found.best.parameters
    """
    wish = _Wish.of(space, network, method, trials, epochs, folds, objective)
    _check(wish, workers)
    number = settings.default_seed() if seed is None else seed
    images = load(source, limit=limit, progress=progress)
    division = load_room.split(
        images, split or own_split(wish.network, images, limit is not None), seed=number
    )
    given = attempts.material(images, division, folds=wish.folds, seed=number)
    _check_values(wish, given, images)
    place = out or place_of(None, space, network)
    asked = {
        "source": lasting(source),
        "fingerprint": images.fingerprint,
        "network": wish.network,
        "split": division.recipe,
        "limit": limit,
        "epochs": wish.epochs,
        "folds": wish.folds,
    }
    measure = NetworkObjective(
        given, wish.network, wish.fixed, objective, number, _longest(wish, workers)
    )
    words, maximise = OBJECTIVES[objective]
    found = room.tune(
        measure,
        wish.space,
        method=wish.method,
        trials=wish.trials,
        maximise=maximise,
        measured=words,
        seed=number,
        storage=storage or place / JOURNAL,
        name=place.name if storage else "search",
        resume=resume,
        workers=workers,
        asked=asked,
        on_trial=on_trial,
        progress=progress,
    )
    write_trials(found, place)
    return found


def place_of(
    out: Path | None, space: str | Path | Mapping[str, Any] | Space, network: str | None
) -> Path:
    """The folder that a search writes to when none was said."""
    name = network or (str(space) if str(space) in room.READY else "search")
    return out or settings.runs_folder() / runs.new_name(f"tune-{name}")


def write_trials(found: Trials, place: Path) -> None:
    """Write table, figures and everything as JSON into a folder."""
    atomic.write_text(place / "trials.csv", room.table(_without_curves(found)))
    atomic.write_json(place / "trials.json", found.to_dict())
    for name, data in room.figures(found).items():
        atomic.write_bytes(place / name, data)


def importance(found: Trials) -> dict[str, float]:
    """How much of the differences between trials each parameter explains by itself."""
    return room.importance(found)


def _without_curves(found: Trials) -> Trials:
    from dataclasses import replace

    rows = tuple(
        replace(one, facts={key: value for key, value in one.facts.items() if key != "curves"})
        for one in found.trials
    )
    return replace(found, trials=rows)


@dataclass(frozen=True)
class _Wish:
    """What was asked, the space's own choices filled in."""

    space: Space
    network: str
    method: str
    trials: int | None
    epochs: int | None
    folds: int
    objective: str

    @property
    def fixed(self) -> dict[str, Any]:
        return {} if self.epochs is None else {"epochs": self.epochs}

    @classmethod
    def of(
        cls,
        space: str | Path | Mapping[str, Any] | Space,
        network: str | None,
        method: str | None,
        trials: int | None,
        epochs: int | None,
        folds: int | None,
        objective: str,
    ) -> _Wish:
        named = (
            isinstance(space, str) and "=" not in space and not space.endswith((".yaml", ".yml"))
        )
        if not (named and str(space).strip()):
            return cls(
                room.space(space),
                network or "s2-mlp",
                method or "bayes",
                trials,
                epochs,
                folds or 1,
                objective,
            )
        own = room.ready(str(space))
        chosen = method or own.method
        return cls(
            own.space,
            network or own.network,
            chosen,
            trials if trials is not None or chosen == "grid" else own.trials,
            own.epochs if epochs is None else epochs,
            folds or own.folds,
            objective,
        )


def _check(wish: _Wish, workers: int) -> None:
    if wish.objective not in OBJECTIVES:
        raise OptionError(
            f"there is no objective '{wish.objective}'", f"known: {', '.join(OBJECTIVES)}"
        )
    models_room.recipe(wish.network)  # says which networks there are, if it is not one of them
    layers = [one for one in wish.space.dimensions if one.name == "dense.layers"]
    counts = [value for one in layers for value in one.values if isinstance(value, int)]
    attempts.check_names(wish.network, wish.space.names, max(counts, default=1))
    if wish.epochs is not None and "epochs" in wish.space.names:
        raise OptionError("epochs are in the search space and given too", "leave --epochs away")
    if wish.method == "halving" and wish.folds > 1:
        raise OptionError(
            "halving looks at the epochs of one training and takes no cross-validation",
            "leave --cv away, or search with another --method",
        )
    if workers < 1:
        raise OptionError(f"a search with {workers} workers", "give at least 1")


def _check_values(wish: _Wish, given: attempts.Material, images: ImageSet) -> None:
    """Every single value must fit; what only fails together with others is a failed trial."""
    recipe = models_room.recipe(wish.network)
    height, width, channels = images.shape
    rows = rows_of(recipe, height)
    shape = (height if rows is None else rows[1] - rows[0], width, channels)
    for one in wish.space.dimensions:
        for value in _ends(one):
            changes = {**wish.fixed, one.name: value}
            numbered = one.name.startswith("dense_")
            if numbered:  # it may be a layer that another parameter adds
                changes["dense.layers"] = int(one.name.split(".")[0].removeprefix("dense_"))
            attempts.check_changes(wish.network, changes, shape=shape, n_classes=given.n_classes)


def _ends(one: Dimension) -> tuple[Value, ...]:
    return one.choices or (one.low, one.high)


def _longest(wish: _Wish, workers: int) -> int | None:
    """Epochs to train at once, when a grid asks for several numbers of them."""
    epochs = [one for one in wish.space.dimensions if one.name == "epochs"]
    stops = {"early_stopping", "restore_best"} & set(wish.space.names)
    recipe = models_room.recipe(wish.network).options
    if wish.method != "grid" or not epochs or workers > 1 or stops or recipe.early_stopping:
        return None
    return max(value for value in epochs[0].values if isinstance(value, int))
