"""``dense`` is the layer its arguments describe, and so are its gradients."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import dense

TOLERANCE = 1e-5
"""Of the largest value; float32 sums of up to some thousand products."""

# rows, inputs, outputs
SHAPES = [
    *((1, 1, 1), (1, 300, 7), (17, 5, 3), (3, 40, 17), (5, 2049, 2), (33, 95, 16), (200, 100, 10)),
    *((32, 6776, 56), (32, 392, 128), (32, 32, 10), (128, 784, 128), (257, 130, 33)),
    *((40, 47, 100), (16, 48, 48), (4, 4500, 20), (130, 1500, 260)),
]


def by_xla(inputs, kernel, bias, activation=None):
    found = jnp.dot(inputs, kernel, precision="highest") + bias
    return jax.nn.relu(found) if activation == "relu" else found


def arrays(random, rows, inputs, outputs, *models):
    shapes = ((*models, rows, inputs), (*models, inputs, outputs), (*models, outputs))
    return [jnp.asarray(random.normal(size=shape), jnp.float32) for shape in shapes]


def distance(found, wanted):
    return float(jnp.abs(found - wanted).max()) / max(float(jnp.abs(wanted).max()), 1e-30)


def step(inputs, kernel, bias, activation="relu"):
    """Output and gradients."""
    found, back = jax.vjp(lambda *a: dense(*a, activation=activation), inputs, kernel, bias)
    return found, *back(found + 1)


@pytest.mark.parametrize("activation", [None, "relu"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_output_and_gradients_are_those_of_xla(instructions, random, shape, activation):
    given = arrays(random, *shape)
    wanted, wanted_back = jax.vjp(lambda *a: by_xla(*a, activation=activation), *given)
    found, found_back = jax.vjp(lambda *a: dense(*a, activation=activation), *given)
    slopes = jnp.asarray(random.normal(size=wanted.shape), jnp.float32)

    assert found.shape == wanted.shape
    pairs = zip((found, *found_back(slopes)), (wanted, *wanted_back(slopes)), strict=True)
    assert max(distance(one, other) for one, other in pairs) < TOLERANCE


@pytest.mark.parametrize("case", range(12))
def test_gradients_are_those_of_double_precision(instructions, case):
    random = np.random.default_rng(case)
    shape = (random.integers(1, 70), random.integers(1, 400), random.integers(1, 130))
    given = arrays(random, *shape)
    found, back = jax.vjp(lambda *a: dense(*a, activation="relu"), *given)
    slopes = jnp.asarray(random.normal(size=found.shape), jnp.float32)
    inputs, kernel, bias, exact = (np.asarray(one, np.float64) for one in (*given, slopes))
    output = np.maximum(inputs @ kernel + bias, 0)
    exact = np.where(np.asarray(found) > 0, exact, 0)
    wanted = (output, exact @ kernel.T, inputs.T @ exact, exact.sum(axis=0))

    pairs = zip((found, *back(slopes)), wanted, strict=True)
    assert max(distance(one, other) for one, other in pairs) < TOLERANCE


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("activation", [None, "relu"])
def test_what_is_not_a_number_goes_where_xla_has_it_go(
    instructions, random, place, value, activation
):
    given = arrays(random, 20, 30, 18)
    given[place] = given[place].at[(3,) * given[place].ndim].set(value)

    def both(apply):
        found, back = jax.vjp(lambda *a: apply(*a, activation=activation), *given)
        return found, *back(jnp.ones_like(found))

    for found, wanted in zip(both(dense), both(by_xla), strict=True):
        assert bool((jnp.isnan(found) == jnp.isnan(wanted)).all())
        assert bool((jnp.isposinf(found) == jnp.isposinf(wanted)).all())
        assert bool((jnp.isneginf(found) == jnp.isneginf(wanted)).all())


def test_the_same_numbers_come_out_bit_for_bit_every_time(instructions, random):
    given = arrays(random, 32, 2000, 56)
    both = jax.jit(step)
    first = both(*given)
    for _ in range(10):
        for one, other in zip(first, both(*given), strict=True):
            assert np.array_equal(np.asarray(one), np.asarray(other))


DIGEST = """
import hashlib, os, sys
if sys.argv[1:]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import jax, jax.numpy as jnp, numpy as np
from hangtag_kernels import dense
random = np.random.default_rng(0)
shapes = (150, 3000), (3000, 90), (90,)
given = [jnp.asarray(random.normal(size=shape), jnp.float32) for shape in shapes]
found, back = jax.vjp(lambda *a: dense(*a, activation="relu"), *given)
parts = [np.asarray(one).tobytes() for one in (found, *back(found))]
print(hashlib.sha256(b"".join(parts)).hexdigest())
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot choose processors here")
def test_one_processor_gives_the_same_bits_as_all():
    alone, all_of_them = (
        subprocess.run(
            [sys.executable, "-c", DIGEST, *words], capture_output=True, text=True, check=True
        ).stdout
        for words in (["alone"], [])
    )
    assert alone == all_of_them


SHARINGS = [axes for axes in itertools.product([0, None], repeat=3) if axes != (None,) * 3]


@pytest.mark.parametrize("axes", SHARINGS, ids=str)
def test_models_together_equal_models_alone(instructions, random, axes):
    many = arrays(random, 9, 70, 21, 3)
    given = [one if axis == 0 else one[0] for one, axis in zip(many, axes, strict=True)]
    together = jax.vmap(step, in_axes=axes)(*given)

    for model in range(3):
        own = [one[model] if axis == 0 else one for one, axis in zip(given, axes, strict=True)]
        for found, wanted in zip(together, step(*own), strict=True):
            assert np.array_equal(found[model], wanted)


def test_models_run_in_one_call_each_way(random):
    program = jax.jit(jax.vmap(step, in_axes=(None, 0, 0)))
    inputs, kernel, bias = arrays(random, 4, 7, 5, 3)
    text = program.lower(inputs[0], kernel, bias).as_text()

    assert text.count("@hangtag_dense(") == 1
    assert text.count("@hangtag_dense_back(") == 1
    assert "while" not in text


def test_no_rows_give_zero_gradients(instructions):
    inputs, kernel, bias = jnp.zeros((0, 6)), jnp.ones((6, 4)), jnp.ones(4)
    found, of_inputs, of_kernel, of_bias = step(inputs, kernel, bias)

    assert found.shape == (0, 4)
    assert of_inputs.shape == inputs.shape
    assert not of_kernel.any()
    assert not of_bias.any()


def test_a_layer_without_bias_is_one_with_zeros(instructions, random):
    inputs, kernel, _ = arrays(random, 2, 6, 4)
    assert np.array_equal(dense(inputs, kernel), dense(inputs, kernel, jnp.zeros(4)))


def test_the_gradient_of_a_first_layers_inputs_is_not_computed(random):
    inputs, kernel, bias = arrays(random, 2, 6, 4)
    of_kernel = jax.make_jaxpr(jax.grad(lambda k: dense(inputs, k, bias).sum()))(kernel)
    of_inputs = jax.make_jaxpr(jax.grad(lambda i: dense(i, kernel, bias).sum()))(inputs)

    assert "f32[0,0] " in str(of_kernel)
    assert "f32[2,6] f32[6,4]" not in str(of_kernel)
    assert "f32[2,6]" in str(of_inputs)
