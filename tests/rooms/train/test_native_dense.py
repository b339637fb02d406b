"""Dense layers, updates and batches go through the native kernels where that changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import TrainingOptions
from hangtag.rooms.train import train
from hangtag.rooms.train.operations import fast_operations, native, rows, update

kernels = pytest.importorskip("hangtag_kernels", reason="the native kernels are not installed")


@pytest.fixture(autouse=True)
def turned_on(monkeypatch):
    monkeypatch.setenv("HANGTAG_NATIVE", "1")
    monkeypatch.delenv("HANGTAG_NATIVE_ISA", raising=False)


@pytest.mark.parametrize("activation", ["relu", "tanh", None])
@pytest.mark.parametrize("shape", [(5, 7), (2, 3, 7)])
def test_a_dense_layer_answers_as_keras_does(keras, activation, shape):
    layer = keras.layers.Dense(6, activation=activation, use_bias=activation != "tanh")
    network = keras.Sequential([keras.layers.Input(shape[1:]), layer])
    given = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    wanted = np.asarray(network(given))
    with fast_operations(network):
        assert "call" in layer.__dict__
        assert np.asarray(network(given)) == pytest.approx(wanted, abs=1e-6)
    assert "call" not in layer.__dict__


def steps_of(keras, optimizer, monkeypatch, on, steps=20):
    """Weights and optimizer variables after some steps with fixed gradients."""
    monkeypatch.setenv("HANGTAG_NATIVE", "1" if on else "0")
    random = np.random.default_rng(1)
    weights = [random.normal(size=shape).astype(np.float32) for shape in ((30, 7), (7,))]
    variables = [keras.Variable(weight) for weight in weights]
    optimizer.build(variables)
    kept = [variable.value for variable in optimizer.variables]
    for _ in range(steps):
        slopes = [random.normal(size=one.shape).astype(np.float32) for one in weights]
        weights, kept = update.apply(optimizer, kept, slopes, weights)
    return [np.asarray(one) for one in (*weights, *kept)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
        {"clipnorm": 0.5},
        {"weight_decay": 0.1},
        {"amsgrad": True},
    ],
    ids=str,
)
def test_steps_of_adam_are_those_of_keras(keras, monkeypatch, options):
    found = steps_of(keras, keras.optimizers.Adam(**options), monkeypatch, on=True)
    wanted = steps_of(keras, keras.optimizers.Adam(**options), monkeypatch, on=False)
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6)


def test_the_optimizer_is_plain_keras_again_afterwards(keras, monkeypatch):
    optimizer = keras.optimizers.Adam()
    steps_of(keras, optimizer, monkeypatch, on=True, steps=1)
    assert update.HOOK not in optimizer.__dict__


def test_an_optimizer_of_somebody_else_does_its_own_update(keras, monkeypatch):
    class Still(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            pass

    weights = steps_of(keras, Still(), monkeypatch, on=True)[:2]
    random = np.random.default_rng(1)
    for weight in weights:
        assert np.array_equal(weight, random.normal(size=weight.shape).astype(np.float32))


def test_images_of_a_batch_are_those_asked_for(monkeypatch):
    import jax.numpy as jnp

    table = np.random.default_rng(0).integers(0, 256, (50, 12)).astype(np.uint8)
    places = np.asarray([7, 7, 0, 49], np.int32)
    for on in ("1", "0"):
        monkeypatch.setenv("HANGTAG_NATIVE", on)
        assert np.array_equal(rows.take(jnp.asarray(table), jnp.asarray(places)), table[places])


def test_an_older_package_is_as_good_as_none(monkeypatch):
    assert native.in_use() != "xla"
    without = [name for name in kernels.__all__ if name != "adam"]
    monkeypatch.setattr(kernels, "__all__", without)
    assert native.in_use() == "xla"


def test_training_twice_gives_the_same_bits(mlp, examples, preprocessing):
    options = TrainingOptions(epochs=2, batch_size=32)
    networks = [mlp(dropout=0.2), mlp(dropout=0.2)]
    for network in networks:
        train(network, *examples, preprocessing=preprocessing, options=options)
    for one, other in zip(*(network.get_weights() for network in networks), strict=True):
        assert np.array_equal(one, other)


def test_the_same_values_are_dropped_with_and_without(monkeypatch):
    import jax.numpy as jnp

    from hangtag.rooms.train.operations.dropout import drop

    values = jnp.asarray(np.random.default_rng(0).normal(size=(30, 40)), jnp.float32)
    seed = jnp.asarray([4, 7])
    found = []
    for on in ("1", "0"):
        monkeypatch.setenv("HANGTAG_NATIVE", on)
        found.append(np.asarray(drop(values, 0.3, seed)))
    assert np.array_equal(found[0] == 0, found[1] == 0)
    assert found[0] == pytest.approx(found[1], rel=1e-6)
