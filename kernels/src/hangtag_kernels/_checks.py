"""Checks of what the functions are given: a value in, an error with one sentence or nothing out."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

LARGEST_POOL = 15
"""Rows of the largest pooling window: which place of it won is kept as one byte."""


def array(call: str, name: str, given: Array, rank: int) -> None:
    """Check that `given` is a float32 array of `rank` dimensions.

    Raises:
        TypeError: It is of another type.
        ValueError: It has another number of dimensions.
    """
    if given.dtype != jnp.float32:
        raise TypeError(f"{call} takes {name} of float32; got {given.dtype}")
    if given.ndim != rank:
        raise ValueError(f"{call} takes {name} of {rank} dimensions; got {given.shape}")


def pool(call: str, window: int) -> None:
    """Check the size of a pooling window.

    Raises:
        ValueError: It is not from 1 to :data:`LARGEST_POOL`.
    """
    if not 1 <= window <= LARGEST_POOL:
        raise ValueError(f"{call} pools windows of 1 to {LARGEST_POOL} rows; got {window}")
