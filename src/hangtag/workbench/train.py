"""Training: a source and a network's name go in, a run with a model comes out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, runs, settings, versions
from hangtag.errors import DivergedError, OptionError, RunError, StoppedError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Source, Split, TrainingOptions
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms.train.operations.native import in_use
from hangtag.rooms.train.options import check_options
from hangtag.runs import Config, Run
from hangtag.workbench import alone, mirrors
from hangtag.workbench.answering import settled
from hangtag.workbench.data import as_run, load
from hangtag.workbench.data import images_of as images_of
from hangtag.workbench.recorded import data_facts, folder_for, source_facts

if TYPE_CHECKING:
    from keras import Model

    from hangtag.rooms.models import Bundle, Recipe

DOCUMENT_ROWS = 28
PARITY_PICTURES = 32
FLAGS = ("epochs", "batch_size", "optimizer", "learning_rate", "early_stopping")
"""Options of training that the command line takes by name, with a value."""


def open_run(place: str | Path | Run = runs.LATEST) -> Run:
    """Open a run by its folder, its name, or as the latest one; a run is opened anew.

    Raises:
        OptionError: It is none of these.
        RunError: There is no such run, or it is damaged.
    """
    return as_run(place)


def train(
    source: str | Path | Source,
    *,
    network: str = "s0-cnn",
    split: str | None = None,
    options: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    rows: tuple[int, int] | None = None,
    seed: int | None = None,
    split_seed: int | None = None,
    limit: int | None = None,
    images: ImageSet | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Run:
    """Train a named network on a source; model, split and history are kept in a new run.

    Args:
        source: What to load.
        network: A name that ``hangtag summary`` lists.
        split: How to divide; None takes ``auto``.
        options: Training options to change, by their names in ``TrainingOptions``.
        changes: Changes to the network, such as ``{"dense.units": 64, "dropout": 0.5}``.
        rows: First and past-the-last row of each picture that the network sees; None takes those
            of the network's document, or all.
        seed: Of the split, the initial weights and the order of images.
        split_seed: Of the split alone, where it is not to change with the seed.
        limit: Images per part at most, spread evenly; None for all.
        images: What `source` and `limit` give, where it is loaded already.
        out: Folder of the run; None makes one under the runs folder.
        progress: Told how far it is.

    Raises:
        UsageError: Anything about the request does not fit; nothing is written then.
        DivergedError: The loss left the finite numbers; the last good weights are kept.

    Example:
        >>> run = hangtag.train("digits", network="s0-cnn", options={"epochs": 3})
    """
    if images is None:
        images = load(source, limit=limit, progress=progress)
    number = settings.default_seed() if seed is None else seed
    division = load_room.split(
        images,
        split or own_split(network, images, limit is not None),
        seed=number if split_seed is None else split_seed,
    )
    config = _config(
        _Request(source, network, options or {}, number, limit, changes or {}, rows),
        images,
        division,
    )
    place = folder_for(out, network)
    run = runs.create(place, config, fill=lambda draft: draft.write_split(division))
    return _carry_out(run, images, division, progress=progress)


@alone.on_a_run
def resume(
    place: str | Path | Run = runs.LATEST,
    *,
    images: ImageSet | None = None,
    progress: Progress = silent,
) -> Run:
    """Go on with a run whose training was stopped or killed; it ends as if it never had been.

    Args:
        place: The run, by folder, name or ``latest``.
        images: What the run was trained on, where it is loaded already.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is trained already, or its source has changed.
    """
    run = open_run(place)
    if run.stage != "training":
        raise RunError(
            f"run {run.name} is {run.stage}; there is nothing to resume",
            f"hangtag evaluate {shlex.quote(str(run.folder))}"
            if run.stage == "trained"
            else "train a new run",
        )
    run.config.training  # noqa: B018 - says how to go on with what is no network
    images = images_of(run, progress, images)
    return _carry_out(run, images, _division(run, images), resume=True, progress=progress)


def _division(run: Run, images: ImageSet) -> Split:
    """The run's split; made again where a kill came before it was kept, as older Hangtags could."""
    if not run.has_split:
        run.write_split(load_room.split(images, run.config.split, seed=run.config.seed))
    return run.split()


def summary_of(run: Run) -> dict[str, Any]:
    """The layers, parameters, trainable ones and biases of a run's network, JSON-ready."""
    found: dict[str, Any] = models_room.summary(run.config.network)
    return found


@dataclass(frozen=True)
class _Request:
    source: str | Path | Source
    network: str
    options: Mapping[str, Any]
    seed: int
    limit: int | None
    changes: Mapping[str, Any]
    rows: tuple[int, int] | None


