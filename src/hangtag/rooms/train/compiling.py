"""A network made ready to train: Keras' optimizer and loss for the options, and dropout its seeds.

To add an optimizer: a row in ``options.OPTIMIZERS``, and what it takes in :func:`_optimizer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hangtag.records import TrainingOptions
from hangtag.rooms.train.options import OPTIMIZERS

if TYPE_CHECKING:
    from jax import Array
    from keras import Model, Variable

NO_DECAY = ["bias", "gamma", "beta"]
"""Names of weights that are shifts and scales: to shrink them makes nothing smoother."""


def compile_network(network: Model, options: TrainingOptions) -> None:
    """Give `network` the optimizer and the loss of `options`, and dropout its seeds."""
    network.compile(optimizer=_optimizer(options), loss=_loss(network, options.label_smoothing))
    network.optimizer.build(network.trainable_variables)
    seeds = np.random.SeedSequence(options.seed)
    for variable in network.non_trainable_variables:
        if variable.name == "seed_generator_state":
            # One for each dropout layer; with the same seed neighbours would drop the same places.
            [own] = seeds.spawn(1)
            variable.assign([own.generate_state(1)[0], 0])


def gives_logits(network: Model) -> bool:
    """Whether the last layer leaves the softmax to the loss."""
    import keras

    last = getattr(network.layers[-1], "activation", None)
    return last is keras.activations.linear


def place_of(network: Model, variable: Variable) -> int:
    """Where among the optimizer's variables one of them is, such as its learning rate."""
    places = (n for n, one in enumerate(network.optimizer.variables) if one is variable)
    return next(places)


def _optimizer(options: TrainingOptions) -> Any:  # noqa: ANN401 - Keras has no types
    import keras

    numbers: dict[str, Any] = {}
    if options.learning_rate is not None:
        numbers["learning_rate"] = options.learning_rate
    if options.momentum:
        numbers |= {"momentum": options.momentum, "nesterov": options.nesterov}
    if options.weight_decay:
        numbers["weight_decay"] = options.weight_decay
    optimizer = getattr(keras.optimizers, OPTIMIZERS[options.optimizer])(**numbers)
    if options.weight_decay:
        # After the usual practice since He et al., "Bag of tricks for image classification" (2019).
        optimizer.exclude_from_weight_decay(var_names=NO_DECAY)
    return optimizer


def _loss(network: Model, smoothing: float) -> Any:  # noqa: ANN401
    import keras

    logits = gives_logits(network)
    if not smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=logits)

    def smoothed(labels: Array, answers: Array) -> Array:
        # Keras smooths labels only where they are one-hot.
        wanted = keras.ops.one_hot(keras.ops.cast(labels, "int32"), answers.shape[-1])
        loss: Array = keras.losses.categorical_crossentropy(
            wanted, answers, from_logits=logits, label_smoothing=smoothing
        )
        return loss

    return smoothed
