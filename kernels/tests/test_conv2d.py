"""``conv2d`` is the convolution its arguments describe, and so are its gradients."""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import conv2d

TOLERANCE = 1e-5
"""Of the largest value; float32 sums of up to some ten thousand products."""

# images, height, width, channels, filters, rows, columns of the kernel, options
SHAPES = [
    (1, 1, 1, 1, 1, 1, 1, {}),
    (2, 1, 1, 5, 3, 3, 3, {"padding": "same"}),
    (257, 4, 3, 2, 5, 3, 3, {"padding": "same", "activation": "relu"}),
    (3, 40, 40, 3, 17, 5, 5, {"padding": "same", "activation": "relu", "pool": 2}),
    (2, 40, 39, 1, 28, 3, 3, {"activation": "relu", "pool": 2}),
    (4, 13, 13, 28, 56, 3, 3, {"activation": "relu"}),
    (3, 14, 14, 32, 32, 3, 3, {"padding": "same", "activation": "relu", "pool": 2}),
    (5, 3, 3, 64, 128, 3, 3, {"padding": "same", "activation": "relu", "pool": 2}),
    (2, 7, 9, 130, 130, 3, 3, {"padding": "same"}),
    (2, 11, 10, 67, 10, 5, 5, {"padding": "valid"}),
    (2, 28, 28, 1, 32, 3, 3, {"padding": ((1, 1), (1, 1)), "strides": 2, "activation": "relu"}),
    (2, 14, 15, 32, 64, 3, 3, {"padding": "same", "strides": 2, "activation": "relu"}),
    (2, 9, 8, 6, 7, 2, 4, {"padding": "same", "strides": (2, 3)}),
    (3, 9, 9, 12, 20, 1, 1, {"strides": 3}),
    (2, 10, 12, 4, 9, 3, 5, {"padding": ((0, 2), (3, 1)), "pool": 3}),
    (2, 16, 16, 8, 15, 3, 3, {"padding": "same", "pool": 2}),
    # Enough channels for tiles: whole ones, tiles cut by every edge, more than one block of them.
    (2, 16, 16, 64, 64, 3, 3, {"padding": "same"}),
    (33, 15, 14, 48, 40, 3, 3, {"padding": "same", "activation": "relu", "pool": 2}),
    (257, 7, 6, 20, 33, 3, 3, {"padding": "same", "activation": "relu"}),
    (5, 40, 40, 17, 19, 3, 3, {"padding": ((0, 2), (2, 0)), "activation": "relu"}),
    (9, 7, 7, 130, 128, 3, 3, {"padding": "same", "pool": 2}),
    (3, 9, 9, 16, 16, 3, 3, {"padding": ((4, 3), (0, 5))}),
]


def arrays(random, images, height, width, channels, filters, rows, columns):
    shapes = ((images, height, width, channels), (rows, columns, channels, filters), (filters,))
    return [jnp.asarray(random.normal(size=shape), jnp.float32) for shape in shapes]


def distance(found, wanted):
    largest = float(jnp.abs(wanted).max())
    return float(jnp.abs(found - wanted).max()) / max(largest, 1e-30)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape[:7])))
def test_output_and_gradients_are_those_of_xla(instructions, by_xla, random, shape):
    *sizes, options = shape
    given = arrays(random, *sizes)
    wanted, wanted_back = jax.vjp(lambda *a: by_xla(*a, **options), *given)
    found, found_back = jax.vjp(lambda *a: conv2d(*a, **options), *given)
    slopes = jnp.asarray(random.normal(size=wanted.shape), jnp.float32)

    assert found.shape == wanted.shape
    pairs = zip((found, *found_back(slopes)), (wanted, *wanted_back(slopes)), strict=True)
    assert max(distance(one, other) for one, other in pairs) < TOLERANCE


@pytest.mark.parametrize("case", range(12))
def test_gradients_are_finite_differences_in_double_precision(instructions, in_double, case):
    random = np.random.default_rng(case)
    sizes = (
        random.integers(1, 6),
        *random.integers(3, 13, size=2),
        *random.integers(1, 40, size=2),
        *random.integers(1, 4, size=2),
    )
    stride, relu, pool = int(random.integers(1, 3)), bool(random.integers(2)), 1 + case % 2
    edges = ((1, 2), (0, 1))
    given = arrays(random, *sizes)

    def loss(images, kernel, bias):
        activation = "relu" if relu else None
        options = {"strides": stride, "padding": edges, "activation": activation, "pool": pool}
        return (conv2d(images, kernel, bias, **options) * slopes).sum()

    def exact(given):
        found = in_double(*given, stride=stride, edges=edges, relu=relu, pool=pool)
        return (found * np.asarray(slopes, np.float64)).sum()

    shape = in_double(*given, stride=stride, edges=edges, relu=relu, pool=pool).shape
    slopes = jnp.asarray(random.normal(size=shape), jnp.float32)
    gradients = jax.grad(loss, argnums=(0, 1, 2))(*given)
    for place, gradient in enumerate(gradients):
        # Along the gradient itself the derivative is large, and the step too small for a kink.
        towards = np.asarray(gradient, np.float64)
        length = np.linalg.norm(towards)
        if length == 0:
            continue
        step = 1e-7 / length
        values = []
        for sign in (1, -1):
            moved = list(given)
            moved[place] = np.asarray(moved[place], np.float64) + sign * step * towards
            values.append(exact(moved))
        difference = (values[0] - values[1]) / (2 * step)
        assert difference == pytest.approx(length**2, rel=TOLERANCE)


