"""Batch normalization: every channel to mean 0 and variance 1 over the batch, scaled and moved.

A ReLU behind it runs in the same call; the gradients of all that went in are one more call, which
works the answers out again rather than have them kept.
"""

from __future__ import annotations

import functools
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hangtag_kernels import _checks, _library


def normalize(
    values: Array,
    gamma: Array,
    beta: Array,
    *,
    epsilon: float = 1e-3,
    activation: Literal["relu"] | None = None,
) -> tuple[Array, Array, Array]:
    """Normalize each channel over all other axes, then rectify if asked to.

    Gradients are taken backwards, through the answers; there is no forward mode, and none flow
    through the mean and the variance that are returned.

    Args:
        values: ``(…, channels)`` float32 of two dimensions or more.
        gamma: ``(channels,)`` float32, what each channel is scaled by.
        beta: ``(channels,)`` float32, what each channel is moved by.
        epsilon: Added to the variance.
        activation: ``relu`` or None.

    Returns:
        The answers, shaped like `values`; mean and variance of each channel, ``(channels,)``, the
        variance being that of the rows given (divided by their number).

    Raises:
        TypeError: An array is not float32.
        ValueError: Shapes or options do not fit each other.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> answers, mean, variance = normalize(
        ...     jnp.asarray([[1.0], [3.0]]), jnp.ones(1), jnp.zeros(1), epsilon=0.0
        ... )
        >>> answers.tolist(), mean.tolist(), variance.tolist()
        ([[-1.0], [1.0]], [2.0], [1.0])
    """
    _check_arrays(values, gamma, beta)
    if activation not in {None, "relu"}:
        raise ValueError(f"normalize knows the activation 'relu' and None; got {activation!r}")
    if not epsilon >= 0:
        raise ValueError(f"normalize adds an epsilon of 0 or more; got {epsilon}")
    _library.load()
    rows = values.reshape(-1, values.shape[-1])
    options = (float(epsilon), int(activation == "relu"))
    answers, mean, variance = _normalize(options, rows, gamma, beta)
    return answers.reshape(values.shape), mean, variance


_Options = tuple[float, int]


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _normalize(
    options: _Options, values: Array, gamma: Array, beta: Array
) -> tuple[Array, Array, Array]:
    epsilon, relu = options
    channels = jax.ShapeDtypeStruct(gamma.shape, jnp.float32)
    call = jax.ffi.ffi_call(
        "hangtag_normalize",
        [jax.ShapeDtypeStruct(values.shape, jnp.float32), channels, channels],
        vmap_method="expand_dims",
    )
    answers, mean, variance = call(values, gamma, beta, epsilon=np.float32(epsilon), relu=relu)
    return answers, mean, variance


_Kept = tuple[Array, Array, Array, Array, Array]


def _normalize_fwd(
    options: _Options, values: Array, gamma: Array, beta: Array
) -> tuple[tuple[Array, Array, Array], _Kept]:
    found = _normalize(options, values, gamma, beta)
    return found, (values, gamma, beta, *found[1:])


def _normalize_bwd(
    options: _Options, kept: _Kept, slopes: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array]:
    epsilon, relu = options
    values, gamma, beta, mean, variance = kept
    call = jax.ffi.ffi_call(
        "hangtag_normalize_back",
        [jax.ShapeDtypeStruct(one.shape, jnp.float32) for one in (values, gamma, beta)],
        vmap_method="expand_dims",
    )
    of_values, of_gamma, of_beta = call(
        values, gamma, beta, mean, variance, slopes[0], epsilon=np.float32(epsilon), relu=relu
    )
    return of_values, of_gamma, of_beta


_normalize.defvjp(_normalize_fwd, _normalize_bwd)


def _check_arrays(values: Array, gamma: Array, beta: Array) -> None:
    if values.ndim < 2:
        raise ValueError(f"normalize takes values of two dimensions or more; got {values.shape}")
    _checks.array("normalize", "values", values, values.ndim)
    for name, array in (("gamma", gamma), ("beta", beta)):
        _checks.array("normalize", f"a {name}", array, 1)
        if array.shape[0] != values.shape[-1]:
            raise ValueError(
                f"normalize got values of {values.shape[-1]} channels and a {name} of "
                f"{array.shape[0]}"
            )
