"""Trainings of one form have the same programs, traced once; what is not known shares nothing."""

from __future__ import annotations

import dataclasses
import gc
import weakref

import jax
import numpy as np
import pytest

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import shared, train
from hangtag.rooms.train.forms import form_of
from hangtag.rooms.train.operations import fast_operations
from hangtag.rooms.train.trainer import Trainer

OPTIONS = TrainingOptions(epochs=1, batch_size=100)

OTHERWISE = {
    "epochs": 2,
    "batch_size": 50,
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "seed": 1,
    "shuffle": False,
    "early_stopping": 3,
    "monitor": "val_accuracy",
    "restore_best": True,
    "metrics": ("accuracy", "auc"),
    "momentum": 0.9,
    "nesterov": True,
    "weight_decay": 0.01,
    "schedule": "cosine",
    "warmup": 1.0,
    "label_smoothing": 0.1,
    "shift": 1,
    "flip": True,
    "cutout": 2,
    "average": 0.9,
}
"""Another value of every option."""


@pytest.fixture
def lowered(examples, preprocessing):
    """Gives the form of a training, and the texts of the programs that it would compile."""

    def texts(network, options, preprocessing=preprocessing):
        found = []

        class Watching(shared.Shared):
            def program(self, name, lower):
                found.append((name, lower().as_text()))
                raise _EnoughError

        trainer = Trainer(
            network,
            *examples,
            validation=examples,
            preprocessing=preprocessing,
            options=options,
            checkpoint=None,
            callbacks=(),
            progress=lambda *_: None,
            shared=Watching(),
        )
        with fast_operations(network), pytest.raises(_EnoughError):
            trainer.run(None, resume=False)
        return found[0]

    return texts


class _EnoughError(Exception):
    pass


def test_every_option_is_known_to_the_test():
    assert OTHERWISE.keys() == {one.name for one in dataclasses.fields(TrainingOptions)}


@pytest.mark.parametrize("base", ["plain", "sgd with a schedule and shifts"])
def test_what_has_one_name_has_one_text_whatever_option_differs(base, lowered, cnn):
    options = OPTIONS
    if base != "plain":
        options = dataclasses.replace(
            OPTIONS, optimizer="sgd", momentum=0.5, schedule="linear", shift=2
        )
    name, text = lowered(cnn(), options)
    for option, value in OTHERWISE.items():
        if option == "optimizer" and base != "plain":
            value = "adam"
        changed = dataclasses.replace(options, **{option: value})
        if changed.optimizer == "adam" and (changed.momentum or changed.nesterov):
            continue  # refused before
        other, said = lowered(cnn(), changed)
        assert other != name or said == text, option


def test_networks_of_one_name_have_one_text(lowered, mlp, cnn, keras):
    def standardized(mean):
        layers = keras.layers
        return keras.Sequential(
            [
                layers.Input((8, 8, 1)),
                layers.Flatten(),
                layers.Normalization(mean=mean, variance=1.0),
                layers.Dense(10, activation="softmax"),
            ]
        )

    def adapted(images):
        network = keras.Sequential(
            [keras.layers.Input((8, 8, 1)), keras.layers.Normalization(axis=None)]
        )
        network.layers[0].adapt(images)
        network.add(keras.layers.Flatten())
        network.add(keras.layers.Dense(10, activation="softmax"))
        return network

    made = [mlp(), mlp(1), mlp(dropout=0.2), mlp(dropout=0.3), mlp(normalise=True), cnn()]
    made += [cnn(dropout=0.5), cnn(padding="valid"), cnn(strides=2)]
    made += [standardized(0.1), standardized(0.2)]
    two = np.stack([np.zeros((8, 8, 1)), np.ones((8, 8, 1))])
    made += [adapted(two), adapted(two * 2)]
    named: dict[str, set[str]] = {}
    for network in made:
        name, text = lowered(network, OPTIONS)
        named.setdefault(name, set()).add(text)
    assert all(len(texts) == 1 for texts in named.values())
    # Two of dense layers differ by their seed alone.
    assert len(named) == len(made) - 1


