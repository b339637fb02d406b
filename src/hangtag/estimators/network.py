"""Networks: named recipes with changes, trained step by step; a run that was killed goes on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, locks, runs
from hangtag.errors import DivergedError, OptionError, StoppedError, nearest
from hangtag.estimators import choice, mirrors, remembering
from hangtag.estimators.answers import choose_threshold
from hangtag.estimators.base import Fit, Fitted, Fold, Job
from hangtag.estimators.provenance import at_default, config_of
from hangtag.progress import Progress
from hangtag.records import Config, Evaluation, ImageSet, Source, Split, TrainingOptions
from hangtag.requests import TrainRequest, command_line
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import train as train_room
from hangtag.rooms.models import Bundle
from hangtag.rooms.train.operations.native import in_use
from hangtag.rooms.train.options import check_options
from hangtag.runs import Run
from hangtag.sheets import aligned

if TYPE_CHECKING:
    from keras import Model

    from hangtag.estimators.search import Search
    from hangtag.rooms.models import Recipe

USUAL = "cnn-28-56"
"""The network where nobody says one."""
DOCUMENT_ROWS = 28
PARITY_IMAGES = 32
FLAGS = ("epochs", "batch_size", "optimizer", "learning_rate", "early_stopping")
"""Options of training that the command line takes by name, with a value."""
TRAINING = tuple(one.name for one in fields(TrainingOptions) if one.name != "seed")


@dataclass(frozen=True)
class NetworkRequest:
    """What is asked of a network.

    Attributes:
        network: A name that ``hangtag summary`` lists.
        options: Training options that differ from the recipe's.
        changes: Changes to the network, such as ``{"dense.units": 64, "dropout": 0.5}``.
        rows: First and past-the-last row of each image that the network sees; None takes those
            of the network's document, or all.
        seed: Of the initial weights and the order of images.
    """

    network: str = USUAL
    options: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[int, int] | None = None
    seed: int = 0


class _Networks:
    """Keras networks."""

    name, noun, title = "network", "network", "Neural networks"

    @property
    def search(self) -> Search:
        """Of the layers and of the training."""
        from hangtag.estimators.network_search import NetworkSearch  # --help and train need none

        return NetworkSearch()

    def request(self, asked: Mapping[str, Any], seed: int) -> NetworkRequest:
        """Training options may be given by their own names, too."""
        own = {one.name for one in fields(NetworkRequest) if one.name != "seed"}
        options = dict(asked.get("options") or {})
        options |= {name: value for name, value in asked.items() if name not in own}
        for name in options:
            if name not in TRAINING:
                raise OptionError(f"training has no option '{name}'", nearest(name, TRAINING))
        given = {name: one for name, one in asked.items() if name in own and one is not None}
        return NetworkRequest(**{**given, "options": _given(options)}, seed=seed)

    def label(self, request: NetworkRequest) -> str:
        """The recipe's name."""
        return request.network

    def own_split(self, request: NetworkRequest, images: ImageSet, *, sampled: bool) -> str:
        """As its document divides."""
        return own_split(request.network, images, sampled)

    def fit(
        self,
        images: ImageSet,  # noqa: ARG002
        split: Split,  # noqa: ARG002
        request: NetworkRequest,  # noqa: ARG002
        /,
        *,
        cached: bool,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
    ) -> Fit:
        """Nothing: it is trained step by step."""
        raise OptionError("a network is trained step by step, as a run", "hangtag.train(…)")

    def train(self, job: Job) -> Run:
        """Train a new run from its first step."""
        config = _config(job)

        def fill(draft: Run) -> None:
            draft.write_split(job.split)
            job.keep(draft)

        run = runs.create(job.out, config, fill)
        return _carry_out(run, job.images, job.split, progress=job.progress)

    def resume(self, run: Run, images: ImageSet, progress: Progress) -> Run:
        """Go on from the last checkpoint; the end is that of a training never stopped."""
        return _carry_out(run, images, _division(run, images), resume=True, progress=progress)

    def open(self, bundle: Bundle) -> Model:
        """The Keras network."""
        return models_room.network_from_bundle(bundle)

    def fitted(self, run: Run) -> Fitted:
        """What its epochs say."""
        history = run.history()
        last = {curve: history.last(curve) for curve in history.curves}
        return Fitted(
            words=f"the network {run.config.name}",
            noun=self.noun,
            parameters=int(models_room.summary(run.config.network)["parameters"]),
            seconds=sum(history.seconds),
            training=last.get("accuracy"),
            validation=last.get("val_accuracy"),
            history=history,
        )

    def told(self, run: Run, tested: Evaluation | None = None) -> list[str]:  # noqa: ARG002
        """A row for each epoch."""
        history = run.history()
        rows = [
            (number + 1, *(f"{curve[number]:.4f}" for curve in history.curves.values()))
            for number in range(len(history))
        ]
        return aligned(("epoch", *history.curves), rows, left=())

    def shown(self, run: Run) -> dict[str, Any]:
        """Layers, their diagram, and the options of training."""
        network, options = run.config.network, run.config.training
        summary = models_room.summary(network)
        rate = options.learning_rate or f"Keras' default for {options.optimizer}"
        return {
            "layers": tuple(summary["layers"]),
            "totals": {name: summary[name] for name in ("parameters", "trainable", "biases")},
            "diagram": models_room.diagram(network),
            "options": options.to_dict() | {"learning_rate": rate},
            "at_default": at_default(options),
        }

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Train it anew; where an epoch is chosen, images held out of training choose it."""
        from hangtag.estimators.trial_training import score_again  # a training needs no trials

        return score_again(config, images, fold, seed)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _config(job: Job) -> Config:
    asked: NetworkRequest = job.request
    images, split = job.images, job.split
    recipe = models_room.recipe(asked.network)
    options = mirrors.fitting(
        _options(asked, validated=len(split.validation) > 0),
        keeps=mirrors.keeps_labels(images.name),
        asked="flip" in asked.options,
    )
    preprocessing = load_room.fit_preprocessing(
        images.images[split.train],
        standardise=recipe.standardise,
        rows=asked.rows or rows_of(recipe, images.shape[0]),
        of=images,
    )
    spec = models_room.network_spec(
        asked.network, input_shape=preprocessing.output_shape, n_classes=images.n_classes
    )
    if asked.changes:
        spec = models_room.change(spec, asked.changes)
        models_room.summary(spec)  # says what does not fit before anything is written
    return config_of(
        job,
        name=asked.network,
        spec=replace(spec, mirrored=recipe.mirrored and options.flip),
        options=options,
        preprocessing=preprocessing,
        command=_command(job),
        operations=in_use(),
    )


def own_split(network: str, images: ImageSet, sampled: bool) -> str:
    """The document's split for a whole known set; ``auto`` for anything else."""
    known = {one.name for one in load_room.known_sets()}
    fits = images.name in known and "test" in images.parts and not sampled
    return models_room.recipe(network).split if fits else "auto"


