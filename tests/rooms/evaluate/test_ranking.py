"""Log loss, AUC and top-k are what their definitions say, also at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from hangtag.records import Predictions
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.evaluate.ranking import POINTS, auc, loss, rankings, top_k


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


@pytest.mark.parametrize("name", ["linear", "forest"])
def test_rankings_are_scikit_learns_curves(name, request):
    found = request.getfixturevalue(name)
    for one in rankings(found):
        own, values = found.labels == one.label, found.probabilities[:, one.label]
        assert one.support == own.sum()
        assert one.auc == pytest.approx(metrics.roc_auc_score(own, values), abs=1e-12)
        expected = metrics.average_precision_score(own, values)
        assert one.average_precision == pytest.approx(expected, abs=1e-12)
        wrong, recall, _ = metrics.roc_curve(own, values, drop_intermediate=False)
        theirs = set(zip(wrong.tolist(), recall.tolist(), strict=True))
        precision, found_of, _ = metrics.precision_recall_curve(own, values)
        others = set(zip(np.round(found_of, 9), np.round(precision, 9), strict=True))
        assert len(one.recall) <= POINTS + 10
        for place in range(len(one.recall)):
            assert (one.false_positives[place], one.recall[place]) in theirs
            assert (round(one.recall[place], 9), round(one.precision[place], 9)) in others
        assert one.recall[-1] == one.false_positives[-1] == 1
        # What is drawn encloses what all points do, to a hair.
        drawn = np.trapezoid([0, *one.recall], [0, *one.false_positives])
        assert drawn == pytest.approx(one.auc, abs=0.01)


def test_of_two_classes_one_is_ranked_and_of_absent_ones_none():
    rng = np.random.default_rng(0)
    two = rng.dirichlet([1, 1], 40).astype(np.float32)
    labels = np.arange(40) % 2
    assert [one.label for one in rankings(Predictions(np.arange(40), labels, two, ("a", "b")))] == [
        1
    ]
    three = rng.dirichlet([1, 1, 1], 40).astype(np.float32)
    found = rankings(Predictions(np.arange(40), labels, three, ("a", "b", "none")))
    assert [one.label for one in found] == [0, 1]
    alone = Predictions(np.arange(40), np.zeros(40, np.int64), three, ("a", "b", "c"))
    assert rankings(alone) == ()


def test_an_evaluation_keeps_its_rankings(linear):
    from hangtag.records import Evaluation

    found = evaluate(linear)
    again = Evaluation.from_dict(found.to_dict())
    assert [one.label for one in again.rankings] == list(range(10))
    assert np.allclose(again.rankings[3].precision, found.rankings[3].precision)
    old = {name: value for name, value in found.to_dict().items() if name != "rankings"}
    assert Evaluation.from_dict(old).rankings == ()
