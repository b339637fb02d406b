from __future__ import annotations

import json

from hangtag.records import (
    Candidate,
    Candidates,
    History,
    MixtureSpec,
    NetworkSpec,
    Scores,
    TrainingOptions,
)
from hangtag.requests import MixtureRequest


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


def test_a_mixture_and_all_that_were_tried_survive_json():
    spec = MixtureSpec("mixture", (8, 8, 1), 3, 3, "tied", 5, 10, class_conditional=False)
    assert through_json(spec) == spec
    options = MixtureRequest(k=(3, 5), pca=0.9, pseudo_count=None, class_conditional=True)
    assert through_json(options) == options
    rows = tuple(
        Candidate({"k": k}, Scores(0.9), Scores(0.8), facts={"components": k}) for k in (3, 5)
    )
    tried = Candidates("mixture", rows, 1, options.to_dict(), 2.5, ("slow",))
    back = through_json(tried)
    assert (back.rows, back.notes, back.options) == (rows, ("slow",), options.to_dict())
    assert (back.chosen["k"], back.chosen["components"], back.values("k")) == (5, 5, (3, 5))
    assert back.row(k=3) == rows[0]


def test_the_parameters_of_a_mixture_are_those_that_were_fitted():
    # Two components on one axis of four pixels: a weight, means, variances, classes, the axis.
    one = MixtureSpec("mixture", (2, 2, 1), 2, 2, "diagonal", 1, 3, class_conditional=False)
    assert one.parameters == 1 + 2 + 2 + 2 * 2 + 2 * 4
    # Of two classes one full component each, on pixels: a weight, means, symmetric covariances.
    two = MixtureSpec(
        "mixture-class-conditional", (2, 2, 1), 1, 2, "full", None, 2, class_conditional=True
    )
    assert two.parameters == 1 + 2 * 4 + 2 * 10
