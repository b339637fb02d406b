"""With the native kernels a network trains to what it trains to without them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from hangtag.records import TrainingOptions
from hangtag.rooms.models import build, network_spec
from hangtag.rooms.train import predict, train
from hangtag.rooms.train.operations import fast_operations, layers_of, native

pytest.importorskip("hangtag_kernels", reason="the native kernels are not installed")


@pytest.fixture
def kernels(monkeypatch):
    """Turns the kernels on or off for what is compiled next."""
    monkeypatch.delenv("HANGTAG_NATIVE_ISA", raising=False)

    def turn(on):
        monkeypatch.setenv("HANGTAG_NATIVE", "1" if on else "0")

    turn(True)
    return turn


def networks(keras):
    layers = keras.layers
    return {
        "pooled": [
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(12, 3, activation="relu"),
        ],
        "normalised": [
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
        ],
        "normalised-twice": [
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9, scale=False),
            layers.Activation("tanh"),
            layers.Conv2D(20, 3, padding="same"),
            layers.BatchNormalization(center=False, epsilon=0.1),
            layers.Flatten(),
            layers.BatchNormalization(),
            layers.Activation("tanh"),
        ],
        "strided-pool": [
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(1, strides=2),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.MaxPooling2D(1, strides=2),
        ],
        "other-activations": [
            layers.Conv2D(8, 3, strides=2, padding="same", activation="leaky_relu"),
            layers.MaxPooling2D(2),
        ],
        "overlapping-pool": [
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(3, strides=2, padding="same"),
        ],
    }


def built(keras, kind, seed=0):
    keras.utils.set_random_seed(seed)
    ends = [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.layers.Input((8, 8, 1)), *networks(keras)[kind], *ends])


KINDS = (
    *("pooled", "normalised", "normalised-twice", "strided-pool", "other-activations"),
    "overlapping-pool",
)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_agree_with_and_without_after_twenty_steps(
    keras, kernels, examples, preprocessing, kind
):
    options = TrainingOptions(epochs=1, batch_size=32, optimizer="sgd", shuffle=False)
    some = (examples[0][:657], examples[1][:657])
    trained = []
    for on in (True, False):
        kernels(on)
        network = built(keras, kind)
        train(network, *some, preprocessing=preprocessing, options=options)
        trained.append(network.get_weights())
    for one, other in zip(*trained, strict=True):
        assert np.abs(one - other).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_answers_agree_with_keras_own(keras, kernels, examples, preprocessing, kind):
    network = built(keras, kind)
    images = examples[0][:50]
    found = predict(network, images, preprocessing=preprocessing)

    assert found == pytest.approx(np.asarray(network(preprocessing.apply(images))), abs=1e-5)


def test_learns_as_well_with_as_without(keras, kernels, examples, preprocessing):
    options = TrainingOptions(epochs=4, batch_size=32)
    images, labels = examples
    train_part, test_part = slice(0, 1400), slice(1400, None)
    scores = {True: [], False: []}
    for on, scored in scores.items():
        kernels(on)
        for seed in range(3):
            network = built(keras, "pooled", seed)
            train(
                network,
                images[train_part],
                labels[train_part],
                preprocessing=preprocessing,
                options=TrainingOptions(**{**options.to_dict(), "seed": seed}),
            )
            answers = predict(network, images[test_part], preprocessing=preprocessing)
            scored.append(float((answers.argmax(1) == labels[test_part]).mean()))
    spread = max(scores[False]) - min(scores[False])
    assert abs(np.mean(scores[True]) - np.mean(scores[False])) <= max(spread, 0.02)


def test_a_pooling_behind_a_convolution_runs_in_its_call(keras, kernels):
    network = built(keras, "pooled")
    convolution, pooling, second = network.layers[:3]
    with fast_operations(network):
        images = np.ones((2, 8, 8, 1), np.float32)
        pooled = convolution.call(images)
        assert pooled.shape == (2, 4, 4, 8)
        assert pooling.call(pooled) is pooled
        assert second.call(pooled).shape == (2, 2, 2, 12)


@pytest.mark.parametrize(
    ("kind", "options", "joined"),
    [
        ("Activation", {"activation": "relu"}, True),
        ("ReLU", {}, True),
        ("ReLU", {"negative_slope": 0.1}, False),
        ("ReLU", {"max_value": 1.0}, False),
        ("Activation", {"activation": "tanh"}, False),
    ],
)
def test_a_plain_relu_behind_a_normalization_runs_in_its_call(
    keras, kernels, kind, options, joined
):
    follower = getattr(keras.layers, kind)(**options)
    normalization = keras.layers.BatchNormalization()
    network = keras.Sequential([keras.layers.Input((8, 8, 3)), normalization, follower])
    values = np.random.default_rng(0).normal(size=(4, 8, 8, 3)).astype(np.float32)
    for training in (True, False):
        wanted = np.asarray(network(values, training=training))
        with fast_operations(network):
            answers = normalization(values, training=training)
            assert np.asarray(follower.call(answers)) == pytest.approx(wanted, abs=1e-5)
            assert (follower.call(answers) is answers) == joined


def test_a_normalization_of_another_axis_stays_with_keras(keras, kernels):
    layers = keras.layers
    values = np.random.default_rng(0).normal(size=(4, 5, 6, 7)).astype(np.float32)
    network = keras.Sequential([layers.Input((5, 6, 7)), layers.BatchNormalization(axis=1)])
    wanted = np.asarray(network(values, training=True))
    with fast_operations(network):
        assert np.asarray(network(values, training=True)) == pytest.approx(wanted, abs=1e-6)


def test_the_network_is_plain_keras_again_afterwards(keras, kernels):
    network = built(keras, "pooled")
    with fast_operations(network):
        assert "call" in network.layers[0].__dict__
    assert all("call" not in layer.__dict__ for layer in network.layers)


def test_a_layer_that_stands_in_two_places_is_not_joined_with_its_follower(keras, kernels):
    layers = keras.layers
    shared = layers.Conv2D(4, 3, padding="same", activation="relu")
    one = keras.Sequential([layers.Input((8, 8, 1)), shared, layers.MaxPooling2D()])
    other = keras.Sequential([layers.Input((8, 8, 1)), shared])
    given = layers.Input((8, 8, 1))
    both = layers.Concatenate()([layers.Flatten()(one(given)), layers.Flatten()(other(given))])
    network = keras.Model(given, layers.Dense(10, activation="softmax")(both))
    images = np.random.default_rng(0).random((3, 8, 8, 1)).astype(np.float32)
    wanted = np.asarray(network(images))
    with fast_operations(network):
        assert np.asarray(network(images)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("name", ["fast", "balanced"])
def test_house_networks_of_small_color_images_are_covered_without_a_word(keras, kernels, name):
    """Images as CIFAR-10 has them: every layer that takes time runs in a kernel."""
    network = build(network_spec(name, input_shape=(32, 32, 3), n_classes=10), seed=0)
    covered = {id(layer) for layer, _ in native.replacements(network)}
    heavy = {"Conv2D", "BatchNormalization", "MaxPooling2D", "Dense"}
    kinds = {type(layer).__name__ for layer in layers_of(network)}
    assert {"Conv2D", "BatchNormalization", "Dense"} <= kinds
    left = [
        layer.name
        for layer in layers_of(network)
        if type(layer).__name__ in heavy and id(layer) not in covered
    ]
    assert left == []


def test_the_environment_turns_them_off(keras, kernels):
    assert native.in_use().startswith("native ")
    kernels(False)
    assert native.in_use() == "xla"
    assert not list(native.replacements(built(keras, "pooled")))


def test_an_instruction_set_that_is_not_there_is_an_option_error():
    program = (
        "from hangtag.rooms.train.operations.native import in_use\n"
        "from hangtag.errors import OptionError\n"
        "try:\n    in_use()\n"
        "except OptionError as error:\n    print(error.message, error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"HANGTAG_NATIVE_ISA": "mmx", "HANGTAG_NATIVE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no instruction set 'mmx'" in done.stdout
    assert "unset HANGTAG_NATIVE_ISA" in done.stdout
