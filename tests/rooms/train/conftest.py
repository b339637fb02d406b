"""Small real images (scikit-learn's digits) and small networks, built anew for every test."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.backend import keras_on_jax
from hangtag.records import Preprocessing
from hangtag.rooms.train import shared


@pytest.fixture(scope="session")
def keras():
    return keras_on_jax()


@pytest.fixture(autouse=True)
def no_programs():
    """Programs are traced anew by every test: some change what is traced."""
    shared.forget_programs()


@pytest.fixture(scope="session")
def examples():
    """1,797 digits, ``(n, 8, 8, 1)`` uint8, and their classes."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.round(digits.images * 15.9375).astype(np.uint8)[..., None]
    return images, digits.target.astype(np.int64)


@pytest.fixture(scope="session")
def preprocessing():
    return Preprocessing((8, 8, 1), (0, 8), (0, 8))


@pytest.fixture
def mlp(keras):
    """Gives a new small network of dense layers, the same for the same seed."""

    def build(seed=0, dropout=0.0, normalise=False):
        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Input((8, 8, 1)), keras.layers.Flatten()]
        layers.append(keras.layers.Dense(32, activation="relu"))
        if normalise:
            layers.append(keras.layers.BatchNormalization())
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
        return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])

    return build


@pytest.fixture
def cnn(keras):
    """Gives a new small convolutional network, the same for the same seed."""

    def build(seed=0, padding="same", strides=1, dropout=0.0):
        keras.utils.set_random_seed(seed)
        layers = keras.layers
        return keras.Sequential(
            [
                layers.Input((8, 8, 1)),
                layers.Conv2D(8, 3, padding=padding, strides=strides, activation="relu"),
                layers.MaxPooling2D(2, padding="same"),
                layers.Dropout(dropout),
                layers.Conv2D(12, 3, padding="same", activation="relu"),
                layers.Flatten(),
                layers.Dense(10, activation="softmax"),
            ]
        )

    return build
