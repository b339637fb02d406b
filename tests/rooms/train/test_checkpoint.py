from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from hangtag.errors import RunError
from hangtag.records import TrainingOptions
from hangtag.rooms.train import ReduceOnPlateau, checkpoint, train
from hangtag.rooms.train.callbacks import Callback

EPOCHS = 12
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from hangtag.backend import keras_on_jax
keras = keras_on_jax()
import hangtag
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import train
digits = hangtag.load("digits")
images, labels = digits.images, digits.labels
keras.utils.set_random_seed(3)
layers = keras.layers
network = keras.Sequential([
    layers.Input((8, 8, 1)), layers.Conv2D(8, 3, activation="relu"), layers.Flatten(),
    layers.Dense(32, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.3),
    layers.Dense(10, activation="softmax"),
])
place, resume = Path(sys.argv[1]), sys.argv[2] == "resume"
def said(stage, done, total, note="", /):
    print(done, flush=True)
train(
    network, images[:1400], labels[:1400],
    validation=(images[1400:], labels[1400:]),
    preprocessing=Preprocessing((8, 8, 1), (0, 8), (0, 8)),
    options=TrainingOptions(epochs=int(sys.argv[3]), batch_size=32, seed=5, restore_best=True),
    checkpoint=place / "checkpoint.safetensors", resume=resume, progress=said,
)
np.savez(place / "weights.npz", *network.get_weights())
"""


def finish(place, *words):
    """Run the program in this process, to its end."""
    place.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["-c", str(place), *map(str, words)])
        exec(compile(PROGRAM, "program", "exec"), {})
    with np.load(place / "weights.npz") as archive:
        return [archive[name] for name in archive.files]


def kill_in_the_middle(place, epochs):
    """Kill the training with SIGKILL soon after its first checkpoint stands on the disk."""
    place.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(place), "anew", str(epochs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    deadline = time.monotonic() + 120
    while not (place / "checkpoint.safetensors").exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_very_same_weights(tmp_path):
    whole = finish(tmp_path / "whole", "anew", EPOCHS)
    assert kill_in_the_middle(tmp_path / "torn", EPOCHS) == -signal.SIGKILL
    torn = finish(tmp_path / "torn", "resume", EPOCHS)
    assert all(np.array_equal(one, other) for one, other in zip(whole, torn, strict=True))


def options(**changes):
    return TrainingOptions(**{"epochs": 4, "batch_size": 64, "seed": 1} | changes)


class StopAfter(Callback):
    """Ends training after an epoch, as a person would."""

    def __init__(self, epoch):
        self.epoch = epoch

    def after_epoch(self, epoch):
        epoch.stop = epoch.number == self.epoch


def test_more_epochs_can_be_added_to_a_finished_training(mlp, examples, preprocessing, tmp_path):
    images, labels = examples
    place = tmp_path / "checkpoint.safetensors"
    first, again, whole = mlp(), mlp(), mlp()
    shared = {"preprocessing": preprocessing, "checkpoint": place}
    train(first, images, labels, options=options(epochs=2), **shared)
    history = train(again, images, labels, options=options(), resume=True, **shared)
    train(whole, images, labels, options=options(), preprocessing=preprocessing)
    assert len(history) == 4
    for one, other in zip(again.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_resumed_training_has_every_epoch_once(mlp, examples, preprocessing, tmp_path):
    images, labels = examples
    place = tmp_path / "checkpoint.safetensors"
    shared = {"preprocessing": preprocessing, "checkpoint": place}
    train(mlp(), images, labels, options=options(), callbacks=[StopAfter(1)], **shared)
    begun = checkpoint.curves(shared["checkpoint"])
    history = train(
        mlp(), images, labels, options=options(), callbacks=[StopAfter(9)], resume=True, **shared
    )
    # Who looks at a training that goes on sees the very curves that it ends with.
    assert begun["loss"] == list(history.curves["loss"][: len(begun["loss"])]) != []
    assert len(history) == 4
    assert len(history.curves["loss"]) == 4


def test_a_callbacks_memory_survives_a_resume(mlp, examples, preprocessing, tmp_path):
    images, labels = examples
    shared = {"preprocessing": preprocessing, "checkpoint": tmp_path / "c.safetensors"}
    first, second = ReduceOnPlateau("loss"), ReduceOnPlateau("loss")
    train(mlp(), images, labels, options=options(epochs=2), callbacks=[first], **shared)
    train(mlp(), images, labels, options=options(), callbacks=[second], resume=True, **shared)
    assert second.state()["best"] >= first.state()["best"]  # a gain: the loss with its sign turned


def test_resuming_without_a_checkpoint_is_refused(mlp, examples, preprocessing, tmp_path):
    with pytest.raises(RunError, match="no checkpoint"):
        train(
            mlp(),
            *examples,
            preprocessing=preprocessing,
            options=options(),
            checkpoint=tmp_path / "none.safetensors",
            resume=True,
        )


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_torn_checkpoint_is_refused_and_left_as_it_is(
    mlp, examples, preprocessing, tmp_path, keep
):
    place = tmp_path / "checkpoint.safetensors"
    shared = {"preprocessing": preprocessing, "checkpoint": place}
    train(mlp(), *examples, options=options(epochs=1), **shared)
    place.write_bytes(place.read_bytes()[:keep])
    before = place.read_bytes()
    assert checkpoint.curves(place) == {}
    with pytest.raises(RunError, match="is no checkpoint"):
        train(mlp(), *examples, options=options(), resume=True, **shared)
    assert place.read_bytes() == before


@pytest.mark.parametrize("changes", [{"seed": 2}, {"batch_size": 32}, {"optimizer": "sgd"}])
def test_a_checkpoint_of_another_training_is_refused(
    mlp, examples, preprocessing, tmp_path, changes
):
    shared = {"preprocessing": preprocessing, "checkpoint": tmp_path / "c.safetensors"}
    train(mlp(), *examples, options=options(epochs=1), **shared)
    with pytest.raises(RunError, match="another training"):
        train(mlp(), *examples, options=options(**changes), resume=True, **shared)


def test_a_checkpoint_of_other_images_is_refused(mlp, examples, preprocessing, tmp_path):
    images, labels = examples
    shared = {"preprocessing": preprocessing, "checkpoint": tmp_path / "c.safetensors"}
    train(mlp(), images, labels, options=options(epochs=1), **shared)
    with pytest.raises(RunError, match="another training"):
        train(mlp(), images[::-1], labels, options=options(), resume=True, **shared)
