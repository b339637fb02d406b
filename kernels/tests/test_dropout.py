"""``drop`` zeroes a share of the values, the same ones on the way back."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import drop


def seed(*numbers):
    return jnp.asarray(numbers, jnp.uint32)


HIGH = (9465122, 0)


def mixed(bits):
    bits = (bits ^ (bits >> 16)) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> 15)) * np.uint32(0x846CA68B)
    return bits ^ (bits >> 16)


def by_numpy(values, one, other, keep):
    """The definition: a hash of the place below a share of 2³²."""
    first, second = (mixed(np.full(1, number, np.uint32)) for number in (one, other ^ 0x9E3779B9))
    place = np.arange(values.size, dtype=np.uint32)
    bits = mixed(mixed(place ^ first) + second).reshape(values.shape)
    kept = bits.astype(np.float64) < np.float64(np.float32(keep)) * 2**32
    return np.where(kept, values, 0) / np.float32(keep)


@pytest.mark.parametrize("shape", [(1,), (17,), (128, 7, 7, 32), (3, 33001)])
@pytest.mark.parametrize("keep", [0.8, 0.5, 1.0])
def test_values_are_those_of_the_definition(instructions, random, shape, keep):
    values = random.normal(size=shape).astype(np.float32)
    found = drop(jnp.asarray(values), seed(3, 9), keep)
    assert np.array_equal(found, by_numpy(values, 3, 9, keep))


def test_all_are_kept_where_all_are_asked_for(instructions):
    # At this seed the hash of place 5 is above all that single precision has below 2³².
    values = jnp.arange(8.0)
    assert by_numpy(np.arange(8.0), *HIGH, np.nextafter(np.float32(1), np.float32(0)))[5] == 0
    assert np.array_equal(drop(values, seed(*HIGH), 1.0), values)


def test_none_are_kept_where_none_are_asked_for(instructions):
    values = jnp.asarray([1.0, jnp.nan, jnp.inf])
    found, back = jax.vjp(lambda v: drop(v, seed(0, 0), 0.0), values)
    assert not found.any()
    assert not back(values)[0].any()


@pytest.mark.parametrize("keep", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(keep):
    with pytest.raises(ValueError, match="share to keep from 0 to 1"):
        drop(jnp.ones(3), seed(0, 0), keep)
    with pytest.raises(Exception, match="share to keep is from 0 to 1"):
        jax.block_until_ready(jax.jit(lambda k: drop(jnp.ones(3), seed(0, 0), k))(keep))


def test_slopes_go_where_values_came_from(instructions, random):
    values = jnp.asarray(random.normal(size=(50, 70)), jnp.float32)
    slopes = jnp.asarray(random.normal(size=(50, 70)), jnp.float32)
    _, back = jax.vjp(lambda v: drop(v, seed(1, 2), 0.7), values)
    assert np.array_equal(back(slopes)[0], drop(slopes, seed(1, 2), 0.7))


def test_the_share_kept_is_the_share_asked_for(instructions):
    kept = np.asarray(drop(jnp.ones(1_000_000), seed(5, 5), 0.8) > 0)
    assert kept.mean() == pytest.approx(0.8, abs=2e-3)
    assert np.corrcoef(kept[1:], kept[:-1])[0, 1] == pytest.approx(0, abs=5e-3)


def test_another_seed_drops_others(instructions):
    found = [np.asarray(drop(jnp.ones(1000), seed(*two), 0.5)) for two in ((0, 1), (1, 0), (0, 2))]
    assert len({one.tobytes() for one in found}) == 3


def test_what_is_not_a_number_stays_where_it_is_kept(instructions):
    found = np.asarray(drop(jnp.full(100, jnp.nan), seed(0, 0), 0.5))
    assert np.isnan(found[found != 0]).all()
    assert (found == 0).any()


def test_models_together_equal_models_alone(instructions, random):
    values = jnp.asarray(random.normal(size=(3, 4, 50)), jnp.float32)
    seeds, proportions = seed(1, 2, 3, 4, 5, 6).reshape(3, 2), jnp.asarray([0.2, 0.5, 0.9])
    together = jax.vmap(drop)(values, seeds, proportions)
    shared = jax.vmap(drop, in_axes=(None, 0, None))(values[0], seeds, 0.5)
    for model in range(3):
        assert np.array_equal(
            together[model], drop(values[model], seeds[model], proportions[model])
        )
        assert np.array_equal(shared[model], drop(values[0], seeds[model], 0.5))


def test_what_does_not_fit_is_refused():
    with pytest.raises(TypeError, match="values of float32"):
        drop(jnp.zeros(3, jnp.int32), seed(0, 0), 0.5)
    with pytest.raises(TypeError, match="seed of uint32"):
        drop(jnp.zeros(3), jnp.zeros(2, jnp.int32), 0.5)
    with pytest.raises(ValueError, match="two numbers"):
        drop(jnp.zeros(3), seed(0, 0, 0), 0.5)
