"""A peer: plain Keras compile and fit. usage: KERAS_BACKEND=… keras_fit.py NETWORK EPOCHS N."""

from __future__ import annotations

import json
import sys

import clock
import keras
import training_images
from keras import layers as k


def build(layers, shape):
    known = {"conv": conv, "pool": pool, "dense": dense, "drop": k.Dropout, "flatten": k.Flatten}
    known["norm"] = k.BatchNormalization
    return keras.Sequential([k.Input(shape), *(known[kind](*options) for kind, *options in layers)])


def conv(filters, size, padding):
    return k.Conv2D(filters, size, padding=padding, activation="relu")


def pool(size, stride):
    return k.MaxPooling2D(size, strides=stride)


def dense(units, activation):
    return k.Dense(units, activation=activation)


class Epochs(keras.callbacks.Callback):
    def __init__(self, times):
        super().__init__()
        self.times = times

    def on_epoch_begin(self, _epoch, _logs=None):
        self.times.start()

    def on_epoch_end(self, _epoch, _logs=None):
        self.times.stop()


def main(network: str, epochs: int, n: int) -> None:
    task = json.loads(network)
    keras.utils.set_random_seed(0)
    images, labels = training_images.training(tuple(task["rows"]), n)
    model = build(task["layers"], images.shape[1:])
    model.compile(
        optimizer=task["optimizer"], loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    times = clock.Clock()
    history = model.fit(
        images,
        labels,
        batch_size=task["batch"],
        epochs=epochs,
        verbose=0,
        callbacks=[Epochs(times)],
    )
    times.report(loss=history.history["loss"], parameters=model.count_params())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
