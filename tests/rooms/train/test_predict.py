"""Predicting gives Keras' answers, whatever the number of images, and leaves the network alone."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.errors import OptionError, SpecError
from hangtag.records import Preprocessing
from hangtag.rooms.train import predict


@pytest.mark.parametrize("n", [1, 7, 300])
def test_answers_as_keras_does_for_any_number_of_images(cnn, examples, preprocessing, n):
    network, images = cnn(dropout=0.5), examples[0][:n]
    ours = predict(network, images, preprocessing=preprocessing, batch_size=16)
    theirs = np.asarray(network(preprocessing.apply(images), training=False))

    assert ours.dtype == np.float32
    assert ours.shape == (n, 10)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_gives_probabilities_also_for_a_network_that_gives_logits(keras, examples, preprocessing):
    layers = [keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    network = keras.Sequential(layers)
    answers = predict(network, examples[0][:5], preprocessing=preprocessing)

    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


def test_sees_weights_changed_since_the_last_time(mlp, examples, preprocessing):
    network, images = mlp(), examples[0][:5]
    before = predict(network, images, preprocessing=preprocessing)
    network.layers[-1].bias.assign(np.arange(10))
    after = predict(network, images, preprocessing=preprocessing)

    assert np.argmax(after, axis=1).tolist() == [9] * 5
    assert not np.allclose(before, after)


def test_no_images_give_no_answers_and_every_image_moves_the_bar(mlp, examples, preprocessing):
    assert predict(mlp(), examples[0][:0], preprocessing=preprocessing).shape == (0, 10)
    seen = []
    predict(
        mlp(),
        examples[0],
        preprocessing=preprocessing,
        batch_size=32,
        progress=lambda _stage, done, total, _note="": seen.append((done, total)),
    )
    assert seen[-1] == (1797, 1797)
    assert len(seen) > 1


def test_refuses_images_of_another_shape(mlp, examples, preprocessing):
    with pytest.raises(OptionError, match="predict wants uint8 images of"):
        predict(mlp(), examples[0][:, :7], preprocessing=preprocessing)
    crop = Preprocessing((8, 8, 1), (0, 4), (0, 8))
    with pytest.raises(SpecError, match="takes images of"):
        predict(mlp(), examples[0], preprocessing=crop)
