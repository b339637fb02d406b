"""Ablation: a base recipe and changes to it go in; one table and one figure of all come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, sheets
from hangtag.errors import OptionError
from hangtag.estimators import trial_training as trials
from hangtag.estimators.base import Fold
from hangtag.estimators.network import own_split, rows_of
from hangtag.estimators.provenance import folder_for
from hangtag.progress import Progress, silent
from hangtag.records import Ablation, History, ImageSet, Score, Variant
from hangtag.requests import AblateRequest, takes
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms import tune as tune_room
from hangtag.workbench.data import Data, as_images, asked_of, divided

BASE = "base"
STUDY: Mapping[str, Mapping[str, Any]] = {
    "+ early stopping": {"early_stopping": 3, "monitor": "val_loss", "restore_best": True},
    "+ batch normalisation": {"batchnorm": True},
    "+ dropout": {"dropout": 0.5},
}
"""The regularisations of study S3."""


@dataclass(frozen=True)
class _Setting:
    """What all trainings of an ablation share."""

    network: str
    given: trials.TrainingData
    fold: Fold
    scored: tuple[NDArray[np.uint8], NDArray[np.int64]]
    fixed: Mapping[str, Any]


@takes(AblateRequest)
def ablate(
    data: Data,
    asked: AblateRequest,
    *,
    images: ImageSet | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Ablation:
    """Train a base and changes to it over several seeds, and say what each change is worth.

    The split is the same for all: that of the first seed. Without `test`, a tenth of the training
    images is held out of every training where a variant stops early or keeps its best epoch:
    scored images choose nothing.

    Args:
        data: A name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options can be given by keyword.
        images: What `data` and the limit give, where it is loaded already.
        out: Folder for table and figure; None makes one under the runs folder.
        progress: Told how far it is.

    Raises:
        UsageError: Something that was asked cannot be; nothing is written then.

    Example:
        >>> found = hangtag.ablate("digits", changes={"wide": {"dense.units": 256}}, epochs=3)
        >>> found.variants[1].difference
    """
    network, chosen, test = asked.network, asked.seeds, asked.test
    variants = {BASE: {}, **(STUDY if asked.changes is None else asked.changes)}
    fixed = {} if asked.epochs is None else {"epochs": asked.epochs}
    if images is None:
        images = as_images(data, limit=asked.limit, progress=progress)
    how = asked.split or own_split(network, images, asked.limit is not None)
    division = divided(images, how, seed=chosen[0])
    given = trials.training_data(images, division)
    _check(network, variants, fixed, given)
    if test and not len(division.test):
        raise OptionError(f"the split '{division.recipe}' has no test images", "leave --test away")
    # With --test the validation images are free to choose the epoch: they are not scored.
    scored = division.test if test else division.validation
    fold = given.folds[0] if test else _fold(given, variants, network=network, seed=chosen[0])
    here = (images.images[scored], images.labels[scored])
    setting = _Setting(network, given, fold, here, fixed)
    rows: list[Variant] = []
    base: NDArray[np.bool_] | None = None
    for place, (name, own) in enumerate(variants.items()):
        progress("ablate", place, len(variants), name)
        row, right = _variant(setting, name, own, chosen, base)
        base = right if base is None else base
        rows.append(row)
    progress("ablate", len(variants), len(variants))
    facts = asked_of(data, images, division, asked.limit) | {"epochs": asked.epochs}
    measured = f"{'test' if test else 'validation'} accuracy"
    found = Ablation(network, measured, tuple(rows), facts)
    _write(found, folder_for(out, f"ablate-{network}"))
    return found


def table(found: Ablation) -> str:
    """One line of CSV per variant."""
    seeds = [f"seed_{seed}" for seed in found.variants[0].seeds]
    heads = ["variant", "changes", found.measured, "low", "high", "difference", "low", "high", "p"]
    rows: list[list[object]] = [[*heads, "parameters", "seconds", *seeds]]
    for one in found.variants:
        changes = ";".join(f"{name}={value}" for name, value in one.changes.items())
        gap = one.difference
        ends = ["", "", ""] if gap is None else [gap.value, gap.low, gap.high]
        mean = [one.mean.value, one.mean.low, one.mean.high]
        p_value = "" if one.p_value is None else one.p_value
        row = [one.name, changes, *mean, *ends, p_value, one.parameters, round(one.seconds, 2)]
        rows.append([*row, *one.scores])
    return sheets.as_csv(rows)


def _check(
    network: str,
    variants: Mapping[str, Mapping[str, Any]],
    fixed: Mapping[str, Any],
    given: trials.TrainingData,
) -> None:
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


def _variant(
    setting: _Setting,
    name: str,
    own: Mapping[str, Any],
    seeds: tuple[int, ...],
    base: NDArray[np.bool_] | None,
) -> tuple[Variant, NDArray[np.bool_]]:
    """One variant trained over all seeds, and which images each of its networks is right about."""
    changes = {**setting.fixed, **own}
    done = trials.attempt_many(setting.given, setting.fold, setting.network, changes, seeds=seeds)
    right = np.stack([_right(setting, one) for one in done])
    histories = [one.history for one in done]
    difference, p_value = _difference(right, base)
    variant = Variant(
        name=name,
        changes=dict(own),
        seeds=seeds,
        scores=tuple(right.mean(axis=1).tolist()),
        mean=evaluate_room.mean_over_seeds(right),
        difference=difference,
        p_value=p_value,
        parameters=int(models_room.summary(done[0].spec)["parameters"]),
        seconds=_seconds(histories),
        histories=tuple(histories),
    )
    return variant, right


def _right(setting: _Setting, done: trials.TrainedFold) -> NDArray[np.bool_]:
    """``(n,)`` whether a trained network is right about each scored image."""
    pictures, labels = setting.scored
    answers = train_room.predict(done.network, pictures, preprocessing=done.preprocessing)
    right: NDArray[np.bool_] = answers.argmax(axis=1) == labels
    return right


def _difference(
    right: NDArray[np.bool_], base: NDArray[np.bool_] | None
) -> tuple[Score | None, float | None]:
    if base is None or len(right) < 2:
        return None, None
    if len(right) < evaluate_room.FEWEST_SEEDS:
        reason = f"{len(right)} seeds; {evaluate_room.FEWEST_SEEDS} are needed"
        gap = float(right.mean() - base.mean())
        return Score.without(gap, reason, n=right.shape[1]), None
    found = evaluate_room.repeats(right, base)
    return found.difference, found.p_value


def _fold(
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


def _seconds(histories: Sequence[History]) -> float:
    return sum(sum(one.seconds) for one in histories)


def _write(found: Ablation, place: Path) -> None:
    atomic.write_text(place / "ablation.csv", table(found))
    atomic.write_json(place / "ablation.json", found.to_dict())
    atomic.write_bytes(place / "ablation.svg", tune_room.ablation_figure(found))
