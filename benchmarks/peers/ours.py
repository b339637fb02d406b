"""Hangtag itself, timed the same way. usage: ours.py NETWORK EPOCHS IMAGES."""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()

import clock  # noqa: E402
import numpy as np  # noqa: E402
import training_images  # noqa: E402

from hangtag.backend import keras_on_jax  # noqa: E402
from hangtag.records import Preprocessing, TrainingOptions  # noqa: E402
from hangtag.rooms.train import Callback, train  # noqa: E402


class Epochs(Callback):
    def __init__(self, times):
        self.times = times

    def before_epoch(self, _epoch):
        self.times.start()

    def after_epoch(self, _epoch):
        self.times.stop()


def main(network: str, epochs: int, n: int) -> None:
    task = json.loads(network)
    keras = keras_on_jax()
    import keras_fit

    imported = time.perf_counter() - began
    keras.utils.set_random_seed(0)
    images, labels = training_images.training((0, 28), n)
    images = np.round(images * 255).astype(np.uint8)
    rows = tuple(task["rows"])
    preprocessing = Preprocessing((28, 28, 1), rows, (0, 28))
    model = keras_fit.build(task["layers"], preprocessing.output_shape)
    times = clock.Clock()
    started: list[float] = []

    def progress(_stage, done, *_rest):
        if done and not started:
            started.append(time.perf_counter() - began)

    history = train(
        model,
        images,
        labels,
        preprocessing=preprocessing,
        options=TrainingOptions(
            epochs=epochs, batch_size=task["batch"], optimizer=task["optimizer"]
        ),
        callbacks=[Epochs(times)],
        progress=progress,
    )
    times.report(
        loss=history.curves["loss"],
        parameters=model.count_params(),
        imported=imported,
        first_step=started[0],
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
