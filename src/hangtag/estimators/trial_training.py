"""One training for a comparison's sake: a recipe with changes in, its curves out; nothing is kept.

Searches and ablations are made of these. What is handed to one holds training and validation images
only; the test split is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, SplitError, nearest
from hangtag.estimators import mirrors
from hangtag.estimators.base import Fold
from hangtag.estimators.network import rows_of
from hangtag.records import History, ImageSet, NetworkSpec, Split, TrainingOptions
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms.train.options import check_options

if TYPE_CHECKING:
    from keras import Model

    from hangtag.records import Preprocessing
    from hangtag.runs import Config

OPTIONS = tuple(
    field.name for field in fields(TrainingOptions) if field.name not in {"seed", "metrics"}
)

HELD = 10
"""One in so many training images is held out where they would otherwise choose by the score's."""


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Images to train and to validate on, and no others.

    Attributes:
        images: ``(n, height, width, channels)`` uint8.
        labels: ``(n,)`` int64.
        n_classes: How many classes there are.
        folds: Pairs of positions to train and to validate on.
        mirrors: Whether labels stay right in the mirror; None when nobody knows.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    n_classes: int
    folds: tuple[Fold, ...]
    mirrors: bool | None = None


@dataclass(frozen=True, eq=False)
class TrainedFold:
    """A training that is over.

    Attributes:
        network: The Keras model.
        spec: What it is.
        preprocessing: What was done to its images.
        history: Its curves.
    """

    network: Model
    spec: NetworkSpec
    preprocessing: Preprocessing
    history: History


def training_data(images: ImageSet, split: Split, *, folds: int = 1, seed: int = 0) -> TrainingData:
    """Take training and validation images out of a set; the test images stay behind.

    Args:
        images: The set.
        split: Its split.
        folds: 1 for the split's own validation images, or the parts that all of them are
            divided into, each of which validates once.
        seed: Of the folds.

    Raises:
        SplitError: There are no validation images, or too few for so many folds.
    """
    kept, parts = folds_of(images, split, folds=folds, seed=seed)
    pixels, labels = images.images[kept], images.labels[kept]
    return TrainingData(pixels, labels, images.n_classes, parts, mirrors.keeps_labels(images.name))


def folds_of(
    images: ImageSet, split: Split, *, folds: int = 1, seed: int = 0
) -> tuple[NDArray[np.int64], tuple[Fold, ...]]:
    """Positions of training and validation images in a set, and folds of positions among those.

    Raises:
        SplitError: As :func:`training_data`.
    """
    kept = np.concatenate([split.train, split.validation])
    if folds == 1:
        if not len(split.validation):
            raise SplitError(
                f"the split '{split.recipe}' has no validation images to choose by",
                "give a --split that has, such as fraction:0.2, or --cv 3",
            )
        parts: tuple[Fold, ...] = (
            (np.arange(len(split.train)), np.arange(len(split.train), len(kept))),
        )
    else:
        parts = _folds(images.labels[kept], folds, seed)
    return kept, parts


def _folds(labels: NDArray[np.int64], folds: int, seed: int) -> tuple[Fold, ...]:
    """Stratified folds: every class is dealt out in turn, from a random order."""
    least = int(np.bincount(labels).max(initial=0))
    if not 2 <= folds <= least:
        raise SplitError(f"{len(labels)} images cannot be divided into {folds} folds")
    # First a random order, then sorted by class without disturbing it: each class is dealt out in
    # turn and no fold has more than one image of a class more than another.
    order = np.random.default_rng(seed).permutation(len(labels))
    dealt = order[np.argsort(labels[order], kind="stable")]
    fold_of = np.empty(len(labels), np.int64)
    fold_of[dealt] = np.arange(len(labels)) % folds
    return tuple(
        (np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)
    )


