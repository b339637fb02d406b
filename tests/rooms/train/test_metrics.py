"""Metrics summed batch by batch give what Keras' own give for one-hot labels."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.rooms.train.metrics import METRICS


def answers(n, sharpness, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n)
    scores = rng.normal(size=(n, 10)) * sharpness
    scores[np.arange(n), labels] += 1.5
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return labels, probabilities.astype("float32")


@pytest.mark.parametrize("sharpness", [0.3, 3.0])
@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "auc"])
def test_equals_keras_over_several_batches(keras, name, sharpness):
    theirs = {
        "accuracy": keras.metrics.CategoricalAccuracy,
        "precision": keras.metrics.Precision,
        "recall": keras.metrics.Recall,
        "auc": keras.metrics.AUC,
    }[name]()
    ours = METRICS[name]()
    sums = ours.empty()
    for seed in range(3):
        labels, probabilities = answers(50 + seed, sharpness, seed)
        sums = ours.add(sums, labels, probabilities, np.ones(len(labels), bool))
        theirs.update_state(keras.utils.to_categorical(labels, 10), probabilities)

    assert ours.value(np.asarray(sums)) == pytest.approx(float(theirs.result()), abs=1e-6)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_leaves_out_what_is_not_counted(name):
    metric = METRICS[name]()
    labels, probabilities = answers(40, 1.0)
    counted = np.arange(40) < 25
    part = metric.add(metric.empty(), labels[:25], probabilities[:25], np.ones(25, bool))
    masked = metric.add(metric.empty(), labels, probabilities, counted)

    np.testing.assert_array_equal(np.asarray(masked), np.asarray(part))


@pytest.mark.parametrize("name", sorted(METRICS))
def test_no_image_scores_nothing(name):
    metric = METRICS[name]()

    assert metric.value(np.asarray(metric.empty())) == 0.0
