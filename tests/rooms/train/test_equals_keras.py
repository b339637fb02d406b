"""Training here gives what Keras' own fit gives: weights, or statistics where dropout draws."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import TrainingOptions
from hangtag.rooms.train import train


def fitted_by_keras(keras, network, examples, preprocessing, options, metrics=("accuracy",)):
    images, labels = examples
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
    request, keras, examples, preprocessing, optimizer, kind
):
    build = request.getfixturevalue(kind)
    options = TrainingOptions(epochs=1, batch_size=32, optimizer=optimizer, shuffle=False)
    some = (examples[0][: 49 * 32 + 17], examples[1][: 49 * 32 + 17])  # the fiftieth is partial
    ours, theirs = build(), build()
    history = train(ours, *some, preprocessing=preprocessing, options=options)
    reference = fitted_by_keras(keras, theirs, some, preprocessing, options).history

    assert largest_difference(ours, theirs) < 1e-4
    assert history.curves["loss"][0] == pytest.approx(reference["loss"][0], abs=1e-4)
    assert history.curves["accuracy"][0] == pytest.approx(reference["accuracy"][0], abs=1e-3)


def test_batch_normalisation_agrees_with_keras(keras, mlp, examples, preprocessing):
    options = TrainingOptions(epochs=2, batch_size=64, shuffle=False)
    ours, theirs = mlp(normalise=True), mlp(normalise=True)
    train(ours, *examples, preprocessing=preprocessing, options=options)
    fitted_by_keras(keras, theirs, examples, preprocessing, options)

    assert largest_difference(ours, theirs) < 1e-4


SEEDS = (0, 1, 2)


def standard_error(values):
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def our_losses(mlp, examples, preprocessing, dropout):
    """Last training and validation losses, seed by seed."""
    images, labels = examples
    found = []
    for seed in SEEDS:
        history = train(
            mlp(seed, dropout=dropout),
            images[:1200],
            labels[:1200],
            validation=(images[1200:], labels[1200:]),
            preprocessing=preprocessing,
            options=TrainingOptions(epochs=8, batch_size=64, learning_rate=3e-3, seed=seed),
        )
        found.append([history.last("loss"), history.last("val_loss")])
    return np.asarray(found)


def their_losses(keras, mlp, examples, preprocessing, dropout):
    """Keras' own, from the same initial weights."""
    images, labels = examples
    values = preprocessing.apply(images)
    found = []
    for seed in SEEDS:
        network = mlp(seed, dropout=dropout)
        network.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
        fitted = network.fit(
            values[:1200],
            labels[:1200],
            validation_data=(values[1200:], labels[1200:]),
            batch_size=64,
            epochs=8,
            verbose=0,
        ).history
        found.append([fitted["loss"][-1], fitted["val_loss"][-1]])
    return np.asarray(found)


def test_with_dropout_losses_over_three_seeds_agree_with_keras(keras, mlp, examples, preprocessing):
    ours = our_losses(mlp, examples, preprocessing, 0.5)
    theirs = their_losses(keras, mlp, examples, preprocessing, 0.5)
    for one, other in zip(ours.T, theirs.T, strict=True):
        room = 3 * np.hypot(standard_error(one), standard_error(other))
        assert abs(one.mean() - other.mean()) < room
    # The comparison can tell: half the dropout moves the loss by far more than that.
    less = our_losses(mlp, examples, preprocessing, 0.25)
    room = 3 * np.hypot(standard_error(ours[:, 0]), standard_error(theirs[:, 0]))
    assert abs(less[:, 0].mean() - theirs[:, 0].mean()) > room
