"""Ablation: a base recipe and changes to it go in; one table and one figure of all come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic, sheets
from hangtag.errors import OptionError
from hangtag.progress import Progress, silent
from hangtag.records import Ablation, History, ImageSet, Predictions, Score, Source, Split, Variant
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms import tune as tune_room
from hangtag.workbench import attempt as attempts
from hangtag.workbench.data import load
from hangtag.workbench.recorded import folder_for, source_facts
from hangtag.workbench.train import own_split, rows_of

BASE = "base"
STUDY: Mapping[str, Mapping[str, Any]] = {
    "+ early stopping": {"early_stopping": 3, "monitor": "val_loss", "restore_best": True},
    "+ batch normalisation": {"batchnorm": True},
    "+ dropout": {"dropout": 0.5},
}
"""The regularisations of study S3."""

SEEDS = 3


@dataclass(frozen=True)
class _Setting:
    """What all trainings of an ablation share."""

    network: str
    given: attempts.Material
    images: ImageSet
    division: Split
    fixed: Mapping[str, Any]
    test: bool


def ablate(
    source: str | Path | Source,
    *,
    network: str = "s3-base",
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    seeds: int | Sequence[int] = SEEDS,
    epochs: int | None = None,
    split: str | None = None,
    test: bool = False,
    out: Path | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> Ablation:
    """Train a base and changes to it over several seeds, and say what each change is worth.

    Args:
        source: What to load.
        network: The base.
        changes: Name of a variant to its changes, in the names that ``hangtag tune`` searches;
            None takes early stopping, batch normalisation and dropout, as study S3 does.
        seeds: Which, or how many from 0 on. The split is the same for all: that of the first.
        epochs: Of every training; None takes the network's own.
        split: How to divide; None takes the network's own.
        test: Score on the test images instead of the validation images. Nothing may be chosen by
            that any more.
        out: Folder for table and figure; None makes one under the runs folder.
        limit: Images per part at most; None for all.
        progress: Told how far it is.

    Raises:
        UsageError: Something that was asked cannot be; nothing is written then.

    Example:
        >>> found = hangtag.ablate("digits", changes={"wide": {"dense.units": 256}}, epochs=3)
        >>> found.variants[1].difference
    """
    chosen = _seeds(seeds)
    variants = {BASE: {}, **(STUDY if changes is None else changes)}
    fixed = {} if epochs is None else {"epochs": epochs}
    images = load(source, limit=limit, progress=progress)
    division = load_room.split(
        images, split or own_split(network, images, limit is not None), seed=chosen[0]
    )
    given = attempts.material(images, division)
    _check(network, variants, fixed, given)
    if test and not len(division.test):
        raise OptionError(f"the split '{division.recipe}' has no test images", "leave --test away")
    setting = _Setting(network, given, images, division, fixed, test)
    rows: list[Variant] = []
    for place, (name, own) in enumerate(variants.items()):
        progress("ablate", place, len(variants), name)
        rows.append(_variant(setting, name, own, chosen, rows[0] if rows else None))
    progress("ablate", len(variants), len(variants))
    asked = {
        **source_facts(source),
        "fingerprint": images.fingerprint,
        "split": division.recipe,
        "limit": limit,
        "epochs": epochs,
    }
    measured = f"{'test' if test else 'validation'} accuracy"
    found = Ablation(network, measured, tuple(rows), asked)
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


def _seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    chosen = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not chosen or min(chosen) < 0 or len(set(chosen)) < len(chosen):
        raise OptionError(
            f"an ablation over the seeds {seeds} has none, one twice, or one below 0",
            "give a number such as 3, or a list such as 0, 1, 2",
        )
    return chosen


def _check(
    network: str,
    variants: Mapping[str, Mapping[str, Any]],
    fixed: Mapping[str, Any],
    given: attempts.Material,
) -> None:
    recipe = models_room.recipe(network)
    height, width, channels = given.images.shape[1:]
    rows = rows_of(recipe, height)
    shape = (height if rows is None else rows[1] - rows[0], width, channels)
    if len(variants) < 2:
        raise OptionError("an ablation needs at least one change to the base", "give --change")
    for own in variants.values():
        deepest = own.get("dense.layers", 1)
        attempts.check_names(network, tuple(own), deepest if isinstance(deepest, int) else 1)
        attempts.check_changes(network, {**fixed, **own}, shape=shape, n_classes=given.n_classes)


def _variant(
    setting: _Setting,
    name: str,
    own: Mapping[str, Any],
    seeds: tuple[int, ...],
    base: Variant | None,
) -> Variant:
    fold, changes = setting.given.folds[0], {**setting.fixed, **own}
    done = attempts.attempt_many(setting.given, fold, setting.network, changes, seeds=seeds)
    scores = [_score(setting, one) for one in done]
    histories = [one.history for one in done]
    images = len(setting.division.test if setting.test else setting.given.folds[0][1])
    difference, p_value = _difference(scores, base)
    return Variant(
        name=name,
        changes=dict(own),
        seeds=seeds,
        scores=tuple(scores),
        mean=_mean(scores, images),
        difference=difference,
        p_value=p_value,
        parameters=int(models_room.summary(done[0].spec)["parameters"]),
        seconds=_seconds(histories),
        histories=tuple(histories),
    )


def _score(setting: _Setting, done: attempts.Trained) -> float:
    if not setting.test:
        return float(done.history.last("val_accuracy"))
    where = setting.division.test
    answers = train_room.predict(
        done.network, setting.images.images[where], preprocessing=done.preprocessing
    )
    return float(np.mean(answers.argmax(axis=1) == setting.images.labels[where]))


def _mean(scores: Sequence[float], images: int) -> Score:
    """Over seeds by Student's t; of one seed, over images."""
    if len(scores) > 1:
        mean = evaluate_room.repeats(scores, np.zeros(len(scores))).difference
        return replace(mean, low=max(0.0, mean.low), high=min(1.0, mean.high))
    right = np.arange(images) < round(scores[0] * images)
    chances = np.stack([right, ~right], axis=1).astype(np.float32)
    answers = Predictions(
        np.arange(images), np.zeros(images, np.int64), chances, ("right", "wrong")
    )
    return evaluate_room.evaluate(answers, resamples=100).scores["accuracy"]


def _difference(scores: Sequence[float], base: Variant | None) -> tuple[Score | None, float | None]:
    if base is None or len(scores) < 2:
        return None, None
    found = evaluate_room.repeats(scores, base.scores)
    return found.difference, found.p_value


def _seconds(histories: Sequence[History]) -> float:
    return sum(sum(one.seconds) for one in histories)


def _write(found: Ablation, place: Path) -> None:
    atomic.write_text(place / "ablation.csv", table(found))
    atomic.write_json(place / "ablation.json", found.to_dict())
    atomic.write_bytes(place / "ablation.svg", tune_room.ablation_figure(found))
