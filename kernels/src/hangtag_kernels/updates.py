"""Updates of optimizers: all weights of a network with what the optimizer keeps and slopes in, out.

One call goes through every array once, and changes it in place where XLA sees that nobody reads the
old values.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hangtag_kernels import _library

Arrays = list[Array]


def adam(
    weights: Sequence[Array],
    momentums: Sequence[Array],
    velocities: Sequence[Array],
    slopes: Sequence[Array],
    *,
    rate: Array,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[Arrays, Arrays, Arrays]:
    """Do a step of Adam, in the order of operations of Keras.

    Args:
        weights: float32 arrays of any shapes.
        momentums: First moments, of the same shapes.
        velocities: Second moments, of the same shapes.
        slopes: Gradients, of the same shapes.
        rate: Scalar: the learning rate with the correction of both moments for their start from
            zero, ``learning_rate * sqrt(1 - beta_2 ** step) / (1 - beta_1 ** step)``.
        beta_1: How much of the first moment stays.
        beta_2: How much of the second moment stays.
        epsilon: Added to the square root of the second moment.

    Returns:
        New weights, first moments and second moments.

    Raises:
        TypeError: An array is not float32.
        ValueError: The arrays of one weight differ in shape, or there is none.
        OSError: The compiled library is missing.

    Reference:
        Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015).
    """
    groups = [list(group) for group in (weights, momentums, velocities, slopes)]
    _check(groups)
    _library.load()
    count = len(groups[0])
    kept = [array for group in groups[:3] for array in group]
    call = jax.ffi.ffi_call(
        "hangtag_adam",
        [jax.ShapeDtypeStruct(array.shape, jnp.float32) for array in kept],
        input_output_aliases={1 + place: place for place in range(len(kept))},
        vmap_method="broadcast_all",
    )
    found = call(
        jnp.asarray(rate, jnp.float32),
        *kept,
        *groups[3],
        first=np.float32(1 - beta_1),
        second=np.float32(1 - beta_2),
        epsilon=np.float32(epsilon),
    )
    return list(found[:count]), list(found[count : 2 * count]), list(found[2 * count :])


def _check(groups: list[list[Array]]) -> None:
    first = groups[0]
    if not first:
        raise ValueError("adam got no weights")
    for group in groups:
        if [array.shape for array in group] != [array.shape for array in first]:
            raise ValueError("adam takes weights, two moments and slopes of the same shapes")
        for array in group:
            if array.dtype != jnp.float32:
                raise TypeError(f"adam takes arrays of float32; got {array.dtype}")
