"""Training here gives what Keras' own fit gives."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import TrainingOptions
from hangtag.rooms.train import train


def fitted_by_keras(keras, network, pictures, preprocessing, options, metrics=("accuracy",)):
    images, labels = pictures
    classes = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD"}
    rate = {} if options.learning_rate is None else {"learning_rate": options.learning_rate}
    network.compile(
        optimizer=getattr(keras.optimizers, classes[options.optimizer])(**rate),
        loss="categorical_crossentropy",
        metrics=list(metrics),
    )
    return network.fit(
        preprocessing.apply(images),
        keras.utils.to_categorical(labels, 10),
        batch_size=options.batch_size,
        epochs=options.epochs,
        shuffle=False,
        verbose=0,
    )


def largest_difference(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_weights_agree_with_keras_after_fifty_steps(
    request, keras, pictures, preprocessing, optimizer, kind
):
    build = request.getfixturevalue(kind)
    options = TrainingOptions(epochs=1, batch_size=32, optimizer=optimizer, shuffle=False)
    some = (pictures[0][: 49 * 32 + 17], pictures[1][: 49 * 32 + 17])  # the fiftieth is partial
    ours, theirs = build(), build()
    history = train(ours, *some, preprocessing=preprocessing, options=options)
    reference = fitted_by_keras(keras, theirs, some, preprocessing, options).history

    assert largest_difference(ours, theirs) < 1e-4
    assert history.curves["loss"][0] == pytest.approx(reference["loss"][0], abs=1e-4)
    assert history.curves["accuracy"][0] == pytest.approx(reference["accuracy"][0], abs=1e-3)


def test_batch_normalisation_agrees_with_keras(keras, mlp, pictures, preprocessing):
    options = TrainingOptions(epochs=2, batch_size=64, shuffle=False)
    ours, theirs = mlp(normalise=True), mlp(normalise=True)
    train(ours, *pictures, preprocessing=preprocessing, options=options)
    fitted_by_keras(keras, theirs, pictures, preprocessing, options)

    assert largest_difference(ours, theirs) < 1e-4
