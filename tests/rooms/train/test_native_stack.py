"""Networks of dense layers alone train as one native call, and come to what the loop comes to."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.models import build, network_spec
from hangtag.rooms.train import train, train_many
from hangtag.rooms.train.compiling import compile_network
from hangtag.rooms.train.operations import stack
from hangtag.rooms.train.shared import forget_programs

pytest.importorskip("hangtag_kernels", reason="the native kernels are not installed")


@pytest.fixture(autouse=True)
def turned_on(monkeypatch):
    monkeypatch.setenv("HANGTAG_NATIVE", "1")
    monkeypatch.delenv("HANGTAG_NATIVE_ISA", raising=False)


def is_covered(network, preprocessing, **options):
    chosen = TrainingOptions(**options)
    compile_network(network, chosen)
    return stack.planned(network, chosen, preprocessing) is not None


@pytest.mark.parametrize("name", ["s1-mlp", "s2-mlp", "s3-full", "s3-half", "s3-base"])
def test_the_studies_dense_networks_are_covered(name, keras):
    rows = (0, 14) if name != "s3-full" else (0, 28)
    preprocessing = Preprocessing((28, 28, 1), rows, (0, 28))
    spec = network_spec(name, input_shape=preprocessing.output_shape, n_classes=10)
    assert is_covered(build(spec, seed=0), preprocessing)


def test_what_the_call_does_not_do_is_left_to_the_loop(keras, mlp, cnn, preprocessing):
    assert is_covered(mlp(), preprocessing)
    assert not is_covered(mlp(dropout=0.2), preprocessing)
    assert not is_covered(mlp(normalise=True), preprocessing)
    assert not is_covered(cnn(), preprocessing)
    for options in (
        {"optimizer": "rmsprop"},
        {"weight_decay": 0.1},
        {"label_smoothing": 0.1},
        {"average": 0.9},
        {"shift": 1},
        {"metrics": ("accuracy", "auc")},
    ):
        assert not is_covered(mlp(), preprocessing, **options), options


def test_what_a_layer_of_ones_own_may_mean_is_left_to_the_loop(keras, mlp, preprocessing):
    frozen, punished, limited = mlp(), mlp(), mlp()
    frozen.layers[1].trainable = False
    punished.layers[1].activity_regularizer = keras.regularizers.L2(0.1)
    limited.layers[1].kernel_constraint = keras.constraints.NonNeg()

    class Own(keras.layers.Dense):
        pass

    inner = [keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), Own(10, "softmax")]
    skipping = keras.layers.Flatten()(start := keras.layers.Input((8, 8, 1)))
    twice = keras.layers.Dense(64, "relu")(skipping) + skipping
    side = keras.Model(start, keras.layers.Dense(10, "softmax")(twice))
    for network in (frozen, punished, limited, keras.Sequential(inner), side):
        assert not is_covered(network, preprocessing)


@pytest.mark.parametrize(
    "options", [{}, {"schedule": "one-cycle"}, {"schedule": "cosine", "warmup": 0.5}], ids=str
)
def test_the_call_comes_to_what_the_loop_comes_to(
    mlp, examples, preprocessing, options, monkeypatch
):
    images, labels = examples
    chosen = TrainingOptions(epochs=2, batch_size=48, seed=3, **options)
    found = []
    for covered in (True, False):
        if not covered:
            monkeypatch.setattr(stack, "planned", lambda *_: None)
            forget_programs()
        network = mlp(seed=1)
        history = train(network, images, labels, preprocessing=preprocessing, options=chosen)
        found.append((history, [np.asarray(one) for one in network.variables]))
    (history, weights), (loop_history, loop_weights) = found
    for one, other in zip(weights, loop_weights, strict=True):
        assert one == pytest.approx(other, abs=2e-4)
    for name, curve in loop_history.curves.items():
        assert history.curves[name] == pytest.approx(curve, rel=1e-3)


def test_a_first_layer_that_standardises_is_part_of_the_call(keras, examples, monkeypatch):
    images, labels = examples
    preprocessing = Preprocessing((8, 8, 1), (0, 8), (0, 8), mean=(0.25,), deviation=(0.5,))
    found = []
    for covered in (True, False):
        if not covered:
            monkeypatch.setattr(stack, "planned", lambda *_: None)
            forget_programs()
        keras.utils.set_random_seed(0)
        standard = keras.layers.Normalization()
        standard.adapt(preprocessing.apply(images).reshape(len(images), -1))
        layers = [keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), standard]
        network = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
        if covered:
            assert is_covered(network, preprocessing)
        train(
            network,
            images,
            labels,
            preprocessing=preprocessing,
            options=TrainingOptions(epochs=1, batch_size=50),
        )
        found.append([np.asarray(one) for one in network.trainable_variables])
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_networks_side_by_side_are_to_the_bit_what_they_are_alone(mlp, examples, preprocessing):
    images, labels = examples
    options = [TrainingOptions(epochs=2, seed=seed) for seed in (0, 1, 2)]
    together = [mlp(seed=seed) for seed in (0, 1, 2)]
    train_many(together, images, labels, preprocessing=preprocessing, options=options)
    for network, seed, own in zip(together, (0, 1, 2), options, strict=True):
        alone = mlp(seed=seed)
        train(alone, images, labels, preprocessing=preprocessing, options=own)
        for one, other in zip(network.variables, alone.variables, strict=True):
            np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_calls_that_end_early_come_to_the_same(mlp, examples, preprocessing, monkeypatch):
    """As they do when Ctrl-C is pressed: the trainer goes on from the step they got to."""
    shared = {"preprocessing": preprocessing, "options": TrainingOptions(epochs=2, batch_size=64)}
    run, whole, halting = stack.run, mlp(), mlp()
    histories = [train(whole, *examples, **shared)]

    def two_steps(*given, bounds, **others):
        return run(*given, bounds=bounds.at[1].min(bounds[0] + 2), **others)

    monkeypatch.setattr(stack, "run", two_steps)
    forget_programs()
    histories.append(train(halting, *examples, **shared))
    assert histories[0].curves == histories[1].curves
    for one, other in zip(whole.get_weights(), halting.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
