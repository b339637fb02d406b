"""Networks of dense layers alone: a network and how it trains in, its steps as one native call out.

Their steps are so short that a compiled loop spends much of an epoch between operations. What
:func:`planned` finds covered trains by Keras' own definitions, like everything else; what it does
not (dropout, other optimizers or metrics, penalties, changes to images) takes the loop.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train.augment import augments
from hangtag.rooms.train.operations import is_keras_own, native

if TYPE_CHECKING:
    from jax import Array
    from keras import Model
    from keras.layers import Layer

METRICS = {"accuracy"}
"""What the call can count."""


class Stack(NamedTuple):
    """How the steps of a network are one call.

    Attributes:
        rule: The ``hangtag_kernels.Rule``.
        moments: For each weight, where among the optimizer's variables its moments are.
        mean: What is taken off every pixel once it is scaled; None when nothing is.
        deviation: What it is divided by then.
    """

    rule: Any
    moments: list[tuple[int, int]]
    mean: NDArray[np.float32] | None
    deviation: NDArray[np.float32] | None


class Steps(NamedTuple):
    """What came of steps: weights, the optimizer's variables, loss, and the call's counts."""

    weights: list[Array]
    optimizer: list[Array]
    loss: Array
    right: Array
    done: Array
    bad_step: Array


def planned(network: Model, options: TrainingOptions, preprocessing: Preprocessing) -> Stack | None:
    """How `network`, compiled, trains in native calls; None when it does not."""
    if not native.here() or not _plain_training(network, options):
        return None
    layers = _chain(network)
    if layers is None:
        return None
    normalization, *layers = layers
    from hangtag_kernels import Rule

    optimizer = network.optimizer
    rule = Rule(
        batch=options.batch_size,
        relus=tuple(_activation(layer) == "relu" for layer in layers),
        scale=preprocessing.scale,
        beta_1=optimizer.beta_1,
        beta_2=optimizer.beta_2,
        epsilon=optimizer.epsilon,
        least=_epsilon(),
    )
    moments = _moments(optimizer, network.trainable_variables)
    return Stack(rule, moments, *_standard(preprocessing, normalization))


def run(
    stack: Stack,
    weights: list[Array],
    optimizer: list[Array],
    images: tuple[Array, Array, Array],
    *,
    rates: Array,
    bounds: Array,
    loss: Array,
) -> Steps:
    """Do steps ``bounds[0]`` to ``bounds[1]`` on ``bounds[2]`` threads (0: all), as traced code.

    Args:
        stack: From :func:`planned`.
        weights: The trainable ones.
        optimizer: The optimizer's variables; its count of steps stays as it is.
        images: Pixels, labels and their order in the epoch.
        rates: Adam's step length for each step of the epoch.
        bounds: ``(3,)`` int32.
        loss: Sum of the losses of the epoch's images so far.
    """
    from hangtag_kernels import train_stack

    first, second = ([optimizer[pair[at]] for pair in stack.moments] for at in (0, 1))
    found = train_stack(
        weights,
        first,
        second,
        *images,
        rates=rates,
        bounds=bounds,
        loss=loss,
        rule=stack.rule,
        mean=stack.mean,
        deviation=stack.deviation,
    )
    # Only the moments change; the count of steps is the loop's, which knows how many were done
    # before Ctrl-C.
    after = list(optimizer)
    for (one, other), momentum, velocity in zip(
        stack.moments, found.momentums, found.velocities, strict=True
    ):
        after[one], after[other] = momentum, velocity
    return Steps(found.weights, after, found.loss, *found.counts)


def _plain_training(network: Model, options: TrainingOptions) -> bool:
    """Adam as it is in the paper, and nothing around the step that the call does not do."""
    import keras

    optimizer = network.optimizer
    asked = (options.label_smoothing, options.average, options.weight_decay, augments(options))
    held = [
        *("clipnorm", "clipvalue", "global_clipnorm", "weight_decay", "use_ema"),
        *("loss_scale_factor", "gradient_accumulation_steps", "amsgrad"),
    ]
    return (
        type(network).__module__.startswith("keras.")
        and type(optimizer) is keras.optimizers.Adam
        and not any(asked)
        and not any(getattr(optimizer, name) for name in held)
        and set(options.metrics) <= METRICS
    )


def _chain(network: Model) -> list[Layer | None] | None:
    """The layers of `network` behind a Flatten, if they are what the call covers.

    The first one is a Normalization or, where the network has none, None; the others are dense.
    """
    layers = [layer for layer in network.layers if type(layer).__name__ != "InputLayer"]
    if len(network.inputs) != 1 or len(network.outputs) != 1 or len(layers) < 2:
        return None
    # Each layer must take what the one before gives: a network with a branch has the same layers in
    # a list and is another function.
    at = network.inputs[0]
    for layer in layers:
        if not is_keras_own(layer) or len(layer._inbound_nodes) != 1 or layer.input is not at:  # noqa: SLF001
            return None
        at = layer.output
    flatten, *dense = layers
    normalization = dense.pop(0) if _plain_normalization(dense[0]) else None
    whole = at is network.outputs[0] and type(flatten).__name__ == "Flatten"
    fine = (
        bool(dense)
        and all(map(_plain_dense, dense))
        and all(_activation(layer) in {"relu", "linear"} for layer in dense[:-1])
    )
    good = whole and fine and _activation(dense[-1]) == "softmax"
    return [normalization, *dense] if good else None


def _plain_normalization(layer: Layer) -> bool:
    """Whether `layer` takes off a mean and divides by a deviation for each value."""
    return (
        type(layer).__name__ == "Normalization"
        and not layer.invert
        and layer.mean is not None
        and layer.compute_dtype == "float32"
        and np.asarray(layer.mean).size in {1, layer.output.shape[-1]}
    )


def _standard(
    preprocessing: Preprocessing, normalization: Layer | None
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """What is taken off every scaled pixel, and what it is divided by."""
    channels = preprocessing.output_shape[-1]
    mean = np.broadcast_to(np.asarray(preprocessing.mean or 0.0, np.float64), channels)
    deviation = np.broadcast_to(np.asarray(preprocessing.deviation or 1.0, np.float64), channels)
    pixels = math.prod(preprocessing.output_shape) // channels
    mean, deviation = np.tile(mean, pixels), np.tile(deviation, pixels)
    if normalization is not None:
        import keras

        spread = np.sqrt(np.asarray(normalization.variance, np.float64)).reshape(-1)
        # Two standardizations one after the other are one: (x - m) / s, then (y - a) / b, is (x -
        # (m + s a)) / (s b).
        mean = mean + deviation * np.asarray(normalization.mean, np.float64).reshape(-1)
        deviation = deviation * np.maximum(spread, keras.config.epsilon())
    if not mean.any() and (deviation == 1).all():
        return None, None
    return mean.astype(np.float32), deviation.astype(np.float32)


def _plain_dense(layer: Layer) -> bool:
    if type(layer).__name__ != "Dense" or layer.compute_dtype != "float32":
        return False
    around = [
        *("kernel_regularizer", "bias_regularizer", "activity_regularizer"),
        *("kernel_constraint", "bias_constraint", "lora_rank", "quantization_mode"),
    ]
    weights = [layer.kernel, layer.bias] if layer.use_bias else []
    return (
        [id(one) for one in layer.trainable_variables] == [id(one) for one in weights]
        and len(weights) == 2
        and not any(getattr(layer, name, None) for name in around)
    )


def _activation(layer: Layer) -> str:
    import keras

    names = ("relu", "linear", "softmax")
    return next(
        (name for name in names if layer.activation is getattr(keras.activations, name)), ""
    )


def _moments(optimizer: Any, weights: list[Any]) -> list[tuple[int, int]]:  # noqa: ANN401
    """Where Adam's two moments of each weight are; Keras has no other names for them."""
    places = {id(variable): place for place, variable in enumerate(optimizer.variables)}
    found = []
    for weight in weights:
        at = optimizer._get_variable_index(weight)  # noqa: SLF001
        pair = optimizer._momentums[at], optimizer._velocities[at]  # noqa: SLF001
        found.append((places[id(pair[0])], places[id(pair[1])]))
    return found


def _epsilon() -> float:
    import keras

    return float(keras.config.epsilon())
