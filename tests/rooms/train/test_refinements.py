"""Schedules, decay, smoothing, averages and changes to images inside the compiled epoch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import RunError
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import LearningRate, train, train_many
from hangtag.rooms.train.callbacks import Callback
from hangtag.rooms.train.predictor import probabilities

EVERYTHING = TrainingOptions(
    epochs=4,
    batch_size=64,
    optimizer="sgd",
    learning_rate=0.05,
    seed=1,
    momentum=0.9,
    nesterov=True,
    weight_decay=0.01,
    schedule="one-cycle",
    label_smoothing=0.1,
    shift=1,
    flip=True,
    cutout=2,
    average=0.98,
)


class AskAfter(Callback):
    """Asks to stop at the so-manieth look, which may be in the middle of an epoch."""

    def __init__(self, looks):
        self.looks = looks

    def wants_stop(self):
        self.looks -= 1
        return self.looks == 0


def same(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(*pair) for pair in pairs)


def largest_difference(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("looks", [1, 3])
def test_a_training_with_everything_on_resumes_to_the_same_bits(
    mlp, examples, preprocessing, tmp_path, looks
):
    images, labels = examples
    given = {"preprocessing": preprocessing, "options": replace(EVERYTHING, restore_best=True)}
    given["validation"] = (images[1500:], labels[1500:])
    networks = [mlp(dropout=0.3, normalise=True) for _ in range(3)]
    whole = train(networks[0], images[:1500], labels[:1500], **given)
    place = {"checkpoint": tmp_path / "checkpoint.safetensors"}
    torn = train(
        networks[1], images[:1500], labels[:1500], callbacks=[AskAfter(looks)], **given, **place
    )
    assert torn.stopped == "asked"
    resumed = train(
        networks[2],
        images[:1500],
        labels[:1500],
        callbacks=[AskAfter(0)],
        resume=True,
        **given,
        **place,
    )
    assert same(networks[0], networks[2])
    assert resumed.curves == whole.curves


def test_networks_trained_together_come_out_as_alone(mlp, examples, preprocessing):
    options = [replace(EVERYTHING, seed=seed, epochs=2) for seed in (1, 2)]
    together, alone = [mlp(), mlp()], [mlp(), mlp()]
    train_many(together, *examples, preprocessing=preprocessing, options=options)
    for network, own in zip(alone, options, strict=True):
        train(network, *examples, preprocessing=preprocessing, options=own)
    assert same(together[0], alone[0])
    assert same(together[1], alone[1])
    assert not same(together[0], together[1])


def test_a_schedule_belongs_to_its_number_of_epochs(mlp, examples, preprocessing, tmp_path):
    shared = {"preprocessing": preprocessing, "checkpoint": tmp_path / "c.safetensors"}
    train(mlp(), *examples, options=replace(EVERYTHING, epochs=1), **shared)
    with pytest.raises(RunError, match="another training"):
        train(mlp(), *examples, options=EVERYTHING, resume=True, **shared)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_momentum_decay_smoothing_and_schedule_agree_with_keras(
    keras, cnn, examples, preprocessing, optimizer
):
    images, labels = examples[0][: 50 * 32], examples[1][: 50 * 32]
    sgd = {"momentum": 0.9, "nesterov": True} if optimizer == "sgd" else {}
    rate = 0.02 if optimizer == "sgd" else 1e-3
    options = TrainingOptions(
        epochs=2,
        batch_size=32,
        optimizer=optimizer,
        learning_rate=rate,
        shuffle=False,
        weight_decay=0.02,
        schedule="cosine",
        label_smoothing=0.1,
        **sgd,
    )
    ours, theirs = cnn(), cnn()
    history = train(ours, images, labels, preprocessing=preprocessing, options=options)
    falling = keras.optimizers.schedules.CosineDecay(rate, 100)
    made = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.AdamW}[optimizer]
    chosen = made(learning_rate=falling, weight_decay=0.02, **sgd)
    chosen.exclude_from_weight_decay(var_names=["bias"])
    theirs.compile(optimizer=chosen, loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    wanted = keras.utils.to_categorical(labels, 10)
    reference = theirs.fit(
        preprocessing.apply(images), wanted, batch_size=32, epochs=2, shuffle=False, verbose=0
    )
    assert largest_difference(ours, theirs) < 1e-4
    assert history.curves["loss"] == pytest.approx(reference.history["loss"], abs=1e-4)


def test_a_callback_sees_the_full_rate_and_its_change_scales_the_schedule(
    mlp, examples, preprocessing
):
    seen = []

    def halved(epoch, rate):
        seen.append(rate)
        return rate / 2

    options = TrainingOptions(epochs=2, optimizer="sgd", learning_rate=0.4, schedule="linear")
    ours, theirs = mlp(), mlp()
    given = {"preprocessing": preprocessing}
    train(ours, *examples, options=options, callbacks=[LearningRate(halved)], **given)
    assert seen == pytest.approx([0.4, 0.2])
    train(theirs, *examples, options=options, **given)
    assert not same(ours, theirs)


def by_hand(keras, network, images, labels, proportion, epochs):
    """Keras' own steps, and the running mean worked out beside them in NumPy."""
    network.compile(optimizer=keras.optimizers.SGD(0.05), loss="sparse_categorical_crossentropy")
    means, step = [np.copy(one) for one in network.get_weights()], 0
    for _ in range(epochs):
        for first in range(0, len(images), 32):
            network.train_on_batch(images[first : first + 32], labels[first : first + 32])
            own = min(proportion, (1 + step) / (10 + step))
            weights = network.get_weights()
            means = [own * mean + (1 - own) * w for mean, w in zip(means, weights, strict=True)]
            step += 1
    return means


