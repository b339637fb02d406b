"""A network and changes to it, trained over several seeds, go in; what each is worth comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.estimators import trial_training as trials
from hangtag.estimators.base import Fold
from hangtag.estimators.network import rows_of
from hangtag.progress import Progress
from hangtag.records import Variant
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room


@dataclass(frozen=True)
class Setting:
    """What all trainings share.

    Attributes:
        network: The base.
        given: Training and validation images.
        fold: Images to train on, and images that may choose an epoch.
        scored: Images to be right about, and their classes.
        fixed: Changes that all have.
    """

    network: str
    given: trials.TrainingData
    fold: Fold
    scored: tuple[NDArray[np.uint8], NDArray[np.int64]]
    fixed: Mapping[str, Any]


def check(
    network: str,
    variants: Mapping[str, Mapping[str, Any]],
    fixed: Mapping[str, Any],
    given: trials.TrainingData,
) -> None:
    """Refuse what cannot be tried, before anything is trained.

    Raises:
        UsageError: A change has no such name, or does not fit the network or the images.
    """
    recipe = models_room.recipe(network)
    height, width, channels = given.images.shape[1:]
    rows = rows_of(recipe, height)
    shape = (height if rows is None else rows[1] - rows[0], width, channels)
    if len(variants) < 2:
        raise OptionError("an ablation needs at least one change to the base", "give --change")
    for own in variants.values():
        deepest = own.get("dense.layers", 1)
        trials.check_names(network, tuple(own), deepest if isinstance(deepest, int) else 1)
        trials.check_changes(network, {**fixed, **own}, shape=shape, n_classes=given.n_classes)


def trained(
    setting: Setting,
    variants: Mapping[str, Mapping[str, Any]],
    seeds: tuple[int, ...],
    progress: Progress,
) -> tuple[Variant, ...]:
    """Train every variant over all seeds, the first of which is the base."""
    rows: list[Variant] = []
    base: NDArray[np.bool_] | None = None
    for place, (name, own) in enumerate(variants.items()):
        progress("ablate", place, len(variants), name)
        row, right = _variant(setting, name, own, seeds, base)
        # The first is the base: every difference is to it, image by image and seed by seed.
        base = right if base is None else base
        rows.append(row)
    progress("ablate", len(variants), len(variants))
    return tuple(rows)


def _variant(
    setting: Setting,
    name: str,
    own: Mapping[str, Any],
    seeds: tuple[int, ...],
    base: NDArray[np.bool_] | None,
) -> tuple[Variant, NDArray[np.bool_]]:
    """One variant trained over all seeds, and which images each of its networks is right about."""
    changes = {**setting.fixed, **own}
    done = trials.train_seeds(setting.given, setting.fold, setting.network, changes, seeds=seeds)
    right = np.stack([_right(setting, one) for one in done])
    histories = [one.history for one in done]
    difference, p_value = evaluate_room.against_base(right, base)
    variant = Variant(
        name=name,
        changes=dict(own),
        seeds=seeds,
        scores=tuple(right.mean(axis=1).tolist()),
        mean=evaluate_room.mean_over_seeds(right),
        difference=difference,
        p_value=p_value,
        parameters=int(models_room.summary(done[0].spec)["parameters"]),
        seconds=sum(sum(one.seconds) for one in histories),
        histories=tuple(histories),
    )
    return variant, right


def _right(setting: Setting, done: trials.TrainedFold) -> NDArray[np.bool_]:
    """``(n,)`` whether a trained network is right about each scored image."""
    images, labels = setting.scored
    answers = train_room.predict(done.network, images, preprocessing=done.preprocessing)
    right: NDArray[np.bool_] = answers.argmax(axis=1) == labels
    return right


def fold_of(
    given: trials.TrainingData,
    variants: Mapping[str, Mapping[str, Any]],
    *,
    network: str,
    seed: int,
) -> Fold:
    """Images to train on, and images that may choose an epoch, which are never the scored ones.

    Where one variant chooses its epoch all of them train without the images held out for it:
    fewer training images would be a second change.
    """
    train, validate = given.folds[0]
    if any(trials.chooses_epoch(trials.options_of(network, own)) for own in variants.values()):
        return trials.hold_out(given.labels, train, seed)
    return train, validate
