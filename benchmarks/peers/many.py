"""Six S1 networks with Hangtag: together, and one after another, both with all compiling."""

from __future__ import annotations

import json
import tempfile
import time
from os import environ

environ["HANGTAG_CACHE"] = tempfile.mkdtemp()  # both ways compile anew

import numpy as np
import training_images

from hangtag.backend import keras_on_jax
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import train, train_many

N, EPOCHS = 22_879, 5
keras = keras_on_jax()
images, labels = training_images.training((0, 28), N)
images = np.round(images * 255).astype(np.uint8)
preprocessing = Preprocessing((28, 28, 1), (0, 28), (0, 28))
rates = [(rate, seed) for rate in (1e-3, 1e-5, 1e-9) for seed in (0, 1)]


def network(seed):
    keras.utils.set_random_seed(seed)
    k = keras.layers
    layers = [k.Input((28, 28, 1)), k.Flatten(), k.Dense(200, "relu"), k.Dense(50, "relu")]
    return keras.Sequential([*layers, k.Dense(25, "softmax")])


def options(rate, seed):
    return TrainingOptions(epochs=EPOCHS, learning_rate=rate, seed=seed)


def together():
    networks = [network(seed) for _, seed in rates]
    choices = [options(*one) for one in rates]
    return train_many(networks, images, labels, preprocessing=preprocessing, options=choices)


def apart():
    return tuple(
        train(network(one[1]), images, labels, preprocessing=preprocessing, options=options(*one))
        for one in rates
    )


took = {}
for way in (apart, together, together, apart):
    began = time.perf_counter()
    way()
    took.setdefault(way.__name__, []).append(time.perf_counter() - began)
print(
    json.dumps({name: min(times) for name, times in took.items()} | {"images": N, "epochs": EPOCHS})
)
