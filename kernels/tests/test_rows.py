"""``take_rows`` picks the rows it is asked for."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import take_rows


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (300, 784)])
@pytest.mark.parametrize("count", [0, 1, 64])
def test_rows_are_those_of_numpy(random, shape, count):
    table = random.integers(0, 256, size=shape).astype(np.uint8)
    places = random.integers(0, shape[0], size=count).astype(np.int32)
    assert np.array_equal(take_rows(jnp.asarray(table), jnp.asarray(places)), table[places])


def test_several_lists_of_places_are_taken(random):
    table = jnp.asarray(random.integers(0, 256, size=(20, 6)).astype(np.uint8))
    places = jnp.asarray(random.integers(0, 20, size=(3, 4)).astype(np.int32))
    found = jax.vmap(take_rows, in_axes=(None, 0))(table, places)
    assert np.array_equal(found, table[places])


def test_places_outside_the_table_are_refused():
    table = jnp.zeros((3, 2), jnp.uint8)
    for place in (-1, 3):
        with pytest.raises(jax.errors.JaxRuntimeError, match=f"no row {place}"):
            jax.block_until_ready(take_rows(table, jnp.asarray([place], jnp.int32)))


def test_other_types_and_shapes_are_refused():
    table, places = jnp.zeros((3, 2), jnp.uint8), jnp.zeros(1, jnp.int32)
    with pytest.raises(TypeError, match="table of uint8"):
        take_rows(table.astype(jnp.float32), places)
    with pytest.raises(ValueError, match="2 dimensions"):
        take_rows(table[0], places)