def rows_of(recipe: Recipe, height: int) -> tuple[int, int] | None:
    """The rows a document keeps of its 28, in proportion for images of another height."""
    if recipe.rows is None:
        return None
    first, past = (round(row * height / DOCUMENT_ROWS) for row in recipe.rows)
    return first, past


def _options(asked: NetworkRequest, *, validated: bool) -> TrainingOptions:
    options = replace(models_room.training_options(asked.network), **asked.options, seed=asked.seed)
    if not validated and "monitor" not in asked.options:
        options = replace(options, monitor=options.monitor.removeprefix("val_"))
    check_options(options, validated=validated)
    return options


def _division(run: Run, images: ImageSet) -> Split:
    """The run's split; made again where a kill came before it was kept, as older Hangtags could."""
    if not run.has_split:
        run.write_split(load_room.split(images, run.config.split, seed=run.config.seed))
    return run.split()


def _carry_out(
    run: Run, images: ImageSet, split: Split, *, resume: bool = False, progress: Progress
) -> Run:
    with locks.held(run.folder, f"run {run.name}"):
        return _trained(run, images, split, resume=resume, progress=progress)


def _trained(run: Run, images: ImageSet, split: Split, *, resume: bool, progress: Progress) -> Run:
    network = models_room.build(run.config.network, seed=run.config.training.seed)
    models_room.adapt(network, images.images[split.train], run.config.preprocessing)
    try:
        history = train_room.train(
            network,
            images.images[split.train],
            images.labels[split.train],
            validation=_validation(images, split),
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
        _write_bundle(run, network, images, split)
        run.at("diverged")
        raise
    run.write_history(history)
    _write_bundle(run, network, images, split)
    trained = run.at("trained")
    atomic.remove(run.checkpoint)
    return trained


def _write_bundle(run: Run, network: Model, images: ImageSet, split: Split) -> None:
    """Write the bundle with all that validation images, never test ones, say about it."""

    def settle(bundle: Bundle) -> dict[str, Any]:
        return choose_threshold(bundle, images, split)

    def remember(bundle: Bundle, model: bytes) -> bytes:
        return remembering.told(bundle, model, images, split.train, run.config.training.seed)

    validated = len(split.validation) > 0  # which is what says from where on an image is strange

    models_room.write_bundle(
        run.bundle,
        network,
        run.config.network,
        run.config.preprocessing,
        class_names=images.class_names,
        class_codes=images.class_codes,
        facts=_bundle_facts(run),
        remember=remember if validated else None,
        settle=settle if validated else None,
        pictures=images.images[:PARITY_IMAGES],
    )


def _validation(
    images: ImageSet, split: Split
) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
    if not len(split.validation):
        return None
    return images.images[split.validation], images.labels[split.validation]


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


def _command(job: Job) -> str:
    asked: NetworkRequest = job.request
    given = dict(asked.options)
    flags = {name: given.pop(name) for name in FLAGS if name in given}
    usual = asked.network == USUAL and not choice.are_photographs(job.images)
    request = TrainRequest(
        network=None if usual else asked.network,
        split=job.again,
        change=given | dict(asked.changes),
        rows=asked.rows,
        seed=asked.seed,
        split_seed=job.split_seed(asked.seed),
        limit=job.limit,
        **flags,
    )
    return command_line("train", Source.of(job.source), request)


NETWORK = _Networks()
