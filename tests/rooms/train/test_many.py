"""Training several networks at once gives each what it would get alone."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from hangtag.errors import DivergedError, OptionError, SpecError
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import train, train_many

OPTIONS = TrainingOptions(epochs=2, batch_size=64)


def weights_of(network):
    return [np.asarray(variable.value) for variable in network.trainable_variables]


def same(one, other):
    pairs = zip(weights_of(one), weights_of(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_each_network_comes_out_as_if_trained_alone(mlp, examples, preprocessing):
    choices = [
        dataclasses.replace(OPTIONS, learning_rate=rate, seed=seed)
        for rate, seed in ((1e-3, 0), (1e-2, 1), (1e-4, 2))
    ]
    together = [mlp(seed, dropout=0.1 * (seed + 1)) for seed in range(3)]
    histories = train_many(
        together, *examples, preprocessing=preprocessing, options=choices, validation=examples
    )
    for seed, (network, choice) in enumerate(zip(together, choices, strict=True)):
        alone = mlp(seed, dropout=0.1 * (seed + 1))
        history = train(
            alone, *examples, preprocessing=preprocessing, options=choice, validation=examples
        )
        assert same(network, alone)
        assert histories[seed].curves == history.curves


def test_networks_of_one_form_are_compiled_once(mlp, examples, preprocessing, monkeypatch):
    import jax

    compiled = []
    usual = jax.stages.Lowered.compile
    monkeypatch.setattr(
        jax.stages.Lowered, "compile", lambda self: compiled.append(self) or usual(self)
    )
    train_many(
        [mlp(seed) for seed in range(3)],
        *examples,
        preprocessing=preprocessing,
        options=[dataclasses.replace(OPTIONS, epochs=1, seed=seed) for seed in range(3)],
    )
    assert len(compiled) == 2  # the chunk and the smaller last step


def test_halves_of_an_image_start_from_identical_weights(keras, examples):
    def half(seed):
        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Input((4, 8, 1)), keras.layers.Flatten()]
        return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])

    top, bottom = half(0), half(1)
    started = weights_of(top)
    slow = dataclasses.replace(OPTIONS, epochs=1, optimizer="sgd", learning_rate=1e-12)
    crops = [Preprocessing((8, 8, 1), (0, 4), (0, 8)), Preprocessing((8, 8, 1), (4, 8), (0, 8))]
    histories = train_many(
        [top, bottom], *examples, preprocessing=crops, options=slow, identical_weights=True
    )
    for network in (top, bottom):
        for ours, first in zip(weights_of(network), started, strict=True):
            np.testing.assert_allclose(ours, first, atol=1e-6)
    assert histories[0].curves["loss"] != histories[1].curves["loss"]


def test_one_that_diverges_does_not_stop_the_others(mlp, examples, preprocessing):
    good, bad = mlp(0), mlp(1)
    before = weights_of(good)
    bad.layers[-1].bias.assign(np.full(10, np.nan))
    with pytest.raises(DivergedError, match="step 1 of epoch 1"):
        train_many([bad, good], *examples, preprocessing=preprocessing, options=OPTIONS)

    assert not all(np.array_equal(a, b) for a, b in zip(before, weights_of(good), strict=True))


def test_refuses_options_for_another_number_of_networks(mlp, examples, preprocessing):
    with pytest.raises(OptionError, match="2 networks need options for each"):
        train_many([mlp(0), mlp(1)], *examples, preprocessing=preprocessing, options=[OPTIONS] * 3)


def test_refuses_identical_weights_for_networks_of_different_form(
    mlp, cnn, examples, preprocessing
):
    with pytest.raises(SpecError, match="network 2 cannot start from the weights of network 1"):
        train_many(
            [mlp(), cnn()],
            *examples,
            preprocessing=preprocessing,
            options=OPTIONS,
            identical_weights=True,
        )


def test_what_is_waited_for_programs_is_none_of_an_epochs_seconds(
    mlp, examples, preprocessing, monkeypatch
):
    import jax

    usual = jax.stages.Lowered.compile

    def slowly(lowered):
        time.sleep(1)
        return usual(lowered)

    monkeypatch.setattr(jax.stages.Lowered, "compile", slowly)
    began = time.perf_counter()
    history = train(
        mlp(), *examples, preprocessing=preprocessing, options=OPTIONS, validation=examples
    )
    took = time.perf_counter() - began
    assert history.compiling >= 1
    assert sum(history.seconds) + history.compiling <= took
