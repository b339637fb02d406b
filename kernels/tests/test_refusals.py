"""What cannot be done is refused in one sentence, in Python where we can and by the call anyway."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from hangtag_kernels import conv2d, dense, max_pool

IMAGES, KERNEL, BIAS = jnp.zeros((2, 5, 5, 3)), jnp.zeros((3, 3, 3, 4)), jnp.zeros(4)


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ((IMAGES[0], KERNEL), {}, "images of 4 dimensions"),
        ((IMAGES, KERNEL[0]), {}, "kernel of 4 dimensions"),
        ((IMAGES, KERNEL[:, :, :2]), {}, "3 channels and a kernel for 2"),
        ((IMAGES, KERNEL, BIAS[:3]), {}, "4 filters and a bias of 3"),
        ((IMAGES, KERNEL, KERNEL), {}, "bias of 1 dimensions"),
        ((IMAGES, jnp.zeros((0, 3, 3, 4))), {}, "a side is empty"),
        ((IMAGES[:, :2], KERNEL), {}, "leaves nothing"),
        ((IMAGES, KERNEL), {"pool": 4}, "leaves nothing"),
        ((IMAGES, KERNEL), {"pool": 16}, "windows of 1 to 15"),
        ((IMAGES, KERNEL), {"strides": 0}, "strides of at least 1"),
        ((IMAGES, KERNEL), {"strides": 2**31}, "at most 2147483647"),
        ((IMAGES, KERNEL), {"padding": ((0, 2**40), (0, 0))}, "each up to 2147483647"),
        ((IMAGES, KERNEL), {"padding": "full"}, "padding 'valid', 'same'"),
        ((IMAGES, KERNEL), {"padding": ((-1, 0), (0, 0))}, "padding 'valid', 'same'"),
        ((IMAGES, KERNEL), {"activation": "tanh"}, "'relu' and None"),
    ],
)
def test_arguments_that_do_not_fit_are_value_errors(given, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        conv2d(*given, **options)


ROWS, WEIGHTS = jnp.zeros((2, 3)), jnp.zeros((3, 4))


@pytest.fixture(scope="module", autouse=True)
def calls_are_known():
    """The library's calls are made known to JAX by the first use of any of them."""
    dense(ROWS, WEIGHTS)


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ((ROWS[0], WEIGHTS), {}, "inputs of 2 dimensions"),
        ((ROWS, WEIGHTS[0]), {}, "kernel of 2 dimensions"),
        ((ROWS, WEIGHTS[:2]), {}, "3 values and a kernel for 2"),
        ((ROWS, WEIGHTS[:, :0]), {}, "a side is empty"),
        ((ROWS, WEIGHTS, BIAS[:3]), {}, "4 units and a bias of 3"),
        ((ROWS, WEIGHTS, WEIGHTS), {}, "bias of 1 dimensions"),
        ((ROWS, WEIGHTS), {"activation": "tanh"}, "'relu' and None"),
    ],
)
def test_arguments_of_a_dense_layer_that_do_not_fit_are_value_errors(given, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        dense(*given, **options)


@pytest.mark.parametrize(
    ("given", "output", "sentence"),
    [
        ((ROWS, WEIGHTS[:2], BIAS), (2, 4), "do not give an output"),
        ((ROWS, WEIGHTS, BIAS), (2, 5), "do not give an output of 2x5"),
        ((ROWS, WEIGHTS, BIAS[:3]), (2, 4), "bias of one model should be 4; got 3"),
        ((ROWS, WEIGHTS, BIAS), (3, 2, 4), "2 dimensions for each model"),
    ],
)
def test_the_call_of_a_dense_layer_refuses_what_does_not_fit(given, output, sentence):
    call = jax.ffi.ffi_call("hangtag_dense", jax.ShapeDtypeStruct(output, jnp.float32))
    with pytest.raises(jax.errors.JaxRuntimeError, match=sentence):
        jax.block_until_ready(call(*given, relu=0))


def test_other_types_than_float32_are_type_errors():
    with pytest.raises(TypeError, match="float32; got int32"):
        conv2d(IMAGES.astype(jnp.int32), KERNEL)
    with pytest.raises(TypeError, match="float32; got float16"):
        max_pool(IMAGES.astype(jnp.float16))


@pytest.mark.parametrize(("window", "sentence"), [(0, "1 to 15"), (16, "1 to 15"), (6, "nothing")])
def test_windows_that_do_not_fit_are_value_errors(window, sentence):
    with pytest.raises(ValueError, match=sentence):
        max_pool(IMAGES, window)


def test_forward_mode_says_that_it_is_not_there():
    with pytest.raises(TypeError, match="forward-mode"):
        jax.jvp(conv2d, (IMAGES, KERNEL), (IMAGES, KERNEL))


def raw(images, kernel, bias, output, **changed):
    """The library's own call, past every check in Python."""
    attributes = {"stride_rows": 1, "stride_columns": 1, "pad_top": 0, "pad_left": 0}
    attributes |= {"relu": 0, "pool": 1} | changed
    shapes = (
        jax.ShapeDtypeStruct(output, jnp.float32),
        jax.ShapeDtypeStruct((0, 0, 0, 0), jnp.uint8),
    )
    return jax.ffi.ffi_call("hangtag_convolve", shapes)(images, kernel, bias, **attributes)


@pytest.mark.parametrize(
    ("given", "changed", "sentence"),
    [
        ((IMAGES, KERNEL[:, :, :2], BIAS, (2, 3, 3, 4)), {}, "3 channels and the kernel takes 2"),
        ((IMAGES, KERNEL, BIAS[:2], (2, 3, 3, 4)), {}, "the bias of one model should be 4; got 2"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 5)), {}, "do not give an output of 2x3x3x5"),
        ((IMAGES, KERNEL, BIAS, (3, 3, 4)), {}, "needs 4 dimensions"),
        ((IMAGES[0], KERNEL, BIAS, (2, 3, 3, 4)), {}, "4 dimensions for each model"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 4)), {"stride_rows": 0}, "strides are at least 1"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 4)), {"pad_left": -1}, "padding is at least 0"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 4)), {"stride_rows": 2**62}, "at most 2147483647"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 4)), {"pad_top": 2**62}, "at most 2147483647"),
        ((IMAGES, KERNEL, BIAS, (2, 3, 3, 4)), {"pool": 99}, "windows have 1 to 15 rows; got 99"),
    ],
)
def test_the_call_itself_refuses_what_does_not_fit(given, changed, sentence):
    with pytest.raises(jax.errors.JaxRuntimeError, match=sentence) as caught:
        jax.block_until_ready(raw(*given, **changed))
    assert "INVALID_ARGUMENT" in str(caught.value)


