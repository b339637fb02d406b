"""Batch normalization by the native kernels, with the ReLU behind it in the same call.

Only the training's form, which needs the moments of the batch; with the moving ones XLA melts it
into its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement, as_it_is, is_keras_own

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer


def replacements(layer: Layer, follower: Layer | None) -> Iterator[tuple[Layer, Replacement]]:
    """What to put on the batch normalization `layer` and on what stands right behind it."""
    # Batch renormalisation corrects by the moving moments while training; Keras' own does that.
    if layer.renorm:
        return
    relu = follower is not None and _is_relu(follower)
    if follower is not None and relu:
        yield follower, ("call", as_it_is)
    yield layer, ("call", _normalizing(layer, relu=relu))


def _is_relu(layer: Layer) -> bool:
    import keras

    if not is_keras_own(layer):
        return False
    if type(layer).__name__ == "Activation":
        return bool(layer.activation is keras.activations.relu)
    plain = (None, 0.0, 0.0)
    return (
        type(layer).__name__ == "ReLU"
        and (layer.max_value, layer.negative_slope, layer.threshold) == plain
    )


def _normalizing(layer: Layer, *, relu: bool) -> Callable[..., Array]:
    own = type(layer).call

    def call(inputs: Array, training: bool | None = None, mask: Array | None = None) -> Array:
        import jax
        import jax.numpy as jnp

        given = jnp.asarray(inputs)
        last = layer.axis in {-1, given.ndim - 1}
        if not (training and layer.trainable and last and mask is None and given.ndim > 1):
            # Frozen, masked, over another axis, or not training: the layer's own way, and the ReLU
            # that was taken out of the layer behind it is done here.
            answers = own(layer, inputs, training=training, mask=mask)
            return jax.nn.relu(answers) if relu else answers
        return _normalized(layer, given, relu=relu)

    return call


def _normalized(layer: Layer, values: Array, *, relu: bool) -> Array:
    """The layer's answers for a batch; its moving moments move towards those of the batch."""
    import jax.numpy as jnp

    from hangtag_kernels import normalize

    channels = values.shape[-1]
    answers, *moments = normalize(
        values,
        jnp.asarray(layer.gamma) if layer.scale else jnp.ones(channels, jnp.float32),
        jnp.asarray(layer.beta) if layer.center else jnp.zeros(channels, jnp.float32),
        epsilon=layer.epsilon,
        activation="relu" if relu else None,
    )
    for moving, found in zip((layer.moving_mean, layer.moving_variance), moments, strict=True):
        # Keras' rule, with the moments of the batch that the kernel has found anyway.
        old = jnp.asarray(moving)
        moving.assign(old * layer.momentum + found * (1.0 - layer.momentum))
    normalized: Array = answers
    return normalized