def test_the_network_kept_is_the_running_mean_statistics_included(
    keras, mlp, examples, preprocessing
):
    images, labels = examples[0][:640], examples[1][:640]
    options = TrainingOptions(
        epochs=3, optimizer="sgd", learning_rate=0.05, shuffle=False, average=0.9
    )
    ours, theirs = mlp(normalise=True), mlp(normalise=True)
    train(ours, images, labels, preprocessing=preprocessing, options=options)
    means = by_hand(keras, theirs, preprocessing.apply(images), labels, 0.9, 3)
    for one, mean in zip(ours.get_weights(), means, strict=True):
        np.testing.assert_allclose(one, mean, atol=1e-4)


def test_validation_looks_at_the_network_that_is_kept(mlp, examples, preprocessing):
    images, labels = examples
    network = mlp(normalise=True)
    history = train(
        network,
        images[:1500],
        labels[:1500],
        validation=(images[1500:], labels[1500:]),
        preprocessing=preprocessing,
        options=replace(EVERYTHING, epochs=2),
    )
    found = probabilities(
        network,
        images[1500:],
        preprocessing=preprocessing,
        batch_size=64,
        progress=lambda *_: None,
    )
    right = float(np.mean(found.argmax(axis=1) == labels[1500:]))
    assert history.last("val_accuracy") == pytest.approx(right, abs=1e-6)


def test_statistics_of_the_mean_network_are_those_its_own_weights_give(
    keras, examples, preprocessing
):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    normalisation = layers.BatchNormalization(momentum=0.9)
    network = keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Flatten(),
            layers.Dense(32),
            normalisation,
            layers.Activation("relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    options = TrainingOptions(
        epochs=20, batch_size=64, learning_rate=3e-3, schedule="one-cycle", average=0.98
    )
    train(network, *examples, preprocessing=preprocessing, options=options)
    values = preprocessing.apply(examples[0]).reshape(len(examples[0]), -1)
    kernel, bias = network.layers[1].get_weights()
    values = values @ kernel + bias
    deviation = values.std(axis=0)
    apart = np.asarray(normalisation.moving_mean) - values.mean(axis=0)
    assert np.abs(apart / deviation).max() < 0.05
    ratio = np.sqrt(np.asarray(normalisation.moving_variance)) / deviation
    assert np.abs(ratio - 1).max() < 0.05


def test_changed_images_are_learned_from_and_never_validated_on(cnn, examples):
    """Digits moved by up to two pixels: only a network that has seen such is good at them."""
    images, labels = examples
    wide = np.pad(images, ((0, 0), (3, 3), (3, 3), (0, 0)))
    preprocessing = Preprocessing((14, 14, 1), (0, 14), (0, 14), dark_border=True)
    moved = np.roll(wide, (2, -2), axis=(1, 2))
    accuracies = {}
    for shift in (0, 2):
        network = _wide_network()
        history = train(
            network,
            wide[:1400],
            labels[:1400],
            validation=(moved[1400:], labels[1400:]),
            preprocessing=preprocessing,
            options=TrainingOptions(epochs=12, batch_size=64, shift=shift, learning_rate=3e-3),
        )
        accuracies[shift] = history.last("val_accuracy")
    assert accuracies[2] > accuracies[0] + 0.2


def _wide_network():
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((14, 14, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
