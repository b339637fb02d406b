"""``max_pool`` gives the largest of every window, and its gradient goes back to it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import max_pool


@pytest.mark.parametrize("shape", [(1, 2, 2, 1), (3, 7, 8, 3), (2, 9, 9, 16), (5, 6, 11, 33)])
@pytest.mark.parametrize("window", [1, 2, 3])
def test_values_and_gradients_are_those_of_xla(instructions, pooled_by_xla, random, shape, window):
    if window > min(shape[1:3]):
        pytest.skip("no window fits")
    images = jnp.asarray(random.normal(size=shape), jnp.float32)
    wanted, wanted_back = jax.vjp(lambda i: pooled_by_xla(i, window), images)
    found, found_back = jax.vjp(lambda i: max_pool(i, window), images)
    slopes = jnp.asarray(random.normal(size=wanted.shape), jnp.float32)

    assert np.array_equal(found, wanted)
    assert np.array_equal(found_back(slopes)[0], wanted_back(slopes)[0])


@pytest.mark.parametrize("window", [2, 3])
def test_a_window_with_what_is_not_a_number_gives_that(instructions, pooled_by_xla, random, window):
    images = jnp.asarray(random.normal(size=(2, 6, 6, 19)), jnp.float32)
    images = images.at[0, 0, 1].set(jnp.nan).at[1, 5, 5, 3].set(jnp.nan)
    images = images.at[0, 3, 3].set(jnp.inf).at[1, :3, :3].set(-jnp.inf)

    assert np.array_equal(max_pool(images, window), pooled_by_xla(images, window), equal_nan=True)


def test_of_equal_values_the_first_gets_the_gradient(instructions):
    slopes = jax.grad(lambda images: max_pool(images).sum())(jnp.ones((1, 4, 4, 20)))

    wanted = np.zeros((1, 4, 4, 20))
    wanted[:, ::2, ::2] = 1
    assert np.array_equal(slopes, wanted)
