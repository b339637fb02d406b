"""Two-dimensional convolution: images, kernel and bias in, feature maps out.

A ReLU and a max-pooling behind the convolution run in the same call, while the values are still in
the processor's cache; the same holds for their gradients.
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_derivatives import CustomVJPPrimal, SymbolicZero

from hangtag_kernels import _checks, _library

Edges = tuple[tuple[int, int], tuple[int, int]]
Padding = Literal["valid", "same"] | Edges
NONE = (0, 0, 0, 0)
"""Shape of an array nobody asks for."""

FURTHEST = 2**31 - 1
"""The longest stride and the widest edge of zeros."""


class _Window(NamedTuple):
    """What is known when the program is traced, as the library takes it."""

    stride_rows: int
    stride_columns: int
    pad_top: int
    pad_left: int
    relu: int
    pool: int

    @property
    def routed(self) -> bool:
        """Whether a gradient can take more than one way back."""
        return bool(self.relu) or self.pool > 1


def conv2d(
    images: Array,
    kernel: Array,
    bias: Array | None = None,
    *,
    strides: int | tuple[int, int] = 1,
    padding: Padding = "valid",
    activation: Literal["relu"] | None = None,
    pool: int | None = None,
) -> Array:
    """Convolve, add the bias, then rectify and pool if asked to.

    Gradients are taken backwards (``jax.grad``, ``jax.vjp``); there is no forward mode.

    Args:
        images: ``(n, height, width, channels)`` float32.
        kernel: ``(rows, columns, channels, filters)`` float32.
        bias: ``(filters,)`` float32, or None.
        strides: Steps down and across.
        padding: ``valid``, ``same`` (as TensorFlow and Keras mean it), or zeros to put
            ``((above, below), (left, right))``.
        activation: ``relu`` or None.
        pool: Rows and columns of a max-pooling window and the step between windows; what does not
            fill a window is left out, as in Keras' ``valid``.

    Returns:
        ``(n, new_height, new_width, filters)`` float32.

    Raises:
        TypeError: An array is not float32.
        ValueError: Shapes or options do not fit each other.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> conv2d(jnp.ones((1, 4, 4, 1)), jnp.ones((3, 3, 1, 2)), padding="same", pool=2).shape
        (1, 2, 2, 2)
    """
    _check_arrays(images, kernel, bias)
    if activation not in {None, "relu"}:
        raise ValueError(f"conv2d knows the activation 'relu' and None; got {activation!r}")
    _checks.pool("conv2d", pool or 1)
    steps = _steps(strides)
    edges = _edges(padding, images.shape[1:3], kernel.shape[:2], steps)
    window = _Window(*steps, edges[0][0], edges[1][0], int(activation == "relu"), pool or 1)
    size = _size(images.shape[1:3], kernel.shape[:2], edges, window)
    _library.load()
    if bias is None:
        bias = jnp.zeros(kernel.shape[3], jnp.float32)
    return _convolve(window, size, images, kernel, bias)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _convolve(
    window: _Window, size: tuple[int, int], images: Array, kernel: Array, bias: Array
) -> Array:
    return _forward(window, size, images, kernel, bias, routed=False)[0]


def _forward(
    window: _Window,
    size: tuple[int, int],
    images: Array,
    kernel: Array,
    bias: Array,
    *,
    routed: bool,
) -> tuple[Array, Array]:
    shape = (images.shape[0], *size, kernel.shape[3])
    routes = jax.ShapeDtypeStruct(shape if routed else NONE, jnp.uint8)
    call = jax.ffi.ffi_call(
        "hangtag_convolve",
        (jax.ShapeDtypeStruct(shape, jnp.float32), routes),
        vmap_method="expand_dims",
    )
    output, routes = call(images, kernel, bias, **window._asdict())
    return output, routes


_Kept = tuple[Array, Array, Array, tuple[()] | None]


def _convolve_fwd(
    window: _Window,
    size: tuple[int, int],
    images: CustomVJPPrimal,
    kernel: CustomVJPPrimal,
    bias: CustomVJPPrimal,
) -> tuple[Array, _Kept]:
    arrays = images.value, kernel.value, bias.value
    output, routes = _forward(window, size, *arrays, routed=window.routed)
    # Nobody asks for the gradient of a first layer's images: None here says so.
    wanted = () if images.perturbed else None
    return output, (images.value, kernel.value, routes, wanted)


def _convolve_bwd(
    window: _Window, size: tuple[int, int], kept: _Kept, slopes: Array | SymbolicZero
) -> tuple[Array | None, Array, Array]:
    images, kernel, routes, wanted = kept
    if isinstance(slopes, SymbolicZero):
        slopes = jnp.zeros((images.shape[0], *size, kernel.shape[3]), jnp.float32)
    shapes = (NONE if wanted is None else images.shape, kernel.shape, kernel.shape[3:])
    call = jax.ffi.ffi_call(
        "hangtag_convolve_back",
        [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes],
        vmap_method="expand_dims",
    )
    of_images, of_kernel, of_bias = call(images, kernel, routes, slopes, **window._asdict())
    return None if wanted is None else of_images, of_kernel, of_bias


_convolve.defvjp(_convolve_fwd, _convolve_bwd, symbolic_zeros=True)


def _check_arrays(images: Array, kernel: Array, bias: Array | None) -> None:
    _checks.array("conv2d", "images", images, 4)
    _checks.array("conv2d", "a kernel", kernel, 4)
    channels, filters = kernel.shape[2:]
    if images.shape[3] != channels:
        raise ValueError(
            f"conv2d got images with {images.shape[3]} channels and a kernel for {channels}"
        )
    if 0 in kernel.shape or 0 in images.shape[1:]:
        raise ValueError(
            f"conv2d got images of {images.shape} and a kernel of {kernel.shape}: a side is empty"
        )
    if bias is None:
        return
    _checks.array("conv2d", "a bias", bias, 1)
    if bias.shape[0] != filters:
        raise ValueError(f"conv2d got a kernel of {filters} filters and a bias of {bias.shape[0]}")


def _steps(strides: int | tuple[int, int]) -> tuple[int, int]:
    rows, columns = (strides, strides) if isinstance(strides, int) else strides
    if not 1 <= min(rows, columns) <= max(rows, columns) <= FURTHEST:
        raise ValueError(
            f"conv2d takes strides of at least 1 and at most {FURTHEST}; got {strides}"
        )
    return rows, columns


def _edges(
    padding: Padding, size: tuple[int, ...], taps: tuple[int, ...], steps: tuple[int, int]
) -> Edges:
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return _same(size[0], taps[0], steps[0]), _same(size[1], taps[1], steps[1])
    if isinstance(padding, str) or min(map(min, padding)) < 0 or max(map(max, padding)) > FURTHEST:
        raise ValueError(
            "conv2d takes padding 'valid', 'same' or ((above, below), (left, right)), each up to "
            f"{FURTHEST}; got {padding!r}"
        )
    (above, below), (left, right) = padding
    return (above, below), (left, right)


def _same(length: int, taps: int, step: int) -> tuple[int, int]:
    wanted = max((-(-length // step) - 1) * step + taps - length, 0)
    return wanted // 2, wanted - wanted // 2


def _size(
    size: tuple[int, ...], taps: tuple[int, ...], edges: Edges, window: _Window
) -> tuple[int, int]:
    """Rows and columns that come out, after pooling."""
    steps = (window.stride_rows, window.stride_columns)
    places = [
        (length + sum(edge) - tap) // step + 1
        for length, edge, tap, step in zip(size, edges, taps, steps, strict=True)
    ]
    rows, columns = (max(count, 0) // window.pool for count in places)
    if min(rows, columns) < 1:
        raise ValueError(
            f"conv2d with a kernel of {taps} and pooling windows of {window.pool} leaves nothing "
            f"of images of {size}"
        )
    return rows, columns
