"""KerasTuner's Bayesian tuner on study S4's space, on TensorFlow; JSON out.

Arguments: an .npz with standardised training and validation images, trials, epochs, seed.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def build(choose):
    import keras

    activation = choose.Choice("conv.activation", ["relu", "tanh", "leaky_relu"])
    kernel = choose.Choice("conv.kernel_size", [3, 5])
    dense = choose.Choice("dense.activation", ["relu", "tanh", "leaky_relu"])
    first = keras.Input((28, 28, 1))
    x = first
    for number in (1, 2):
        filters = choose.Int(f"conv_{number}.filters", 32, 128, step=32)
        x = keras.layers.Conv2D(
            filters, kernel, padding="same", activation=activation, kernel_initializer="he_normal"
        )(x)
        x = keras.layers.MaxPooling2D(1, strides=2)(x)
    x = keras.layers.Flatten()(x)
    units = choose.Int("dense_1.units", 96, 192, step=32)
    for number in range(choose.Int("dense.layers", 1, 3)):
        x = keras.layers.Dense(units // 2**number, dense, kernel_initializer="he_normal")(x)
    model = keras.Model(first, keras.layers.Dense(10, "softmax")(x))
    model.compile(
        choose.Choice("optimizer", ["sgd", "adam", "rmsprop"]),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main() -> None:
    place, trials, epochs, seed = sys.argv[1], *map(int, sys.argv[2:5])
    began = time.perf_counter()
    import keras_tuner
    import numpy as np

    class Model(keras_tuner.HyperModel):
        def build(self, hp):
            return build(hp)

        def fit(self, hp, model, *args, **options):
            options["batch_size"] = hp.Choice("batch_size", [128, 192, 256])
            return model.fit(*args, **options)

    data = np.load(place)
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.BayesianOptimization(
            Model(), "val_accuracy", max_trials=trials, seed=seed, directory=folder
        )
        tuner.search(
            data["train"], data["train_labels"], epochs=epochs, verbose=0,
            validation_data=(data["validation"], data["validation_labels"]),
        )  # fmt: skip
        done = [one for one in tuner.oracle.trials.values() if one.score is not None]
    cells = [one.hyperparameters.values for one in done]
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "best": max(one.score for one in done),
                "cells": cells,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
