"""Models side by side: built from results, refused when they are not comparable."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import OptionError, UsageError
from hangtag.rooms.evaluate import compare, disagreements, evaluate, mcnemar


@pytest.fixture(scope="module")
def found(linear, forest):
    return compare({"linear": linear, "forest": forest})


def test_every_column_is_that_of_the_models_own_evaluation(found, linear, forest):
    for name, predictions in (("linear", linear), ("forest", forest)):
        own = evaluate(predictions)
        assert found.accuracies[name] == own.scores["accuracy"]
        assert tuple(row.scores[name] for row in found.classes) == own.classes
        assert tuple(row.scores[name] for row in found.averages) == own.averages
    assert found.n == len(linear)
    assert [row.name for row in found.classes] == list(linear.class_names)


def test_the_better_one_of_each_class_is_named(found):
    for row in (*found.classes, *found.averages):
        for measure, best in row.best.items():
            values = {name: getattr(score, measure) for name, score in row.scores.items()}
            assert best == tuple(n for n in values if values[n] == max(values.values()))


def test_a_tie_names_both(linear):
    twins = compare({"one": linear, "other": linear})
    assert all(row.best["f1"] == ("one", "other") for row in twins.classes)
    assert twins.differences[0].p_value == 1
    assert twins.differences[0].accuracy.value == 0


def test_the_difference_and_its_test_follow_from_the_disagreements(found, linear, forest):
    one = found.differences[0]
    right = [model.predicted == model.labels for model in (linear, forest)]
    assert one.first_only.tolist() == np.flatnonzero(right[0] & ~right[1]).tolist()
    assert one.second_only.tolist() == np.flatnonzero(right[1] & ~right[0]).tolist()
    assert one.p_value == one.p_adjusted == mcnemar(len(one.first_only), len(one.second_only))
    assert one.accuracy.value == pytest.approx(right[0].mean() - right[1].mean())
    assert one.accuracy.low < one.accuracy.value < one.accuracy.high
    assert one.test == "McNemar mid-p"


def test_every_pair_of_many_models_is_tested_and_corrected(linear, forest):
    many = compare({"a": linear, "b": forest, "c": forest}, exact=True)
    assert [(one.first, one.second) for one in many.differences] == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    assert many.differences[0].p_adjusted >= many.differences[0].p_value
    assert many.differences[0].test == "McNemar exact"


def test_disagreements_are_listed_both_ways_in_order_with_the_answers(linear, forest):
    ours, theirs = disagreements(linear, forest, limit=5)
    assert 0 < len(ours) <= 5
    assert 0 < len(theirs) <= 5
    for one in ours:
        assert one.first == one.label != one.second
    for one in theirs:
        assert one.second == one.label != one.first
    for one in (*ours, *theirs):
        assert one.index == linear.indices[one.position]
        assert one.label == linear.labels[one.position]
        assert one.first == linear.predicted[one.position]
        assert one.second == forest.predicted[one.position]
    positions = [one.position for one in ours]
    assert positions == sorted(positions)


def test_the_order_of_the_images_does_not_matter(found, linear, forest):
    order = np.random.default_rng(0).permutation(len(forest))
    shuffled = replace(
        forest,
        indices=forest.indices[order],
        labels=forest.labels[order],
        probabilities=forest.probabilities[order],
    )
    again = compare({"linear": linear, "forest": shuffled})
    assert again.to_dict() == found.to_dict()


def test_a_comparison_is_json(found):
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["names"] == ["linear", "forest"]
    assert len(values["classes"]) == 10


def test_other_images_are_refused(linear, forest):
    part = replace(
        forest,
        indices=forest.indices[:100],
        labels=forest.labels[:100],
        probabilities=forest.probabilities[:100],
    )
    with pytest.raises(UsageError, match="same images; 'a' has 899 and 'b' 100, of which 100"):
        compare({"a": linear, "b": part})
    with pytest.raises(UsageError, match="same images"):
        disagreements(linear, replace(forest, indices=forest.indices + 5000))


def test_other_data_under_the_same_indices_are_refused(linear, forest):
    with pytest.raises(UsageError, match="same data; 'a' answered images of the set one"):
        compare({"a": replace(linear, fingerprint="one"), "b": replace(forest, fingerprint="two")})


def test_another_truth_is_refused(linear, forest):
    labels = forest.labels.copy()
    labels[:3] = (labels[:3] + 1) % 10
    with pytest.raises(UsageError, match="different classes for 3 of 899 images"):
        compare({"a": linear, "b": replace(forest, labels=labels)})


def test_other_classes_are_refused(linear, forest):
    names = (*forest.class_names[:9], "neun")
    with pytest.raises(UsageError, match="the same classes; 'a' knows 10"):
        compare({"a": linear, "b": replace(forest, class_names=names)})


def test_one_model_is_no_comparison(linear):
    with pytest.raises(OptionError, match="at least two models; got 1"):
        compare({"only": linear})
