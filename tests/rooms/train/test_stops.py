"""Ends that nobody planned: Ctrl-C, and losses that are no numbers."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Future

import numpy as np
import pytest

from hangtag.errors import DivergedError, OptionError, SpecError, StoppedError
from hangtag.records import TrainingOptions
from hangtag.rooms.train import train
from hangtag.rooms.train.callbacks import Callback
from hangtag.rooms.train.shared import Shared


def options(**changes):
    return TrainingOptions(**{"epochs": 5, "batch_size": 64, "seed": 1} | changes)


@pytest.fixture
def usual_interrupt():
    """Ctrl-C as a person at a terminal has it; whoever runs the tests may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Press(Callback):
    """Presses Ctrl-C when an epoch is over."""

    def __init__(self, epoch):
        self.epoch = epoch

    def after_epoch(self, epoch):
        if epoch.number == self.epoch:
            os.kill(os.getpid(), signal.SIGINT)


class Explode(Callback):
    """Sets a learning rate no loss survives."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_epoch(self, epoch):
        if epoch.number == self.epoch:
            epoch.learning_rate = 1e30


def test_ctrl_c_keeps_everything_and_the_training_can_go_on(
    mlp, examples, preprocessing, tmp_path, usual_interrupt
):
    place = tmp_path / "checkpoint.safetensors"
    shared = {"preprocessing": preprocessing, "options": options(), "checkpoint": place}
    stopped, whole = mlp(), mlp()
    with pytest.raises(StoppedError, match="interrupted in epoch 3 of 5"):
        train(stopped, *examples, callbacks=[Press(1)], **shared)
    history = train(stopped, *examples, callbacks=[Press(99)], resume=True, **shared)
    train(whole, *examples, preprocessing=preprocessing, options=options())
    assert len(history) == 5
    for one, other in zip(stopped.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_ctrl_c_amid_a_call_that_gives_up_says_what_is_kept(
    mlp, examples, preprocessing, tmp_path, monkeypatch, usual_interrupt
):
    from jax.errors import JaxRuntimeError

    def give_up(*_):
        os.kill(os.getpid(), signal.SIGINT)
        raise JaxRuntimeError("CANCELLED: the native kernels were ended by Ctrl-C")

    place = tmp_path / "checkpoint.safetensors"
    shared = {"preprocessing": preprocessing, "checkpoint": place}
    train(mlp(), *examples, options=options(epochs=1), **shared)
    done: Future = Future()
    done.set_result(give_up)
    monkeypatch.setattr(Shared, "program", lambda *_: done)
    with pytest.raises(StoppedError, match=r"amid a step of epoch 2; .* holds what was before"):
        train(mlp(), *examples, options=options(), resume=True, **shared)
    with pytest.raises(StoppedError, match="amid a step of epoch 1; nothing of it is kept"):
        train(mlp(), *examples, preprocessing=preprocessing, options=options())


def test_ctrl_c_means_what_it_did_before_once_training_is_over(
    mlp, examples, preprocessing, usual_interrupt
):
    before = signal.getsignal(signal.SIGINT)
    train(mlp(), *examples, preprocessing=preprocessing, options=options(epochs=1))
    assert signal.getsignal(signal.SIGINT) is before


def test_training_works_outside_the_main_thread(mlp, examples, preprocessing):
    found = []
    network = mlp()

    def work():
        shared = {"preprocessing": preprocessing, "options": options(epochs=1)}
        found.append(train(network, *examples, **shared))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(found[0]) == 1


def test_a_loss_that_is_no_number_stops_training_and_says_where(mlp, examples, preprocessing):
    network = mlp()
    with pytest.raises(DivergedError, match=r"step \d+ of epoch 3") as caught:
        train(
            network,
            *examples,
            preprocessing=preprocessing,
            options=options(optimizer="sgd"),
            callbacks=[Explode(2)],
        )
    assert "learning rate" in caught.value.hint
    assert all(np.isfinite(weights).all() for weights in network.get_weights())


def test_after_a_lost_loss_the_network_still_answers_well(mlp, examples, preprocessing):
    network = mlp()
    shared = {"preprocessing": preprocessing, "callbacks": [Explode(3)]}
    with pytest.raises(DivergedError):
        train(network, *examples, options=options(optimizer="adam", learning_rate=0.01), **shared)
    images, labels = examples
    answers = np.asarray(network(preprocessing.apply(images))).argmax(axis=1)
    assert (answers == labels).mean() > 0.5


def test_labels_beyond_the_outputs_are_refused(mlp, examples, preprocessing):
    images, labels = examples
    with pytest.raises(SpecError, match="up to class 12"):
        train(
            mlp(),
            images,
            np.where(labels == 9, 12, labels),
            preprocessing=preprocessing,
            options=options(),
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda images, labels: (images.astype(np.float32), labels), "uint8"),
        (lambda images, labels: (images[:, :4], labels), "uint8 images of"),
        (lambda images, labels: (images, labels[:-1]), "labels of shape"),
        (lambda images, labels: (images[:0], labels[:0]), "at least one image"),
        (lambda images, labels: (images, labels - 1), "class number from 0"),
    ],
    ids=["floats", "cropped", "a label short", "none", "unlabelled"],
)
def test_images_that_do_not_fit_are_refused(mlp, examples, preprocessing, change, said):
    with pytest.raises(OptionError, match=said):
        train(mlp(), *change(*examples), preprocessing=preprocessing, options=options())