@pytest.mark.parametrize("filters", [1, 5, 28, 33, 64])
@pytest.mark.parametrize("options", [{"padding": "same"}, {"activation": "relu"}], ids=str)
def test_a_first_layer_of_grey_images_learns_as_xla_has_it(
    instructions, by_xla, random, filters, options
):
    images, *weights = arrays(random, 9, 15, 14, 1, filters, 3, 3)
    options = {**options, "pool": 2}
    wanted, wanted_back = jax.vjp(lambda *a: by_xla(images, *a, **options), *weights)
    found, found_back = jax.vjp(lambda *a: conv2d(images, *a, **options), *weights)
    slopes = jnp.asarray(random.normal(size=wanted.shape), jnp.float32)

    pairs = zip((found, *found_back(slopes)), (wanted, *wanted_back(slopes)), strict=True)
    assert max(distance(one, other) for one, other in pairs) < TOLERANCE


@pytest.mark.parametrize("pool", [None, 2, 3])
@pytest.mark.parametrize("activation", [None, "relu"])
@pytest.mark.parametrize("channels", [1, 20])
def test_what_is_not_a_number_goes_where_xla_has_it_go(
    instructions, by_xla, random, activation, pool, channels
):
    images, kernel, bias = arrays(random, 3, 12, 12, channels, 18, 3, 3)
    images = images.at[0, 4, 5, 0].set(jnp.nan).at[1, 7, 7, 0].set(jnp.inf)
    images = images.at[1, 2, 9, 0].set(-jnp.inf)
    options = {"padding": "same", "activation": activation, "pool": pool}
    found, wanted = conv2d(images, kernel, bias, **options), by_xla(images, kernel, bias, **options)

    assert bool((jnp.isnan(found) == jnp.isnan(wanted)).all())
    assert bool((jnp.isposinf(found) == jnp.isposinf(wanted)).all())
    assert bool((jnp.isneginf(found) == jnp.isneginf(wanted)).all())
    assert bool(jnp.isnan(found).any())


def test_weights_that_are_not_numbers_reach_output_and_gradients(instructions, by_xla, random):
    given = arrays(random, 2, 8, 8, 20, 24, 3, 3)
    given[1] = given[1].at[1, 1, 3, 5].set(jnp.nan).at[1, 1, 4, 6].set(jnp.inf)

    def loss(apply, images, kernel, bias):
        return (apply(images, kernel, bias, padding="same", activation="relu") ** 2).sum()

    found = jax.grad(lambda *a: loss(conv2d, *a), argnums=(0, 1, 2))(*given)
    wanted = jax.grad(lambda *a: loss(by_xla, *a), argnums=(0, 1, 2))(*given)
    for one, other in zip(found, wanted, strict=True):
        assert bool((jnp.isnan(one) == jnp.isnan(other)).all())
        assert bool((jnp.isinf(one) == jnp.isinf(other)).all())


@pytest.mark.parametrize("channels", [1, 3, 20])
def test_a_stride_far_beyond_the_image_costs_nothing(instructions, by_xla, random, channels):
    given = arrays(random, 2, 5, 5, channels, 4, 3, 3)
    far = {"strides": 2**28, "padding": ((1, 2**28), (1, 2**28))}
    near = {"strides": 9, "padding": ((1, 9), (1, 9))}
    began = time.perf_counter()
    found, back = jax.vjp(lambda *a: conv2d(*a, **far), *given)
    slopes = jnp.asarray(random.normal(size=found.shape), jnp.float32)
    found = found, *back(slopes)
    jax.block_until_ready(found)
    assert time.perf_counter() - began < 5  # it was a quarter of a minute each way
    wanted, back = jax.vjp(lambda *a: by_xla(*a, **near), *given)
    pairs = zip(found, (wanted, *back(slopes)), strict=True)
    assert max(distance(one, other) for one, other in pairs) < TOLERANCE


def test_the_same_numbers_come_out_bit_for_bit_every_time(instructions, random):
    given = arrays(random, 32, 13, 13, 28, 56, 3, 3)

    @jax.jit
    def both(*given):
        found, back = jax.vjp(lambda *a: conv2d(*a, activation="relu"), *given)
        return found, *back(found)

    first = both(*given)
    for _ in range(10):
        for one, other in zip(first, both(*given), strict=True):
            assert np.array_equal(np.asarray(one), np.asarray(other))


def test_a_batch_of_no_images_gives_zero_gradients(instructions):
    images, kernel, bias = jnp.zeros((0, 6, 6, 3)), jnp.ones((3, 3, 3, 4)), jnp.ones(4)
    found, back = jax.vjp(lambda *a: conv2d(*a, activation="relu"), images, kernel, bias)
    of_images, of_kernel, of_bias = back(found)

    assert found.shape == (0, 4, 4, 4)
    assert of_images.shape == images.shape
    assert not of_kernel.any()
    assert not of_bias.any()


def test_a_kernel_without_bias_is_one_with_zeros(instructions, random):
    images, kernel, _ = arrays(random, 2, 6, 6, 3, 4, 3, 3)
    assert np.array_equal(conv2d(images, kernel), conv2d(images, kernel, jnp.zeros(4)))


def test_the_gradient_of_a_first_layers_images_is_not_computed(random):
    images, kernel, bias = arrays(random, 2, 6, 6, 3, 4, 3, 3)
    of_kernel = jax.make_jaxpr(jax.grad(lambda k: conv2d(images, k, bias).sum()))(kernel)
    of_images = jax.make_jaxpr(jax.grad(lambda i: conv2d(i, kernel, bias).sum()))(images)

    assert "f32[0,0,0,0]" in str(of_kernel)
    assert "f32[0,0,0,0]" not in str(of_images)
