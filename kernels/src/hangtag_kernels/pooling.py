"""Two-dimensional max-pooling: feature maps in, the largest of every window out."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from hangtag_kernels import _checks, _library


def max_pool(images: Array, window: int = 2) -> Array:
    """Take the largest value of windows that stand side by side.

    A gradient goes to the first of equal values, and to the first that is not a number.

    Args:
        images: ``(n, height, width, channels)`` float32.
        window: Rows and columns of a window; what does not fill one is left out.

    Returns:
        ``(n, height // window, width // window, channels)`` float32.

    Raises:
        TypeError: The images are not float32.
        ValueError: No window fits.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> max_pool(jnp.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
        [5.0, 7.0, 13.0, 15.0]
    """
    _checks.array("max_pool", "images", images, 4)
    _checks.pool("max_pool", window)
    if min(images.shape[1:3]) < window:
        raise ValueError(
            f"max_pool with windows of {window} leaves nothing of images of {images.shape[1:3]}"
        )
    _library.load()
    return _pool(_Sizes(window, *images.shape[1:3]), images)


class _Sizes(NamedTuple):
    window: int
    height: int
    width: int


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _pool(sizes: _Sizes, images: Array) -> Array:
    return _forward(sizes, images, routed=False)[0]


def _forward(sizes: _Sizes, images: Array, *, routed: bool) -> tuple[Array, Array]:
    n, height, width, channels = images.shape
    shape = (n, height // sizes.window, width // sizes.window, channels)
    routes = jax.ShapeDtypeStruct(shape if routed else (0, 0, 0, 0), jnp.uint8)
    call = jax.ffi.ffi_call(
        "hangtag_pool",
        (jax.ShapeDtypeStruct(shape, jnp.float32), routes),
        vmap_method="expand_dims",
    )
    output, routes = call(images, window=sizes.window)
    return output, routes


def _pool_fwd(sizes: _Sizes, images: Array) -> tuple[Array, Array]:
    return _forward(sizes, images, routed=True)


def _pool_bwd(sizes: _Sizes, routes: Array, slopes: Array) -> tuple[Array]:
    n, _, _, channels = slopes.shape
    call = jax.ffi.ffi_call(
        "hangtag_pool_back",
        jax.ShapeDtypeStruct((n, sizes.height, sizes.width, channels), jnp.float32),
        vmap_method="broadcast_all",
    )
    return (call(routes, slopes, window=sizes.window),)


_pool.defvjp(_pool_fwd, _pool_bwd)
