"""The steps behind the cut in JAX: weights and the value at the cut go in, embeddings come out.

XLA's depthwise convolutions leave most of a CPU idle. Here they are sums of shifted products, which
it makes one loop of, and pointwise ones are matrix products. Imports jax inside its functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from hangtag.rooms.finetune.parts import DEPTHWISE, POINTWISE, Step

Array = Any
"""A JAX array."""


def embeddings(
    weights: Mapping[str, Array], value: Array, cut: str, steps: Sequence[Step]
) -> Array:
    """``(n, height, width, channels)`` at the cut to ``(n, d)``."""
    values = {cut: value}
    for step in steps:
        given = [values[name] for name in step.inputs]
        own = (weights[step.weight], weights[step.bias]) if step.weight else ()
        values[step.output] = _STEPS[step.kind](step, *given, *own)
    return values[steps[-1].output]


def _pointwise(_: Step, value: Array, weight: Array, bias: Array) -> Array:
    rows = value.reshape(-1, value.shape[-1]) @ weight + bias
    return rows.reshape(*value.shape[:-1], -1)


def _depthwise(step: Step, value: Array, weight: Array, bias: Array) -> Array:
    return _convolution()(value, weight, step.stride, step.pads) + bias


def _relu6(_: Step, value: Array) -> Array:
    import jax.numpy as jnp

    return jnp.clip(value, 0, 6)


_STEPS: Mapping[str, Callable[..., Array]] = {
    POINTWISE: _pointwise,
    DEPTHWISE: _depthwise,
    "relu6": _relu6,
    "add": lambda _, one, other: one + other,
    "pool": lambda _, value: value.mean(axis=(1, 2)),
    "flatten": lambda _, value: value,
}


@cache
def _convolution() -> Callable[..., Array]:
    """A depthwise convolution with gradients that are shifted products, too.

    What JAX makes of the sum by itself is right and takes twice the time: it pads each shifted
    gradient by itself, and goes through the whole lot once for every weight of a kernel.
    """
    import jax
    import jax.numpy as jnp
    from jax import lax

    @partial(jax.custom_vjp, nondiff_argnums=(2, 3))
    def convolution(value: Array, weight: Array, stride: int, pads: tuple[int, ...]) -> Array:
        return _shifted(_padded(value, pads), weight, stride)

    def forward(value: Array, weight: Array, stride: int, pads: tuple[int, ...]) -> Any:  # noqa: ANN401
        return convolution(value, weight, stride, pads), (value, weight)

    def backward(stride: int, pads: tuple[int, ...], kept: Any, slope: Array) -> Any:  # noqa: ANN401
        value, weight = kept
        # Of the value: the slope, its steps `stride` apart again, under the kernel turned around.
        k, rows = len(weight), slope.shape[1]
        edges = [
            (k - 1 - before, side + before - 1 - (rows - 1) * stride, stride - 1)
            for before, side in zip(pads[:2], value.shape[1:3], strict=True)
        ]
        spread = lax.pad(slope, jnp.zeros((), slope.dtype), ((0, 0, 0), *edges, (0, 0, 0)))
        own = _shifted(spread, weight[::-1, ::-1], 1)

        # Of the weight: image by image, so that both stay in the processor's own memory while
        # every weight of the kernel looks at them.
        def add(total: Array, one: tuple[Array, Array]) -> tuple[Array, None]:
            image, way = one
            height, width = way.shape[:2]
            sums = [
                (_window(image, (i, j), (height, width), stride) * way).sum((0, 1))
                for i in range(k)
                for j in range(k)
            ]
            return total + jnp.stack(sums), None

        total = jnp.zeros((k * k, weight.shape[2]), slope.dtype)
        found, _ = lax.scan(add, total, (_padded(value, pads), slope))
        return own, found.reshape(weight.shape)

    convolution.defvjp(forward, backward)
    found: Callable[..., Array] = convolution
    return found


def _padded(value: Array, pads: Sequence[int]) -> Array:
    import jax.numpy as jnp

    above, left, below, right = pads
    return jnp.pad(value, ((0, 0), (above, below), (left, right), (0, 0)))


def _shifted(value: Array, weight: Array, stride: int) -> Array:
    """The sum over all places of a kernel of the value shifted there, times the weight there."""
    k = len(weight)
    sides = tuple((side - k) // stride + 1 for side in value.shape[1:3])
    places = [(i, j) for i in range(k) for j in range(k)]
    return sum(_window(value, place, sides, stride) * weight[place] for place in places)


def _window(value: Array, first: tuple[int, int], sides: tuple[int, ...], stride: int) -> Array:
    """``sides`` places, `stride` apart from `first` on, of the rows and columns before the last."""
    rows, columns = (
        slice(start, start + (count - 1) * stride + 1, stride)
        for start, count in zip(first, sides, strict=True)
    )
    return value[..., rows, columns, :]
