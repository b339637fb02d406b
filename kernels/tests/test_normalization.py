"""``normalize`` is the normalization its arguments describe, and so are its gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import normalize

TOLERANCE = 1e-5
"""Of the largest value."""

SHAPES = [(1, 1), (2, 1), (3, 5), (128, 1152), (5, 3, 3, 7), (257, 14, 13, 33), (64, 28, 28, 80)]


def by_definition(values, gamma, beta, *, epsilon=1e-3, activation=None):
    axes = tuple(range(values.ndim - 1))
    mean, variance = jnp.mean(values, axes), jnp.var(values, axes)
    answers = (values - mean) / jnp.sqrt(variance + epsilon) * gamma + beta
    return jax.nn.relu(answers) if activation else answers, mean, variance


def arrays(random, shape):
    channels = shape[-1]
    found = random.normal(size=shape) * random.uniform(0.5, 3, channels) + random.normal(
        size=channels
    )
    return [
        jnp.asarray(one, jnp.float32)
        for one in (found, random.normal(size=channels), random.normal(size=channels))
    ]


def distance(found, wanted):
    largest = float(jnp.abs(wanted).max())
    return float(jnp.abs(found - wanted).max()) / max(largest, 1e-30)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("activation", [None, "relu"])
def test_answers_moments_and_gradients_are_those_of_xla(instructions, random, shape, activation):
    given = arrays(random, shape)
    slopes = jnp.asarray(random.normal(size=shape), jnp.float32)

    def both(function):
        def answers(*arrays):
            return function(*arrays, epsilon=0.01, activation=activation)[0]

        found, back = jax.vjp(answers, *given)
        return found, *back(slopes), *function(*given, epsilon=0.01)[1:]

    if shape[0] == 1:  # one value is its own mean: nothing is left but rounding to compare
        assert normalize(*given)[0] == pytest.approx(np.asarray(given[2])[None], rel=1e-6)
        return
    for found, wanted in zip(both(normalize), both(by_definition), strict=True):
        assert found.shape == wanted.shape
        assert distance(found, wanted) < TOLERANCE


def test_gradients_are_finite_differences_in_double_precision(instructions, random):
    values, gamma, beta = (np.asarray(one, np.float64) for one in arrays(random, (40, 9)))
    slopes = random.normal(size=values.shape)

    def exact(values, gamma, beta):
        mean, variance = values.mean(0), values.var(0)
        answers = (values - mean) / np.sqrt(variance + 1e-3) * gamma + beta
        return (answers * slopes).sum()

    def loss(*arrays):
        return (normalize(*arrays)[0] * slopes.astype(np.float32)).sum()

    given = (values, gamma, beta)
    gradients = jax.grad(loss, argnums=(0, 1, 2))(*(jnp.asarray(one, jnp.float32) for one in given))
    for place, gradient in enumerate(gradients):
        towards = np.asarray(gradient, np.float64)
        length = np.linalg.norm(towards)
        moved = [
            exact(*(one + (at == place) * sign * 1e-6 * towards for at, one in enumerate(given)))
            for sign in (1, -1)
        ]
        assert (moved[0] - moved[1]) / 2e-6 == pytest.approx(length**2, rel=TOLERANCE)


def test_a_large_mean_loses_no_variance(instructions, random):
    values = jnp.asarray(1000 + random.normal(size=(5000, 20)), jnp.float32)
    _, mean, variance = normalize(values, jnp.ones(20), jnp.zeros(20))
    exact = np.asarray(values, np.float64)
    assert np.asarray(mean) == pytest.approx(exact.mean(0), rel=1e-6)
    assert np.asarray(variance) == pytest.approx(exact.var(0), rel=1e-4)


@pytest.mark.parametrize("offset", [0, 1, 10, 100, 1000, 10_000])
def test_moments_are_as_good_as_those_of_xla_however_far_from_zero(instructions, random, offset):
    values = (offset + random.normal(size=(9001, 40))).astype(np.float32)
    exact = values.astype(np.float64)
    exact = exact.mean(0), exact.var(0)

    def errors(moments):
        return [
            abs(np.asarray(one) - other).max() for one, other in zip(moments, exact, strict=True)
        ]

    given = jnp.asarray(values), jnp.ones(40), jnp.zeros(40)
    ours, theirs = errors(normalize(*given)[1:]), errors(jax.jit(by_definition)(*given)[1:])
    for mine, other, wanted in zip(ours, theirs, exact, strict=True):
        # Or within the last place, where XLA may have been lucky.
        assert mine <= max(3 * other, np.spacing(np.float32(abs(wanted).max())))


@pytest.mark.parametrize("rows", [1000, 5000])
def test_gradients_summed_over_rows_keep_their_digits(instructions, random, rows):
    values = random.normal(size=(rows, 20)).astype(np.float32)
    slopes = random.uniform(0, 1, values.shape).astype(np.float32)
    given = jnp.asarray(values), jnp.ones(20), jnp.zeros(20)
    _, back = jax.vjp(lambda *arrays: normalize(*arrays)[0], *given)
    beta = np.asarray(back(jnp.asarray(slopes))[2])
    assert distance(beta, slopes.sum(0, np.float64)) < 1.5e-7  # summed one by one: up to 8e-7


def test_an_infinite_value_has_an_infinite_mean(instructions, random):
    values, gamma, beta = arrays(random, (5000, 33))
    _, mean, variance = normalize(values.at[7, 20].set(jnp.inf), gamma, beta)
    assert np.flatnonzero(np.isposinf(mean)).tolist() == [20]
    assert np.flatnonzero(np.isnan(variance)).tolist() == [20]


def test_what_is_not_a_number_stays_in_its_channel(instructions, random):
    values, gamma, beta = arrays(random, (50, 33))
    answers, mean, variance = normalize(values.at[7, 20].set(jnp.nan), gamma, beta)
    for one in (answers.sum(0), mean, variance):
        assert np.flatnonzero(np.isnan(one)).tolist() == [20]


def test_the_same_bits_every_time(instructions, random):
    values, gamma, beta = arrays(random, (128, 14, 14, 48))
    first = normalize(values, gamma, beta)
    for _ in range(3):
        for one, other in zip(first, normalize(values, gamma, beta), strict=True):
            assert np.array_equal(one, other)


def test_models_together_equal_models_alone(instructions, random):
    values = jnp.asarray(random.normal(size=(3, 30, 20)), jnp.float32)
    gamma, beta = jnp.asarray(random.normal(size=(2, 3, 20)), jnp.float32)

    def step(values, gamma, beta):
        answers, back = jax.vjp(lambda *a: normalize(*a, activation="relu")[0], values, gamma, beta)
        return answers, *back(answers + 1)

    together = jax.vmap(step, in_axes=(0, None, 0))(values, gamma[0], beta)
    for model in range(3):
        alone = step(values[model], gamma[0], beta[model])
        for found, wanted in zip(together, alone, strict=True):
            assert np.array_equal(found[model], wanted)


def test_no_rows_have_no_answers_and_no_moments(instructions):
    answers, mean, variance = normalize(jnp.zeros((0, 4)), jnp.ones(4), jnp.zeros(4))
    assert answers.shape == (0, 4)
    assert np.isnan(mean).all()
    assert np.isnan(variance).all()


def test_what_does_not_fit_is_refused():
    one = jnp.ones(3)
    with pytest.raises(TypeError, match="values of float32"):
        normalize(jnp.zeros((2, 3), jnp.int32), one, one)
    with pytest.raises(ValueError, match="two dimensions"):
        normalize(one, one, one)
    with pytest.raises(ValueError, match="3 channels and a beta of 2"):
        normalize(jnp.zeros((2, 3)), one, jnp.ones(2))
    with pytest.raises(ValueError, match="knows the activation"):
        normalize(jnp.zeros((2, 3)), one, one, activation="tanh")
    with pytest.raises(ValueError, match="0 or more"):
        normalize(jnp.zeros((2, 3)), one, one, epsilon=-1.0)
