"""Log loss, AUC and top-k are what their definitions say, also at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from hangtag.records import Predictions
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.evaluate.ranking import auc, loss, top_k


def test_two_classes_have_the_plain_area(make):
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 200)
    chance = np.clip(generator.normal(0.4 + 0.2 * labels, 0.2), 0, 1).round(2)
    found = auc(make(labels, np.stack([1 - chance, chance], axis=1)), level=0.95)
    assert found.value == pytest.approx(metrics.roc_auc_score(labels, chance), abs=1e-12)


def test_the_interval_of_two_classes_is_near_delongs(make):
    # DeLong's variance, written out by its definition over all pairs.
    generator = np.random.default_rng(1)
    labels = np.repeat([0, 1], [400, 300])
    chance = np.clip(generator.normal(0.4 + 0.15 * labels, 0.2), 0, 1).astype(np.float32)
    found = auc(make(labels, np.stack([1 - chance, chance], axis=1)), level=0.95)
    wins = (chance[labels == 1][:, None] > chance[labels == 0]) + 0.5 * (
        chance[labels == 1][:, None] == chance[labels == 0]
    )
    variance = wins.mean(axis=1).var(ddof=1) / 300 + wins.mean(axis=0).var(ddof=1) / 400
    assert found.high - found.low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.03)


def test_a_certain_and_wrong_answer_costs_much_but_not_everything(make):
    found = loss(make([0, 0], [[1, 0], [0, 1]]), level=0.95, resamples=200, seed=0)
    assert 7 < found.value < 9


def test_the_area_is_absent_when_only_one_class_occurs(make):
    predictions = make([1, 1, 1], [[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    assert auc(predictions, level=0.95) is None
    assert "auc" not in evaluate(predictions).scores


def test_a_perfect_ranking_of_few_images_is_not_certain(make):
    found = auc(make([0] * 10 + [1] * 10, [[0.9, 0.1]] * 10 + [[0.1, 0.9]] * 10), level=0.95)
    assert (found.value, found.high) == (1, 1)
    assert 0.6 < found.low < 0.95


def test_top_1_is_accuracy_whatever_the_ties(make):
    predictions = make([0, 1, 2, 2], [[0.5, 0.5, 0], [0.5, 0.5, 0], [1 / 3] * 3, [0, 0, 1]])
    right = np.mean(predictions.predicted == predictions.labels)
    assert top_k(predictions, 1, 0.95).value == right
    assert [top_k(predictions, k, 0.95).value for k in (2, 3)] == [0.75, 1]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(5, 60), st.integers(0, 10_000), st.integers(1, 3))
def test_loss_and_area_equal_scikit_learns_on_any_answers(classes, n, seed, decimals):
    generator = np.random.default_rng(seed)
    labels = np.append(np.arange(classes), generator.integers(0, classes, n))
    chances = generator.dirichlet(np.full(classes, 0.7), size=len(labels)).round(decimals)
    chances[:, 0] += 1 - chances.sum(axis=1)  # rounding makes ties, which is the point
    chances = np.abs(chances)
    chances /= chances.sum(axis=1, keepdims=True)
    values = chances.astype(np.float32)
    names = tuple("abcde"[:classes])
    found = auc(Predictions(np.arange(len(labels)), labels, values, names), level=0.95)
    ours = [
        metrics.roc_auc_score(labels == one, values[:, one])
        for one in range(0 if classes > 2 else 1, classes)
    ]
    assert found.value == pytest.approx(np.mean(ours), abs=1e-12)
    if found.ends is None:
        assert "10 are needed" in found.reason
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1
