"""What a layer's option may be: a value as written goes in, the value Keras gets comes out.

To add an option: one line in :data:`CHECKS`, which holds for every layer that has an option of
that name. A check returns the value in its one normal form or raises ``ValueError`` with what it
should have been, in words that follow "must be".
"""

from __future__ import annotations

import math
from collections.abc import Callable

Check = Callable[[object], object]

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "tanh", "sigmoid", "softmax", "elu", "silu", "gelu",
)  # fmt: skip
"""Activations by their Keras names; the ONNX writer knows each of them."""

INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
    "lecun_normal", "random_uniform", "random_normal", "truncated_normal", "orthogonal",
    "zeros", "ones",
)  # fmt: skip
"""Initialisers by their Keras names, each with its Keras defaults and a seed of its own."""

LARGEST = 65_536
"""No width, kernel or stride beyond this: a typing error, not a network."""


def whole(value: object) -> int:
    """A whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise ValueError(f"a whole number from 1 to {LARGEST}")
    return value


def pair(value: object) -> tuple[int, int]:
    """Two whole numbers, rows and columns; one number stands for both."""
    both = value if isinstance(value, list | tuple) else (value, value)
    try:
        rows, columns = (whole(one) for one in both)
    except ValueError:
        raise ValueError("a whole number from 1, or two of them for rows and columns") from None
    return rows, columns


def pair_or_none(value: object) -> tuple[int, int] | None:
    """As :func:`pair`, or None."""
    return None if value is None else pair(value)


def flag(value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def number(low: float, high: float, words: str) -> Check:
    """A check for a number from `low` up to, but without, `high`."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(words)
        if not math.isfinite(value) or not low <= value < high:
            raise ValueError(words)
        return float(value)

    return check


def one_of(known: tuple[str, ...]) -> Check:
    """A check for one of the `known` words."""

    def check(value: object) -> str:
        if value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return str(value)

    return check


def activation(value: object) -> str:
    """The name of an activation; None is Keras' other word for linear."""
    return str(one_of(ACTIVATIONS)("linear" if value is None else value))


_tiny = number(1e-12, 1.0, "a number above 0 and below 1")

CHECKS: dict[str, Check] = {
    "activation": activation,
    "bias_initializer": one_of(INITIALIZERS),
    "center": flag,
    "epsilon": _tiny,
    "filters": whole,
    "kernel_initializer": one_of(INITIALIZERS),
    "kernel_size": pair,
    "momentum": number(0.0, 1.0, "a number from 0 and below 1"),
    "negative_slope": number(0.0, 1e6, "a number from 0"),
    "padding": one_of(("valid", "same")),
    "pool_size": pair,
    "rate": number(0.0, 1.0, "a number from 0 and below 1"),
    "scale": flag,
    "strides": pair,
    "units": whole,
    "use_bias": flag,
    "MaxPooling2D.strides": pair_or_none,
    "AveragePooling2D.strides": pair_or_none,
}
"""Every option any layer knows, with the check of its values; ``Layer.option`` goes first."""


def checked(kind: str, option: str, value: object) -> object:
    """The value of a layer's option in its one normal form.

    Raises:
        ValueError: With what it must be.
    """
    return CHECKS.get(f"{kind}.{option}", CHECKS[option])(value)