def test_another_crop_scale_or_mean_is_another_form(cnn, preprocessing):
    network = cnn()
    crops = [
        preprocessing,
        Preprocessing((8, 8, 1), (0, 8), (0, 8), mean=(0.5,), deviation=(0.2,)),
        Preprocessing((8, 9, 1), (0, 8), (1, 9)),
    ]
    assert len({form_of(network, one, OPTIONS) for one in crops}) == 3


def test_the_second_of_a_form_traces_nothing_and_learns_the_same(
    cnn, examples, preprocessing, monkeypatch
):
    def trained(seed):
        network = cnn(seed)
        options = dataclasses.replace(OPTIONS, seed=seed, learning_rate=0.001 * (seed + 1))
        train(network, *examples, preprocessing=preprocessing, options=options, validation=examples)
        return [np.asarray(one) for one in network.variables]

    alone = []
    for seed in (1, 2):
        shared.forget_programs()
        alone.append(trained(seed))
    with monkeypatch.context() as patch:
        patch.setattr(shared.Shared, "compile", lambda *_: pytest.fail("it was lowered again"))
        again = [trained(1), trained(2)]
    for one, other in zip(alone, again, strict=True):
        for weight, wanted in zip(one, other, strict=True):
            np.testing.assert_array_equal(weight, wanted)


def test_a_layer_of_somebody_else_or_with_another_call_shares_nothing(keras, mlp, preprocessing):
    class Doubled(keras.layers.Dense):
        def call(self, inputs):
            return 2 * super().call(inputs)

    def network(last):
        layers = [keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), last]
        return keras.Sequential(layers)

    assert form_of(network(keras.layers.Dense(10)), preprocessing, OPTIONS)
    assert form_of(network(Doubled(10)), preprocessing, OPTIONS) is None
    own = network(keras.layers.Dense(10, activation=lambda values: values * 3))
    assert form_of(own, preprocessing, OPTIONS) is None
    changed = mlp()
    changed.layers[-1].__dict__["call"] = lambda inputs: inputs
    assert form_of(changed, preprocessing, OPTIONS) is None


def test_another_weight_that_is_frozen_is_another_form(keras, preprocessing):
    def network(frozen):
        layers = [keras.layers.Dense(64, use_bias=False) for _ in range(3)]
        made = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), *layers])
        layers[frozen].kernel.trainable = False
        return made

    named = {form_of(network(frozen), preprocessing, OPTIONS) for frozen in range(3)}
    assert len(named) == 3
    assert None not in named


def test_kernels_that_are_turned_off_are_another_form(mlp, preprocessing, monkeypatch):
    monkeypatch.setenv("HANGTAG_NATIVE", "0")
    without = form_of(mlp(), preprocessing, OPTIONS)
    monkeypatch.delenv("HANGTAG_NATIVE")
    pytest.importorskip("hangtag_kernels")
    assert form_of(mlp(), preprocessing, OPTIONS) != without


def test_a_program_keeps_no_network(cnn, examples, preprocessing):
    network = cnn()
    alive = weakref.ref(network)
    train(network, *examples, preprocessing=preprocessing, options=OPTIONS)
    del network
    gc.collect()
    assert alive() is None


def test_a_program_that_could_not_be_compiled_is_tried_again(
    mlp, examples, preprocessing, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(jax.stages.Lowered, "compile", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            train(mlp(), *examples, preprocessing=preprocessing, options=OPTIONS)
    assert train(mlp(), *examples, preprocessing=preprocessing, options=OPTIONS).curves["loss"]


def test_no_more_programs_stay_than_were_said(mlp, examples, preprocessing, monkeypatch):
    monkeypatch.setattr(shared, "MOST_KEPT", 2)
    for batch in (100, 200, 300, 400):
        options = dataclasses.replace(OPTIONS, batch_size=batch)
        train(mlp(), *examples, preprocessing=preprocessing, options=options)
    assert len(shared._KEPT) == 2
