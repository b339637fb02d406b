from __future__ import annotations

import json

from hangtag.records import History, NetworkSpec, TrainingOptions


def through_json(value):
    return type(value).from_dict(json.loads(json.dumps(value.to_dict())))


def test_a_network_survives_json():
    layers = ({"layer": "Conv2D", "filters": 3, "kernel_size": 3}, {"layer": "Flatten"})
    spec = NetworkSpec("tiny", (8, 8, 1), layers, embedding=-1)
    assert through_json(spec) == spec


def test_training_options_survive_json():
    options = TrainingOptions(epochs=3, learning_rate=1e-5, metrics=("accuracy", "auc"))
    assert through_json(options) == options


def test_a_history_survives_json():
    history = History({"loss": (1.0, 0.5)}, (2.0, 1.0), best_epoch=0, stopped="early stopping")
    assert through_json(history) == history


def test_the_last_value_is_that_of_the_weights_the_network_has():
    curves = {"val_loss": (0.9, 0.3, 0.5)}
    assert History(curves, (1, 1, 1), best_epoch=1).last("val_loss") == 0.5
    assert History(curves, (1, 1, 1), best_epoch=1, restored=True).last("val_loss") == 0.3
