"""The verb *train*: network, labelled images and options in, network trained and history out.

Everything here imports what it needs when it is called, so that importing the room costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.backend import keras_on_jax
from hangtag.compilation_cache import remember_programs
from hangtag.errors import OptionError
from hangtag.progress import Progress, silent
from hangtag.records import History, Preprocessing, TrainingOptions
from hangtag.rooms.train import options as asked
from hangtag.rooms.train.callbacks import (
    Callback,
    Epoch,
    LearningRate,
    ReduceOnPlateau,
    StopRequest,
)
from hangtag.rooms.train.interrupt import on_interrupt
from hangtag.rooms.train.many import Together, give_first_weights, run_together
from hangtag.rooms.train.operations import fast_operations
from hangtag.rooms.train.predictor import probabilities
from hangtag.rooms.train.shared import Shared
from hangtag.rooms.train.trainer import Trainer

if TYPE_CHECKING:
    from keras import Model

__all__ = [
    "Callback",
    "Epoch",
    "LearningRate",
    "ReduceOnPlateau",
    "StopRequest",
    "predict",
    "train",
    "train_many",
]


def train(
    network: Model,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]] | None = None,
    preprocessing: Preprocessing,
    options: TrainingOptions,
    checkpoint: Path | None = None,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
    progress: Progress = silent,
) -> History:
    """Train `network` in place, a compiled program at a time.

    What comes out is what Keras' ``fit`` with the same optimizer, loss and batches would give, up
    to rounding and the draw of random numbers; the network stays a plain Keras model.

    Args:
        network: Model ``keras.Model`` with one input and class probabilities (or logits, when its
            last layer's activation is linear) as output.
        images: ``(n, height, width, channels)`` uint8.
        labels: ``(n,)`` class numbers from 0.
        validation: Images and labels looked at after every epoch, or None.
        preprocessing: Applied to every batch inside the program.
        options: How to train.
        checkpoint: File that keeps the whole training, written at least every 60 seconds.
        resume: Go on from `checkpoint`; the weights come out as if nothing had happened.
        callbacks: Called between epochs.
        progress: Called about three times a second.

    Returns:
        The curves; the trained weights are in `network`.

    Raises:
        OptionError: An option has a value it cannot have, or images and labels do not fit.
        SpecError: The network does not fit the images or the classes.
        RunError: There is nothing to resume, or it belongs to another training.
        DivergedError: The loss left the finite numbers; the network has its last good weights.
        StoppedError: Ctrl-C; the checkpoint holds everything.
    """
    asked.check_options(options, validated=validation is not None)
    asked.check_images(images, labels, preprocessing)
    if validation is not None:
        asked.check_images(*validation, preprocessing, "validation")
    if resume and checkpoint is None:
        raise OptionError("resuming needs a checkpoint", "give checkpoint=PATH")
    keras_on_jax()
    remember_programs()
    asked.check_network(network, labels, preprocessing)
    trainer = Trainer(
        network,
        images,
        labels,
        validation=validation,
        preprocessing=preprocessing,
        options=options,
        checkpoint=checkpoint,
        callbacks=callbacks,
        progress=progress,
    )
    with on_interrupt() as interrupt, fast_operations(network):
        return trainer.run(interrupt, resume=resume)


def train_many(
    networks: Sequence[Model],
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]] | None = None,
    preprocessing: Preprocessing | Sequence[Preprocessing],
    options: TrainingOptions | Sequence[TrainingOptions],
    identical_weights: bool = False,
    workers: int = 2,
    progress: Progress = silent,
) -> tuple[History, ...]:
    """Train several networks at once, each exactly as :func:`train` would train it alone.

    Networks of the same form share their compiled programs and the images, so several seeds or
    learning rates cost one compilation; networks of different form may be mixed in.

    Args:
        networks: ``keras.Model`` objects, trained in place.
        images: As for :func:`train`, the same for all.
        labels: As for :func:`train`.
        validation: As for :func:`train`.
        preprocessing: One for all, or one per network (such as the two halves of an image).
        options: One for all, or one per network.
        identical_weights: Whether all start from the weights of the first one.
        workers: Trainings that run at the same time.
        progress: Hears of all of them together.

    Returns:
        One history per network, in order.

    Raises:
        OptionError: As for :func:`train`; or there is not one preprocessing or options per network.
        SpecError: As for :func:`train`; or networks that should start alike differ in shape.
        DivergedError: The first of the networks that diverged; the others are trained.
        StoppedError: Ctrl-C.
    """
    many = len(networks)
    preprocessings = asked.one_each("preprocessing", preprocessing, Preprocessing, many)
    every = asked.one_each("options", options, TrainingOptions, many)
    asked.check_whole("workers", workers, 1)
    keras_on_jax()
    remember_programs()
    for network, own, choice in zip(networks, preprocessings, every, strict=True):
        asked.check_options(choice, validated=validation is not None)
        asked.check_images(images, labels, own)
        if validation is not None:
            asked.check_images(*validation, own, "validation")
        asked.check_network(network, labels, own)
    if identical_weights:
        asked.check_alike(networks)
        # After all checks: nothing is changed about networks that are refused.
        give_first_weights(networks)
    shared, bars = Shared(), Together(progress)
    trainers = [
        Trainer(
            network,
            images,
            labels,
            validation=validation,
            preprocessing=own,
            options=choice,
            checkpoint=None,
            callbacks=(),
            progress=bars.part(number, choice.epochs * max(len(images) // choice.batch_size, 1)),
            shared=shared,
        )
        for number, (network, own, choice) in enumerate(
            zip(networks, preprocessings, every, strict=True)
        )
    ]
    return run_together(trainers, workers=workers)


def predict(
    network: Model,
    images: NDArray[np.uint8],
    *,
    preprocessing: Preprocessing,
    batch_size: int = 256,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Ask `network` about every image, in one compiled program.

    Args:
        network: A built ``keras.Model`` that answers with class probabilities or logits.
        images: ``(n, height, width, channels)`` uint8; n may be 0.
        preprocessing: The one the network was trained with.
        batch_size: Images computed together.
        progress: Called after every few thousand images.

    Returns:
        ``(n, n_classes)`` float32; rows sum to one.

    Raises:
        OptionError: The images are not what `preprocessing` takes, or `batch_size` is below 1.
        SpecError: The network takes another shape.
    """
    asked.check_pixels(images, preprocessing, "predict")
    asked.check_whole("batch_size", batch_size, 1)
    asked.check_input(network, preprocessing)
    if len(images) == 0:
        return np.zeros((0, network.output_shape[-1]), np.float32)
    remember_programs()
    return probabilities(
        network,
        images,
        preprocessing=preprocessing,
        batch_size=batch_size,
        progress=progress,
    )
