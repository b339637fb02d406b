"""Many models in one call give what each alone gives, in every way arrays may be shared."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import conv2d, max_pool

OPTIONS = {"padding": "same", "activation": "relu", "pool": 2}


def step(images, kernel, bias):
    """Output and gradients."""
    found, back = jax.vjp(lambda *a: conv2d(*a, **OPTIONS), images, kernel, bias)
    return found, *back(found + 1)


def given(random, *models):
    shapes = ((4, 7, 7, 5), (3, 3, 5, 18), (18,))
    return [jnp.asarray(random.normal(size=(*models, *shape)), jnp.float32) for shape in shapes]


SHARINGS = [axes for axes in itertools.product([0, None], repeat=3) if axes != (None,) * 3]


@pytest.mark.parametrize("axes", SHARINGS, ids=str)
def test_models_together_equal_models_alone(instructions, random, axes):
    many = given(random, 3)
    arrays = [one if axis == 0 else one[0] for one, axis in zip(many, axes, strict=True)]
    together = jax.vmap(step, in_axes=axes)(*arrays)

    for model in range(3):
        own = [one[model] if axis == 0 else one for one, axis in zip(arrays, axes, strict=True)]
        for found, wanted in zip(together, step(*own), strict=True):
            assert np.array_equal(found[model], wanted)


def test_a_model_that_is_not_finite_changes_no_bit_of_another(instructions, random):
    # With enough channels for tiles, which such a model leaves for windows.
    shapes = ((6, 12, 12, 20), (3, 3, 20, 24), (24,))
    arrays = [jnp.asarray(random.normal(size=(3, *shape)), jnp.float32) for shape in shapes]
    alone = [step(*(one[model] for one in arrays)) for model in (0, 2)]
    images, kernel, bias = arrays
    kernel = kernel.at[1, 0, 2, 3, 4].set(jnp.inf)
    together = jax.vmap(step)(images.at[1, 2, 3, 4, 5].set(jnp.nan), kernel, bias)

    assert not all(bool(jnp.isfinite(found[1]).all()) for found in together)
    for model, wanted in zip((0, 2), alone, strict=True):
        for found, one in zip(together, wanted, strict=True):
            assert np.array_equal(found[model], one)


def test_vmap_inside_vmap(instructions, random):
    images, kernel, bias = given(random, 2, 3)
    inner = jax.vmap(step, in_axes=(None, 0, 0))
    together = jax.vmap(inner, in_axes=(0, 0, None))(images[:, 0], kernel, bias[0])

    for one, other in itertools.product(range(2), range(3)):
        alone = step(images[one, 0], kernel[one, other], bias[0, other])
        for found, wanted in zip(together, alone, strict=True):
            assert np.array_equal(found[one, other], wanted)


def test_gradient_of_vmap_equals_vmap_of_gradient(instructions, random):
    images, kernel, bias = given(random, 3)

    def loss(images, kernel, bias):
        return (conv2d(images, kernel, bias, **OPTIONS) ** 2).sum()

    def total(*arrays):
        return jax.vmap(loss)(*arrays).sum()

    outside = jax.grad(total, argnums=(0, 1, 2))(images, kernel, bias)
    inside = jax.vmap(jax.grad(loss, argnums=(0, 1, 2)))(images, kernel, bias)
    for one, other in zip(outside, inside, strict=True):
        assert np.array_equal(one, other)


def test_models_run_in_one_call_each_way(random):
    program = jax.jit(jax.vmap(step, in_axes=(None, 0, 0)))
    images, kernel, bias = given(random, 3)
    text = program.lower(images[0], kernel, bias).as_text()

    assert text.count("@hangtag_convolve(") == 1
    assert text.count("@hangtag_convolve_back(") == 1
    assert "while" not in text


def test_pooling_takes_models_too(instructions, random):
    images = jnp.asarray(random.normal(size=(3, 2, 6, 6, 5)), jnp.float32)

    def slopes(images):
        return jax.grad(lambda i: (max_pool(i) ** 2).sum())(images)

    assert np.array_equal(jax.vmap(max_pool)(images), jnp.stack([max_pool(i) for i in images]))
    assert np.array_equal(jax.vmap(slopes)(images), jnp.stack([slopes(i) for i in images]))
