"""Dropout: values, a seed and the share to keep in, some zero and the rest scaled up out.

Coins are tossed by a hash of the place of each value, so the way back tosses them again and nothing
is kept between.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hangtag_kernels import _library


def drop(values: Array, seed: Array, keep: Array) -> Array:
    """Keep each value with probability `keep` and divide it by that; set the others to zero.

    Gradients are taken backwards, of `values` alone; there is no forward mode.

    Args:
        values: float32 of any shape, of less than 2³² values.
        seed: ``(2,)`` uint32; the same seed drops the same places.
        keep: Scalar from 0 to 1; 1 leaves every value as it is, 0 leaves none.

    Returns:
        float32 of the shape of `values`.

    Raises:
        TypeError: The values are not float32, or the seed is not uint32.
        ValueError: The seed is not two numbers, or `keep` is not one from 0 to 1. Where `keep` is
            only known when a compiled program runs, the call itself refuses it then.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> drop(jnp.ones(4), jnp.zeros(2, jnp.uint32), 1.0).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    if values.dtype != jnp.float32 or seed.dtype != jnp.uint32:
        raise TypeError(
            f"drop takes values of float32 and a seed of uint32; got {values.dtype} and "
            f"{seed.dtype}"
        )
    keep = jnp.asarray(keep, jnp.float32)
    if seed.shape != (2,) or keep.shape != ():
        raise ValueError(
            f"drop takes a seed of two numbers and one share; got {seed.shape} and {keep.shape}"
        )
    if not isinstance(keep, jax.core.Tracer) and not 0 <= float(keep) <= 1:
        raise ValueError(f"drop takes a share to keep from 0 to 1; got {float(keep)}")
    _library.load()
    dropped: Array = _drop(values.reshape(-1), seed, keep).reshape(values.shape)
    return dropped


@jax.custom_vjp
def _drop(values: Array, seed: Array, keep: Array) -> Array:
    shape = jax.ShapeDtypeStruct(values.shape, jnp.float32)
    call = jax.ffi.ffi_call("hangtag_drop", shape, vmap_method="expand_dims")
    dropped: Array = call(values, seed, keep)
    return dropped


def _drop_fwd(values: Array, seed: Array, keep: Array) -> tuple[Array, tuple[Array, Array]]:
    return _drop(values, seed, keep), (seed, keep)


def _drop_bwd(kept: tuple[Array, Array], slopes: Array) -> tuple[Array, np.ndarray, Array]:
    seed, keep = kept
    nothing = np.zeros(seed.shape, jax.dtypes.float0)
    return _drop(slopes, seed, keep), nothing, jnp.zeros_like(keep)


_drop.defvjp(_drop_fwd, _drop_bwd)
