"""The two nearest centres of points: rows and weights in, NumPy arrays all of them; no JAX.

One pass does what a matrix product, two searches for a minimum and the gathering of rows before
them do in five; the interpreter's lock is free meanwhile.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag_kernels import _library

_INTERRUPTED = -1


def two_nearest(
    rows: NDArray[np.float32],
    weights: NDArray[np.float32],
    places: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Find the least and the second least of each row's products with the weights.

    With rows ``(x, 1, |x|²)`` and weights ``(-2 c, |c|², 1)`` the products are squared distances.

    Args:
        rows: ``(n, width)`` float32, C-contiguous.
        weights: ``(centres, width)`` float32.
        places: ``(m,)`` int64: which rows; None takes all.

    Returns:
        ``(m,)`` int32 which weights give the least (the first of equals), ``(m,)`` float32 the
        least product, and ``(m,)`` float32 the second least, infinite when there is one centre.
        Where a product is not a number both are NaN and the weights are those of the first such
        product. Numbers too small for full precision (below 1.2e-38) count as zero.

    Raises:
        TypeError: An array is of another type or not contiguous.
        ValueError: Widths differ, there are no weights, or a place is none of the rows.
        MemoryError: Working memory is missing.
        KeyboardInterrupt: Ctrl-C was pressed and more than a moment of work was left.
        OSError: The compiled library is missing.

    Example:
        >>> rows = np.array([[0, 1, 0], [3, 1, 9]], np.float32)
        >>> weights = np.array([[-2, 1, 1], [-8, 16, 1]], np.float32)
        >>> two_nearest(rows, weights)[1].tolist()
        [1.0, 1.0]
    """
    weights = np.ascontiguousarray(weights)
    places = None if places is None else np.ascontiguousarray(places)
    _check(rows, weights, places)
    count = len(rows) if places is None else len(places)
    nearest = np.empty(count, np.int32)
    first, second = np.empty(count, np.float32), np.empty(count, np.float32)
    done = _library.opened().hangtag_two_nearest(
        _at(rows),
        None if places is None else _at(places),
        ctypes.c_int64(count),
        ctypes.c_int64(rows.shape[1]),
        _at(weights),
        ctypes.c_int64(len(weights)),
        *map(_at, (nearest, first, second)),
    )
    if done == _INTERRUPTED:
        raise KeyboardInterrupt
    if not done:
        raise MemoryError("two_nearest could not get the working memory it needs")
    if done < 0:
        raise ValueError(f"two_nearest cannot take {len(weights)} weights for {count} rows")
    return nearest, first, second


def _at(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _check(
    rows: NDArray[np.float32], weights: NDArray[np.float32], places: NDArray[np.int64] | None
) -> None:
    if rows.ndim != 2 or weights.ndim != 2 or rows.shape[1] != weights.shape[1]:
        raise ValueError(f"two_nearest got rows of {rows.shape} and weights of {weights.shape}")
    if not weights.size:
        raise ValueError("two_nearest got no weights")
    if rows.dtype != np.float32 or weights.dtype != np.float32 or not rows.flags.c_contiguous:
        raise TypeError("two_nearest takes contiguous arrays of float32")
    if places is not None:
        if places.dtype != np.int64 or places.ndim != 1:
            raise TypeError("two_nearest takes places as one row of int64")
        if len(places) and not 0 <= places.min() <= places.max() < len(rows):
            raise ValueError(f"two_nearest got places outside of {len(rows)} rows")