def divided(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Changes of the training, and changes of the network."""
    # Names of training options come first: no layer can be called learning_rate, so nothing is
    # ambiguous.
    training = {name: value for name, value in changes.items() if name in OPTIONS}
    return training, {name: value for name, value in changes.items() if name not in OPTIONS}


def known(network: str, deepest: int = 1) -> tuple[str, ...]:
    """All that can be changed about a named network and its training."""
    spec = models_room.network_spec(network)
    names = models_room.changeable(spec)
    if "dense.layers" in names and deepest > 1:
        deep = models_room.change(spec, {"dense.layers": deepest})
        names = (*names, *(one for one in models_room.changeable(deep) if one not in names))
    return (*OPTIONS, *names)


def check_changes(
    network: str, changes: Mapping[str, Any], *, shape: tuple[int, int, int], n_classes: int
) -> None:
    """Refuse changes that nothing can be made of, before anything is trained.

    Raises:
        OptionError: A training option has a value it cannot have.
        SpecError: The network has nothing of that name, or cannot have that value.
    """
    # Options are tried without images and layers without Keras, so that a search over nonsense is
    # refused in milliseconds and not after its first trial.
    check_options(options_of(network, changes), validated=True)
    spec = models_room.network_spec(network, input_shape=shape, n_classes=n_classes)
    models_room.summary(models_room.change(spec, divided(changes)[1]))


def check_names(network: str, names: Sequence[str], deepest: int = 1) -> None:
    """Refuse a name that nothing listens to.

    Raises:
        OptionError: The hint names what can be changed.
    """
    everything = known(network, deepest)
    for name in names:
        if name not in everything:
            raise OptionError(
                f"network {network} and its training have nothing called '{name}'",
                nearest(name, everything),
            )


def train_fold(
    given: TrainingData,
    fold: Fold,
    network: str,
    changes: Mapping[str, Any],
    *,
    seed: int,
    callbacks: Sequence[train_room.Callback] = (),
) -> TrainedFold:
    """Train a named network with changes on one fold.

    Args:
        given: Where images come from.
        fold: Which of them train, and which validate.
        network: Its name.
        changes: Of its layers and its training, by name.
        seed: Of initial weights, order and dropout.
        callbacks: Called between epochs.
    """
    train, validate = fold
    ready = _prepared(given, train, network, changes)
    made = _built(given, train, ready, seed)
    history = train_room.train(
        made,
        given.images[train],
        given.labels[train],
        validation=(given.images[validate], given.labels[validate]),
        preprocessing=ready.preprocessing,
        options=replace(ready.options, seed=seed),
        callbacks=callbacks,
    )
    return TrainedFold(made, ready.spec, ready.preprocessing, history)


def train_seeds(
    given: TrainingData,
    fold: Fold,
    network: str,
    changes: Mapping[str, Any],
    *,
    seeds: Sequence[int],
) -> tuple[TrainedFold, ...]:
    """Train the same once per seed; all of them share images and compiled programs."""
    ready = _prepared(given, fold[0], network, changes)
    return _together(given, fold, [(ready, seed) for seed in seeds])


def train_together(
    given: TrainingData,
    fold: Fold,
    network: str,
    several: Sequence[Mapping[str, Any]],
    *,
    seed: int,
) -> tuple[TrainedFold, ...]:
    """Train once for each of several changes, as :func:`train_fold` would, all of them at once.

    Raises:
        HangtagError: One of them failed; which one is not said.
    """
    readies = [_prepared(given, fold[0], network, changes) for changes in several]
    return _together(given, fold, [(ready, seed) for ready in readies])


def _together(
    given: TrainingData, fold: Fold, asked: Sequence[tuple[_Ready, int]]
) -> tuple[TrainedFold, ...]:
    train, validate = fold
    made = [_built(given, train, ready, seed) for ready, seed in asked]
    histories = train_room.train_many(
        made,
        given.images[train],
        given.labels[train],
        validation=(given.images[validate], given.labels[validate]),
        preprocessing=[ready.preprocessing for ready, _ in asked],
        options=[replace(ready.options, seed=seed) for ready, seed in asked],
    )
    return tuple(
        TrainedFold(one, ready.spec, ready.preprocessing, history)
        for one, (ready, _), history in zip(made, asked, histories, strict=True)
    )


@dataclass(frozen=True, eq=False)
class _Ready:
    spec: NetworkSpec
    preprocessing: Preprocessing
    options: TrainingOptions


def _prepared(
    given: TrainingData, train: NDArray[np.int64], network: str, changes: Mapping[str, Any]
) -> _Ready:
    recipe = models_room.recipe(network)
    training, others = divided(changes)
    preprocessing = load_room.fit_preprocessing(
        given.images[train],
        standardise=recipe.standardise,
        rows=rows_of(recipe, given.images.shape[1]),
    )
    spec = models_room.network_spec(
        network, input_shape=preprocessing.output_shape, n_classes=given.n_classes
    )
    options = mirrors.fitting(
        replace(recipe.options, metrics=("accuracy",), **training),
        keeps=given.mirrors,
        asked="flip" in training,
    )
    return _Ready(models_room.change(spec, others), preprocessing, options)


def _built(given: TrainingData, train: NDArray[np.int64], ready: _Ready, seed: int) -> Model:
    made = models_room.build(ready.spec, seed=seed)
    models_room.adapt(made, given.images[train], ready.preprocessing)
    return made


def options_of(network: str, changes: Mapping[str, Any]) -> TrainingOptions:
    """How a named network with changes is trained."""
    return replace(models_room.training_options(network), **divided(changes)[0])


def chooses_epoch(options: TrainingOptions) -> bool:
    """Whether validation images decide which weights a training ends with."""
    chooses = options.early_stopping is not None or options.restore_best
    return chooses and options.monitor.startswith("val_")


def hold_out(labels: NDArray[np.int64], train: NDArray[np.int64], seed: int) -> Fold:
    """Take a tenth out of training images, of every class alike, to choose the epoch by.

    Images that a score is measured on may choose nothing: the best of many epochs on them is
    best by luck, too, and the score would count the luck as skill.

    Args:
        labels: Of the whole set.
        train: Positions of the training images in it.
        seed: Draws the tenth.

    Returns:
        Positions that train, and those that choose.
    """
    # No more folds than the most frequent class has images, or some fold would be empty.
    most = int(np.bincount(labels[train]).max(initial=0))
    inside, outside = _folds(labels[train], min(HELD, most), seed)[0]
    return train[inside], train[outside]


def score_again(config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
    """Train a network as a run did on other images, and give its accuracy on yet others.

    Args:
        config: The run's.
        images: The set that the fold's indices count in.
        fold: Images to train on, and images to be right about; these choose nothing.
        seed: Of weights and order.
    """
    train, validate = fold
    scored = validate
    # Scored images may not choose the epoch as well; see hold_out.
    if chooses_epoch(config.training):
        train, validate = hold_out(images.labels, train, seed)
    before = config.preprocessing
    preprocessing = load_room.fit_preprocessing(
        images.images[train],
        standardise=any(before.mean),
        rows=before.rows,
        columns=before.columns,
        of=images,
    )
    made = models_room.build(config.network, seed=seed)
    models_room.adapt(made, images.images[train], preprocessing)
    train_room.train(
        made,
        images.images[train],
        images.labels[train],
        validation=(images.images[validate], images.labels[validate]),
        preprocessing=preprocessing,
        # Other metrics cost time in every step and change no weight.
        options=replace(config.training, seed=seed, metrics=("accuracy",)),
    )
    answers = train_room.predict(made, images.images[scored], preprocessing=preprocessing)
    return float(np.mean(answers.argmax(axis=1) == images.labels[scored]))
