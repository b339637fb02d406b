from __future__ import annotations

import threading

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import TrainingOptions
from hangtag.rooms.train import LearningRate, ReduceOnPlateau, StopRequest, train
from hangtag.rooms.train.callbacks import Callback, Epoch


def fit(network, examples, preprocessing, *, validation=None, callbacks=(), **changes):
    options = TrainingOptions(**{"epochs": 6, "batch_size": 64, "seed": 1} | changes)
    images, labels = examples
    return train(
        network,
        images[:1200],
        labels[:1200],
        validation=(images[1200:], labels[1200:]) if validation is None else validation,
        preprocessing=preprocessing,
        options=options,
        callbacks=callbacks,
    )


class Watch(Callback):
    """Remembers what it saw."""

    def __init__(self):
        self.seen = []

    def after_epoch(self, epoch):
        self.seen.append((epoch.number, dict(epoch.curves)))


class Overfit(Callback):
    """Spoils the training from an epoch on, so that early stopping has a reason."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_epoch(self, epoch):
        if epoch.number >= self.epoch:
            epoch.learning_rate = 5.0


def test_callbacks_see_every_epoch_once_with_the_historys_values(mlp, examples, preprocessing):
    watch = Watch()
    history = fit(mlp(), examples, preprocessing, callbacks=[watch], epochs=3)
    assert [number for number, _ in watch.seen] == [0, 1, 2]
    assert [curves["val_loss"] for _, curves in watch.seen] == list(history.curves["val_loss"])


def test_early_stopping_waits_as_long_as_it_is_told(mlp, examples, preprocessing):
    history = fit(
        mlp(), examples, preprocessing, callbacks=[Overfit(3)], epochs=20, early_stopping=2
    )
    assert history.stopped == "early stopping"
    assert len(history) == history.best_epoch + 1 + 2


def test_the_best_weights_are_restored(mlp, examples, preprocessing):
    network = mlp()
    history = fit(network, examples, preprocessing, callbacks=[Overfit(3)], restore_best=True)
    images, labels = examples
    held = preprocessing.apply(images[1200:])
    probabilities = np.asarray(network(held))
    loss = -np.log(probabilities[np.arange(len(held)), labels[1200:]]).mean()
    assert history.restored
    assert loss == pytest.approx(history.curves["val_loss"][history.best_epoch], rel=1e-4)
    assert history.best_epoch == int(np.argmin(history.curves["val_loss"]))


def test_without_restoring_the_last_weights_stay(mlp, examples, preprocessing):
    history = fit(mlp(), examples, preprocessing, callbacks=[Overfit(2)])
    assert not history.restored
    assert history.last("val_loss") == history.curves["val_loss"][-1]


def test_a_schedule_sets_every_epochs_learning_rate(mlp, examples, preprocessing):
    network = mlp()
    rates = []
    schedule = LearningRate(lambda number, rate: rates.append(rate) or 0.1 / (number + 1))
    fit(network, examples, preprocessing, callbacks=[schedule], epochs=3, optimizer="sgd")
    assert rates == pytest.approx([0.01, 0.1, 0.05])
    assert float(network.optimizer.learning_rate) == pytest.approx(0.1 / 3)


def test_a_learning_rate_of_nearly_nothing_changes_nearly_nothing(mlp, examples, preprocessing):
    network, before = mlp(), mlp().get_weights()
    still = LearningRate(lambda number, rate: 1e-30)
    fit(network, examples, preprocessing, callbacks=[still], epochs=1)
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)


def test_a_plateau_lowers_the_learning_rate_after_its_patience():
    reduce, epoch = ReduceOnPlateau("val_loss", factor=0.1, patience=2), None
    rate, rates = 1.0, []
    for number, loss in enumerate([1.0, 0.5, 0.6, 0.7, 0.8, 0.9]):
        epoch = Epoch(number, 9, rate, {"val_loss": loss})
        reduce.after_epoch(epoch)
        rate = epoch.learning_rate
        rates.append(rate)
    assert rates == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01])


def test_a_plateau_of_accuracy_is_one_that_does_not_rise():
    reduce = ReduceOnPlateau("val_accuracy", patience=1)
    for number, accuracy in enumerate([0.5, 0.6, 0.6]):
        epoch = Epoch(number, 9, 1.0, {"val_accuracy": accuracy})
        reduce.after_epoch(epoch)
    assert epoch.learning_rate == 0.5


def test_a_stop_request_from_another_thread_ends_training_early(mlp, examples, preprocessing):
    request = StopRequest()
    threading.Timer(0.0, request.ask).start()
    history = fit(mlp(), examples, preprocessing, callbacks=[request], epochs=10_000)
    assert history.stopped == "asked"
    assert len(history) < 10_000


@pytest.mark.parametrize("monitor", ["val_accuracy", "val_loss", "accuracy"])
def test_any_curve_can_be_monitored(mlp, examples, preprocessing, monitor):
    history = fit(mlp(), examples, preprocessing, epochs=3, monitor=monitor, restore_best=True)
    best = np.argmin if monitor.endswith("loss") else np.argmax
    assert history.best_epoch == int(best(history.curves[monitor]))


def test_an_unknown_curve_is_refused_by_name(mlp, examples, preprocessing):
    with pytest.raises(OptionError, match="val_los'"):
        fit(mlp(), examples, preprocessing, monitor="val_los")
