"""Rows of a table: bytes and the places of some rows in, those rows out.

XLA's own gathering goes through a table of bytes one byte at a time; a row is one copy.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from hangtag_kernels import _library


def take_rows(table: Array, places: Array) -> Array:
    """Pick rows out of a table, as ``table[places]`` does.

    Args:
        table: ``(n, length)`` uint8.
        places: ``(m,)`` int32, each from 0 to n - 1.

    Returns:
        ``(m, length)`` uint8.

    Raises:
        TypeError: The table is not uint8, or the places are not int32.
        ValueError: Another number of dimensions.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> take_rows(jnp.arange(6, dtype=jnp.uint8).reshape(3, 2), jnp.array([2, 0])).tolist()
        [[4, 5], [0, 1]]
    """
    if table.dtype != jnp.uint8 or places.dtype != jnp.int32:
        raise TypeError(
            f"take_rows takes a table of uint8 and places of int32; got {table.dtype} and "
            f"{places.dtype}"
        )
    if table.ndim != 2 or places.ndim != 1:
        raise ValueError(
            "take_rows takes a table of 2 dimensions and places of 1; "
            f"got {table.shape} and {places.shape}"
        )
    _library.load()
    shape = jax.ShapeDtypeStruct((places.shape[0], table.shape[1]), jnp.uint8)
    call = jax.ffi.ffi_call("hangtag_take_rows", shape, vmap_method="sequential")
    rows: Array = call(table, places)
    return rows
