"""Dense layers: a row of values for each image, kernel and bias in, a row of outputs out.

A ReLU behind the layer runs in the same call; the gradients of all that went in are one more call.
"""

from __future__ import annotations

import functools
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_derivatives import CustomVJPPrimal, SymbolicZero

from hangtag_kernels import _checks, _library

NONE = (0, 0)
"""Shape of an array nobody asks for."""


def dense(
    inputs: Array,
    kernel: Array,
    bias: Array | None = None,
    *,
    activation: Literal["relu"] | None = None,
) -> Array:
    """Multiply rows by a kernel and add the bias, then rectify if asked to.

    Gradients are taken backwards (``jax.grad``, ``jax.vjp``); there is no forward mode.

    Args:
        inputs: ``(n, values)`` float32.
        kernel: ``(values, units)`` float32.
        bias: ``(units,)`` float32, or None.
        activation: ``relu`` or None.

    Returns:
        ``(n, units)`` float32.

    Raises:
        TypeError: An array is not float32.
        ValueError: Shapes or options do not fit each other.
        OSError: The compiled library is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> dense(jnp.ones((1, 3)), jnp.ones((3, 2)), jnp.ones(2)).tolist()
        [[4.0, 4.0]]
    """
    _check_arrays(inputs, kernel, bias)
    if activation not in {None, "relu"}:
        raise ValueError(f"dense knows the activation 'relu' and None; got {activation!r}")
    _library.load()
    if bias is None:
        bias = jnp.zeros(kernel.shape[1], jnp.float32)
    return _dense(int(activation == "relu"), inputs, kernel, bias)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _dense(relu: int, inputs: Array, kernel: Array, bias: Array) -> Array:
    call = jax.ffi.ffi_call(
        "hangtag_dense",
        jax.ShapeDtypeStruct((inputs.shape[0], kernel.shape[1]), jnp.float32),
        vmap_method="expand_dims",
    )
    output: Array = call(inputs, kernel, bias, relu=relu)
    return output


_Kept = tuple[Array, Array, Array, tuple[()] | None]


def _dense_fwd(
    relu: int, inputs: CustomVJPPrimal, kernel: CustomVJPPrimal, bias: CustomVJPPrimal
) -> tuple[Array, _Kept]:
    output = _dense(relu, inputs.value, kernel.value, bias.value)
    # Nobody asks for the gradient of a first layer's inputs: None here says so.
    wanted = () if inputs.perturbed else None
    switched = output if relu else jnp.zeros(NONE, jnp.float32)
    return output, (inputs.value, kernel.value, switched, wanted)


def _dense_bwd(
    relu: int, kept: _Kept, slopes: Array | SymbolicZero
) -> tuple[Array | None, Array, Array]:
    inputs, kernel, output, wanted = kept
    if isinstance(slopes, SymbolicZero):
        slopes = jnp.zeros((inputs.shape[0], kernel.shape[1]), jnp.float32)
    shapes = (NONE if wanted is None else inputs.shape, kernel.shape, kernel.shape[1:])
    call = jax.ffi.ffi_call(
        "hangtag_dense_back",
        [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes],
        vmap_method="expand_dims",
    )
    of_inputs, of_kernel, of_bias = call(inputs, kernel, output, slopes, relu=relu)
    return None if wanted is None else of_inputs, of_kernel, of_bias


_dense.defvjp(_dense_fwd, _dense_bwd, symbolic_zeros=True)


def _check_arrays(inputs: Array, kernel: Array, bias: Array | None) -> None:
    _checks.array("dense", "inputs", inputs, 2)
    _checks.array("dense", "a kernel", kernel, 2)
    if inputs.shape[1] != kernel.shape[0]:
        raise ValueError(
            f"dense got inputs of {inputs.shape[1]} values and a kernel for {kernel.shape[0]}"
        )
    if 0 in kernel.shape:
        raise ValueError(f"dense got a kernel of {kernel.shape}: a side is empty")
    if bias is None:
        return
    _checks.array("dense", "a bias", bias, 1)
    if bias.shape[0] != kernel.shape[1]:
        raise ValueError(
            f"dense got a kernel of {kernel.shape[1]} units and a bias of {bias.shape[0]}"
        )
