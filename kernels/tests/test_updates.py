"""``adam`` is the step the paper describes, on every array in one call."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import adam

SHAPES = [(1,), (3, 5), (40, 1000), (17,), (7, 2, 3, 4), (16 * 1024 + 3,)]


def state(random, *models):
    def group(shift=0.0):
        return [
            jnp.asarray(abs(random.normal(size=(*models, *shape))) + shift, jnp.float32)
            for shape in SHAPES
        ]

    return [group(), group(-0.5), group(), group(-1.0)]


def in_double(groups, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    found = [], [], []
    for arrays in zip(*groups, strict=True):
        weight, momentum, velocity, slope = (np.asarray(one, np.float64) for one in arrays)
        momentum = momentum + (slope - momentum) * (1 - beta_1)
        velocity = velocity + (slope**2 - velocity) * (1 - beta_2)
        weight = weight - momentum * rate / (np.sqrt(velocity) + epsilon)
        for group, one in zip(found, (weight, momentum, velocity), strict=True):
            group.append(one)
    return found


def test_a_step_is_that_of_double_precision(instructions, random):
    groups = state(random)
    found = adam(*groups, rate=0.01)
    for group, wanted in zip(found, in_double(groups, 0.01), strict=True):
        for one, other in zip(group, wanted, strict=True):
            assert np.asarray(one) == pytest.approx(other, rel=1e-6, abs=1e-6)


def test_other_numbers_of_the_rule_are_taken(instructions, random):
    groups = state(random)
    options = {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}
    found = adam(*groups, rate=0.3, **options)
    for group, wanted in zip(found, in_double(groups, 0.3, **options), strict=True):
        for one, other in zip(group, wanted, strict=True):
            assert np.asarray(one) == pytest.approx(other, rel=1e-6, abs=1e-6)


def test_what_goes_in_stays_as_it_was(instructions, random):
    groups = state(random)
    before = jax.tree.map(np.array, groups)
    jax.block_until_ready(jax.jit(lambda *g: adam(*g, rate=0.01))(*groups))
    jax.tree.map(np.testing.assert_array_equal, groups, before)


def test_a_loop_of_steps_is_the_steps_one_by_one(instructions, random):
    *kept, slopes = state(random)

    def step(_, kept):
        return list(adam(*kept, slopes, rate=0.01))

    together = jax.jit(lambda kept: jax.lax.fori_loop(0, 5, step, kept))(kept)
    for _ in range(5):
        kept = step(0, kept)
    jax.tree.map(np.testing.assert_array_equal, together, kept)


def test_what_is_not_a_number_stays_where_it_is(instructions):
    groups = [[jnp.zeros(40)], [jnp.zeros(40)], [jnp.ones(40)], [jnp.ones(40).at[7].set(jnp.nan)]]
    weights, momentums, velocities = adam(*groups, rate=0.01)
    for [array] in (weights, momentums, velocities):
        assert np.flatnonzero(np.isnan(array)).tolist() == [7]


def test_models_together_equal_models_alone(instructions, random):
    groups = state(random, 3)
    rates = jnp.asarray([0.1, 0.01, 0.001], jnp.float32)
    together = jax.vmap(lambda rate, *g: adam(*g, rate=rate))(rates, *groups)
    for model in range(3):
        own = [[array[model] for array in group] for group in groups]
        alone = adam(*own, rate=rates[model])
        for many, one in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            assert np.array_equal(many[model], one)


def test_arrays_that_do_not_fit_are_refused():
    one, other = [jnp.zeros(3)], [jnp.zeros(4)]
    with pytest.raises(ValueError, match="of the same shapes"):
        adam(one, one, other, one, rate=0.1)
    with pytest.raises(ValueError, match="no weights"):
        adam([], [], [], [], rate=0.1)
    with pytest.raises(TypeError, match="float32; got int32"):
        adam(one, one, one, [jnp.zeros(3, jnp.int32)], rate=0.1)


def test_the_call_itself_refuses_what_does_not_fit():
    shape = jax.ShapeDtypeStruct((3,), jnp.float32)
    numbers = {key: np.float32(0.1) for key in ("first", "second", "epsilon")}
    call = jax.ffi.ffi_call("hangtag_adam", [shape] * 3)
    with pytest.raises(jax.errors.JaxRuntimeError, match="have the same shapes"):
        jax.block_until_ready(call(jnp.zeros(()), *[jnp.zeros(3)] * 3, jnp.zeros(4), **numbers))
    with pytest.raises(jax.errors.JaxRuntimeError, match="weights and moments come out"):
        jax.block_until_ready(call(jnp.zeros(()), *[jnp.zeros(3)] * 3, **numbers))