NO_ROUTES, SLOPES = jnp.zeros((0, 0, 0, 0), jnp.uint8), jnp.zeros((2, 3, 3, 4))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((IMAGES[0, 0, 0], KERNEL, NO_ROUTES, SLOPES), "images should have 4 dimensions for each"),
        ((IMAGES, BIAS, NO_ROUTES, SLOPES), "kernel should have 4 dimensions for each model"),
        ((IMAGES, KERNEL, NO_ROUTES, BIAS), "slopes should have 4 dimensions for each model"),
        ((IMAGES, KERNEL, NO_ROUTES, SLOPES[:1]), "do not give an output of 1x3x3x4"),
        (
            (IMAGES, KERNEL[:2], NO_ROUTES, SLOPES),
            "gradient of one model's kernel should be 2x3x3x4",
        ),
    ],
)
def test_the_call_of_the_gradient_refuses_what_does_not_fit(given, sentence):
    shapes = [jax.ShapeDtypeStruct(one.shape, jnp.float32) for one in (IMAGES, KERNEL, BIAS)]
    attributes = {"stride_rows": 1, "stride_columns": 1, "pad_top": 0, "pad_left": 0}
    call = jax.ffi.ffi_call("hangtag_convolve_back", shapes)
    with pytest.raises(jax.errors.JaxRuntimeError, match=sentence):
        jax.block_until_ready(call(*given, **attributes, relu=0, pool=1))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((ROWS[0], WEIGHTS, ROWS, jnp.zeros((2, 4))), "inputs should have 2 dimensions for each"),
        ((ROWS, BIAS, ROWS, jnp.zeros((2, 4))), "kernel should have 2 dimensions for each model"),
        ((ROWS, WEIGHTS, ROWS, BIAS), "slopes should have 2 dimensions for each model"),
    ],
)
def test_the_call_of_a_dense_gradient_refuses_what_does_not_fit(given, sentence):
    shapes = [jax.ShapeDtypeStruct(one.shape, jnp.float32) for one in (ROWS, WEIGHTS, BIAS)]
    call = jax.ffi.ffi_call("hangtag_dense_back", shapes)
    with pytest.raises(jax.errors.JaxRuntimeError, match=sentence):
        jax.block_until_ready(call(*given, relu=0))
