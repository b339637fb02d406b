"""``train_stack`` does the steps that a loop over Keras' definitions does, in one call."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hangtag_kernels import Rule, train_stack

SHAPES = {
    "small": (6, [(9, 5), (5, 3)]),
    "one layer": (4, [(7, 4)]),
    "odd": (33, [(70, 37), (37, 19), (19, 11)]),
    "large, on all threads": (32, [(392, 128), (128, 200), (200, 10)]),
    "large backwards": (64, [(50, 300), (300, 301), (301, 10)]),
}


def task(name, random, steps=3):
    batch, shapes = SHAPES[name]
    n = batch * steps + 5
    weights = []
    for inputs, outputs in shapes:
        weights.append(jnp.asarray(random.normal(size=(inputs, outputs)) / inputs**0.5, "float32"))
        weights.append(jnp.asarray(random.normal(size=outputs) / 10, "float32"))
    zeros = [jnp.zeros_like(one) for one in weights]
    images = (
        jnp.asarray(random.integers(0, 256, (n, shapes[0][0])), jnp.uint8),
        jnp.asarray(random.integers(0, shapes[-1][1], n), jnp.int32),
        jnp.asarray(random.permutation(n), jnp.int32),
    )
    relus = (*([True] * (len(shapes) - 1)), False)
    rates = jnp.asarray(random.uniform(1e-3, 1e-2, steps), jnp.float32)
    return Rule(batch, relus, 1 / 128), (weights, zeros, zeros, *images), rates


def trained(rule, given, rates, first=0, last=None, threads=0, loss=0.0):
    bounds = jnp.asarray([first, len(rates) if last is None else last, threads], jnp.int32)
    mean, deviation = pixels_of(given[0][0].shape[0])
    return train_stack(
        *given, rates=rates, bounds=bounds, loss=loss, rule=rule, mean=mean, deviation=deviation
    )


def pixels_of(inputs):
    """What is taken off each pixel, and what it is divided by."""
    places = jnp.arange(inputs, dtype=jnp.float32)
    return 0.5 + places % 3 / 10, 1 + places % 5


def step_by_step(rule, given, rates):
    """The same by automatic differentiation, in double precision."""
    weights, momentums, velocities, pixels, labels, order = given
    weights, momentums, velocities = (
        [np.asarray(one, np.float64) for one in group] for group in (weights, momentums, velocities)
    )

    mean, deviation = (np.asarray(one, np.float64) for one in pixels_of(pixels.shape[1]))

    def loss_of(weights, images, labels):
        values = (images * rule.scale - mean) / deviation
        for at, relu in enumerate(rule.relus):
            values = values @ weights[2 * at] + weights[2 * at + 1]
            values = jax.nn.relu(values) if relu else values
        own = jax.nn.softmax(values)[jnp.arange(len(labels)), labels]
        return -jnp.log(jnp.clip(own, rule.least, 1 - rule.least)).mean(), values.argmax(axis=1)

    total, right = 0.0, 0
    for step, rate in enumerate(np.asarray(rates, np.float64)):
        some = order[step * rule.batch : (step + 1) * rule.batch]
        images = np.asarray(pixels[some], np.float64)
        slope = jax.value_and_grad(loss_of, has_aux=True)
        (loss, answers), slopes = slope(weights, images, labels[some])
        total += float(loss) * rule.batch
        right += int((answers == labels[some]).sum())
        for at, one in enumerate(slopes):
            momentums[at] = momentums[at] + (one - momentums[at]) * (1 - rule.beta_1)
            velocities[at] = velocities[at] + (one**2 - velocities[at]) * (1 - rule.beta_2)
            weights[at] = weights[at] - momentums[at] * rate / (
                np.sqrt(velocities[at]) + rule.epsilon
            )
    return (
        *([np.asarray(one) for one in group] for group in (weights, momentums, velocities)),
        total,
        right,
    )


@pytest.mark.parametrize("name", SHAPES)
def test_steps_are_those_of_double_precision(name, instructions, random):
    rule, given, rates = task(name, random)
    found = trained(rule, given, rates)
    with jax.enable_x64(True):
        *groups, loss, right = step_by_step(rule, given, rates)
    # Adam divides by the root of a slope squared: where a slope is mostly rounding, so is its step.
    known = [np.asarray(one) > 1e-6 * np.asarray(one).max() for one in groups[2]]
    for group, wanted in zip(found[:3], groups, strict=True):
        for one, other, where in zip(group, wanted, known, strict=True):
            gaps = np.abs(np.asarray(one, np.float64) - other)[where] / np.abs(other).max()
            assert gaps.max() < 2e-4
            assert gaps.mean() < 1e-5
    assert float(found.loss) == pytest.approx(loss, rel=1e-5)
    assert found.counts.tolist() == [right, len(rates), -1]


@pytest.mark.parametrize("name", ["odd", "large, on all threads", "large backwards"])
def test_bits_depend_neither_on_threads_nor_on_how_steps_are_cut(name, instructions, random):
    rule, given, rates = task(name, random, steps=5)
    whole = trained(rule, given, rates)
    alone = trained(rule, given, rates, threads=1)
    half = trained(rule, given, rates, last=2, loss=0.0)
    rest = trained(rule, (*half[:3], *given[3:]), rates, first=2, loss=half.loss)
    for other in (alone, rest):
        for group, wanted in zip(other[:3], whole[:3], strict=True):
            for one, two in zip(group, wanted, strict=True):
                np.testing.assert_array_equal(one, two)
        assert float(other.loss) == float(whole.loss)


def test_no_steps_change_nothing(random):
    rule, given, rates = task("small", random)
    found = trained(rule, given, rates, first=2, last=2, loss=1.5)
    for one, other in zip(found.weights, given[0], strict=True):
        np.testing.assert_array_equal(one, other)
    assert (float(found.loss), found.counts.tolist()) == (1.5, [0, 0, -1])


def test_no_steps_of_a_batch_beyond_all_bounds_change_nothing(random):
    rule, given, rates = task("small", random)
    found = trained(rule._replace(batch=2**62), given, rates, first=1, last=1)
    assert found.counts.tolist() == [0, 0, -1]


@pytest.mark.parametrize("what", [float("nan"), float("inf")])
def test_steps_end_behind_one_whose_loss_is_no_number(what, instructions, random):
    rule, given, rates = task("odd", random, steps=4)
    rates = rates.at[1].set(what)  # the weights are lost in step 1, so the loss is in step 2
    found = trained(rule, given, rates)
    assert found.counts.tolist()[1:] == [3, 2]
    assert not np.isfinite(float(found.loss))


def test_a_sure_and_right_answer_has_no_slope_as_in_keras(random):
    rule = Rule(2, (False,))
    weights = [jnp.zeros((3, 2)), jnp.asarray([200.0, -200.0])]
    zeros = [jnp.zeros_like(one) for one in weights]
    images = jnp.zeros((2, 3), jnp.uint8), jnp.asarray([0, 1], jnp.int32), jnp.arange(2)
    given = (weights, zeros, zeros, images[0], images[1], images[2].astype(jnp.int32))
    found = trained(rule, given, jnp.asarray([0.1], jnp.float32))
    np.testing.assert_array_equal(found.weights[1], weights[1])
    assert float(found.loss) == pytest.approx(-np.log(1e-7), rel=1e-4)


def test_what_does_not_fit_is_refused_in_words(random):
    rule, given, rates = task("small", random)
    with pytest.raises(ValueError, match="a kernel and a bias"):
        trained(rule, (given[0][:2], *given[1:]), rates)
    with pytest.raises(TypeError, match="pixels of uint8"):
        trained(rule, (*given[:3], given[3].astype(jnp.float32), *given[4:]), rates)
    with pytest.raises(Exception, match="do not fit the first layer"):
        jax.block_until_ready(trained(rule, (*given[:3], given[3][:, :5], *given[4:]), rates))
    for batch in (0, -1, 2**62):
        with pytest.raises(Exception, match="train_stack"):
            jax.block_until_ready(trained(rule._replace(batch=batch), given, rates))
    with pytest.raises(Exception, match="at least 0"):
        jax.block_until_ready(trained(rule, given, rates, threads=-1))
    with pytest.raises(Exception, match="not that many steps"):
        jax.block_until_ready(trained(rule, given, rates, last=9))
    with pytest.raises(Exception, match="no image 999"):
        wrong = given[5].at[0].set(999)
        jax.block_until_ready(trained(rule, (*given[:5], wrong), rates))