def _config(request: _Request, images: ImageSet, division: Split) -> Config:
    recipe = models_room.recipe(request.network)
    options = mirrors.fitting(
        _options(request, validated=len(division.validation) > 0),
        keeps=mirrors.keeps_labels(images.name),
        asked="flip" in request.options,
    )
    preprocessing = load_room.fit_preprocessing(
        images.images[division.train],
        standardise=recipe.standardise,
        rows=request.rows or rows_of(recipe, images.shape[0]),
        of=images,
    )
    spec = models_room.network_spec(
        request.network, input_shape=preprocessing.output_shape, n_classes=images.n_classes
    )
    if request.changes:
        spec = models_room.change(spec, request.changes)
        models_room.summary(spec)  # says what does not fit before anything is written
    spec = replace(spec, mirrored=recipe.mirrored and options.flip)
    return Config(
        name=request.network,
        **source_facts(request.source),
        data=data_facts(images),
        limit=request.limit,
        split=division.recipe,
        seed=request.seed if division.seed is None else division.seed,
        spec=spec,
        options=options,
        preprocessing=preprocessing,
        created=runs.now_in_utc(),
        command=_command(request, division),
        versions=versions.installed() | {"operations": in_use()},
    )


def own_split(network: str, images: ImageSet, sampled: bool) -> str:
    """The document's split for a whole known set; ``auto`` for anything else."""
    known = {one.name for one in load_room.known_sets()}
    fits = images.name in known and "test" in images.parts and not sampled
    return models_room.recipe(network).split if fits else "auto"


def rows_of(recipe: Recipe, height: int) -> tuple[int, int] | None:
    """The rows a document keeps of its 28, in proportion for pictures of another height."""
    if recipe.rows is None:
        return None
    first, past = (round(row * height / DOCUMENT_ROWS) for row in recipe.rows)
    return first, past


def _options(request: _Request, *, validated: bool) -> TrainingOptions:
    known = {field.name for field in fields(TrainingOptions)}
    for name in request.options:
        if name not in known:
            raise OptionError(f"training has no option '{name}'", nearest(name, known))
    chosen = {name: value for name, value in request.options.items() if value is not None}
    options = replace(models_room.training_options(request.network), **chosen, seed=request.seed)
    if not validated and "monitor" not in chosen:
        options = replace(options, monitor=options.monitor.removeprefix("val_"))
    check_options(options, validated=validated)
    return options


@alone.with_run
def _carry_out(
    run: Run, images: ImageSet, division: Split, *, resume: bool = False, progress: Progress
) -> Run:
    network = models_room.build(run.config.network, seed=run.config.training.seed)
    models_room.adapt(network, images.images[division.train], run.config.preprocessing)
    try:
        history = train_room.train(
            network,
            images.images[division.train],
            images.labels[division.train],
            validation=_validation(images, division),
            preprocessing=run.config.preprocessing,
            options=run.config.training,
            checkpoint=run.checkpoint,
            resume=resume and run.checkpoint.is_file(),
            progress=progress,
        )
    except StoppedError as error:
        raise StoppedError(
            error.message, f"hangtag train --resume {shlex.quote(str(run.folder))}"
        ) from None
    except DivergedError:
        _write_bundle(run, network, images, division)
        run.at("diverged")
        raise
    run.write_history(history)
    _write_bundle(run, network, images, division)
    trained = run.at("trained")
    atomic.remove(run.checkpoint)
    return trained


def _write_bundle(run: Run, network: Model, images: ImageSet, division: Split) -> None:
    """Write the bundle with all that validation images, never test ones, say about it."""

    def settle(bundle: Bundle) -> dict[str, Any]:
        return settled(bundle, images, division) if len(division.validation) else {}

    models_room.write_bundle(
        run.bundle,
        network,
        run.config.network,
        run.config.preprocessing,
        class_names=images.class_names,
        class_codes=images.class_codes,
        facts=_bundle_facts(run),
        settle=settle,
        pictures=images.images[:PARITY_PICTURES],
    )


def _validation(
    images: ImageSet, division: Split
) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
    if not len(division.validation):
        return None
    return images.images[division.validation], images.labels[division.validation]


def _bundle_facts(run: Run) -> dict[str, Any]:
    config = run.config
    return {
        "name": config.name,
        "run": run.name,
        "seed": config.training.seed,
        "data": dict(config.data),
        "training": config.training.to_dict(),
        "split": config.split,
    }


def _command(request: _Request, division: Split) -> str:
    words = ["hangtag", "train", *Source.of(request.source).words(), "--network", request.network]
    words += ["--split", division.recipe, "--seed", str(request.seed)]
    if division.seed not in (None, request.seed):
        words += ["--split-seed", str(division.seed)]
    if request.limit is not None:
        words += ["--limit", str(request.limit)]
    if request.rows is not None:
        words += ["--rows", f"{request.rows[0]}:{request.rows[1]}"]
    given = {name: value for name, value in request.options.items() if value is not None}
    for name in FLAGS:
        if name in given:
            words += [f"--{name.replace('_', '-')}", str(given.pop(name))]
    changes = given | dict(request.changes)
    if changes:
        words += ["--change", ";".join(f"{name}={value}" for name, value in changes.items())]
    return shlex.join(words)
