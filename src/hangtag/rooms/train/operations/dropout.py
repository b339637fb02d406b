"""Dropout on a CPU: activations in, some of them zero and the rest scaled up out.

Keras draws 32 threefry bits for every value, which costs more than the layer around it. A
counter-based integer hash needs a handful of multiplications, which XLA melts into the
neighbouring loops, and passes for coin tosses: "lowbias32", found by exhaustive search over such
hashes (https://github.com/skeeto/hash-prospector), applied twice with a key between.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement, native

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer


def replacement(layer: Layer) -> Replacement | None:
    """Our ``call`` for `layer`, or None when it shares its noise between places."""
    if layer.noise_shape is not None or not 0 < layer.rate < 1:
        return None

    def call(inputs: Array, training: bool = False) -> Array:
        if not training:
            return inputs
        return drop(inputs, layer.rate, layer.seed_generator.next())

    return "call", call


def drop(values: Array, rate: Array, seed: Array) -> Array:
    """Set each of `values` to zero with probability `rate`, scale the others by 1 / (1 - rate).

    Args:
        values: Array shape, floating.
        rate: From 0 to 1, a number or a traced scalar: 0 leaves every value, 1 none. Any other
            makes every value NaN or, where the native kernels drop, is an error of theirs.
        seed: ``(2,)`` integers that say which draw it is.

    Returns:
        As `values`.
    """
    import jax.numpy as jnp

    seed = jnp.asarray(seed).astype(jnp.uint32)
    if values.dtype == jnp.float32 and native.here():
        from hangtag_kernels import drop as drop_natively

        proportion = 1.0 - jnp.asarray(rate, jnp.float32)
        dropped: Array = drop_natively(values, seed, proportion)
        return dropped
    # A zero that XLA cannot see through: it makes the division below a real one, and what ends in
    # a division XLA works out once instead of tossing the coins again in every loop that reads it.
    zero = ((seed[0] >> 31) >> 1).astype(jnp.float32)
    keep = 1.0 - jnp.asarray(rate, jnp.float32) + zero
    # No number of 32 bits is above all others: where all values stay, that is said apart.
    least = jnp.minimum(keep * 2.0**32, 2.0**32 - 256).astype(jnp.uint32)
    kept = (random_bits(values.shape, seed) < least) | (keep == 1)
    divisor = jnp.where(keep == 0, 1, jnp.where((keep > 0) & (keep <= 1), keep, jnp.nan))
    return jnp.where(kept, values, 0) / divisor.astype(values.dtype)


def random_bits(shape: tuple[int, ...], seed: Array) -> Array:
    """Give 32 pseudo-random bits for every place of `shape`; the same for the same seed."""
    import jax
    import jax.numpy as jnp

    first, second = seed
    place = jax.lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)
    return _mix(_mix(place ^ _mix(first)) + _mix(second ^ jnp.uint32(0x9E3779B9)))


def _mix(bits: Array) -> Array:
    import jax.numpy as jnp

    bits = bits ^ (bits >> 16)
    bits = bits * jnp.uint32(0x7FEB352D)
    bits = bits ^ (bits >> 15)
    bits = bits * jnp.uint32(0x846CA68B)
    return bits ^ (bits >> 16)
