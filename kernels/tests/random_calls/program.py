"""What a random call is made of: numbers to draw, and what must come of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 2e-6
"""Of the largest value, or of the largest term where values are differences of terms."""

SMALLEST = float(np.finfo(np.float32).tiny)


class Wanted(NamedTuple):
    """What an output must be: values, the largest term they are sums of, and how strict.

    Attributes:
        values: In float64, or integers that must be equal.
        scale: The largest value, if more than that of `values`.
        lenient: What is not finite may be elsewhere: zeros around an image times infinity are NaN
            here, and not where such zeros are left out.
    """

    values: Any
    scale: float = 0.0
    lenient: bool = False


class Program(NamedTuple):
    """A call that can be made with many numbers.

    Attributes:
        entry: Name of the library's call.
        results: Shape and type of each output.
        attributes: Numbers known when the program is compiled.
        draw: Gives arrays.
        wanted: Gives what must come of arrays, None where it must be refused.
        models: Whether the arrays of many models can go in.
    """

    entry: str
    results: list[tuple[tuple[int, ...], Any]]
    attributes: dict[str, Any]
    draw: Callable[[np.random.Generator], list[np.ndarray]]
    wanted: Callable[..., list[Wanted | None] | None]
    models: bool = True


def size(random, most=12, large=60):
    """1, odd, small or large."""
    kind = random.integers(6)
    return (
        int([1, random.choice([3, 5, 7, 17, 33]), random.integers(1, large + 1)][kind])
        if (kind < 3)
        else int(random.integers(1, most + 1))
    )


def numbers(random, shape, *, odd=None):
    """Normal ones of any scale; some of them odd, in one array of four unless said otherwise."""
    found = random.normal(size=shape).astype(np.float32)
    found *= np.float32(10.0 ** random.choice([0, 0, 0, 3, -3, 8]))
    kind = random.integers(16) if odd is None else 15
    if found.size == 0 or kind > 5:
        return found
    places = random.integers(found.size, size=1 + found.size // 50)
    odds = [[np.nan], [np.inf, -np.inf], [np.nan, np.inf, -np.inf], [1e-39, -1e-42], [0.0, -0.0]]
    if kind == 5:
        return np.zeros_like(found)
    found.flat[places] = random.choice(np.float32(odds[kind]), len(places))
    return found


def exact(array):
    """In float64, as XLA's threads read numbers: what is too small for full precision is zero."""
    found = np.asarray(array, np.float64)
    return np.where(np.abs(found) < SMALLEST, 0.0, found)


def largest(*arrays):
    """The largest finite size in arrays."""
    sizes = [np.abs(array[np.isfinite(array)]) for array in arrays]
    return max((one.max(initial=0.0) for one in sizes), default=0.0)


def rectified(values):
    return np.where(values < 0, 0.0, values)


def blocks(values, pool):
    """Windows of a pooling, their places as the last axis."""
    n, height, width, channels = values.shape
    found = values[:, : height // pool * pool, : width // pool * pool]
    found = found.reshape(n, height // pool, pool, width // pool, pool, channels)
    return found.transpose(0, 1, 3, 5, 2, 4).reshape(
        n, height // pool, width // pool, channels, pool * pool
    )
