"""Mixtures that answer with classes: scikit-learn's responsibilities times a table of counts."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from hangtag.errors import OptionError
from hangtag.rooms.cluster import REGULARISATION, Components, classifying
from hangtag.rooms.cluster.components import LARGEST, components_from_arrays
from hangtag.rooms.cluster.covariance.table import COVARIANCES

NAMES = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


def theirs(points, k, covariance, seed=5):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = GaussianMixture(
            k, covariance_type=NAMES[covariance], reg_covar=REGULARISATION, random_state=seed
        )
        return model.fit(points)


def counted(responsibilities, labels, pseudo_count):
    """How probable each class is in each component, added up image by image."""
    proportions = np.bincount(labels) / len(labels)
    table = pseudo_count * np.tile(proportions, (responsibilities.shape[1], 1))
    for row, label in zip(responsibilities, labels, strict=True):
        table[:, label] += row
    return table / table.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def half(points, digits):
    """Points and labels to fit to; the other half is new."""
    return points[::2], digits.labels[::2]


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("pseudo_count", [0.0, 1.0, 25.0])
def test_probabilities_are_scikit_learns_responsibilities_times_the_table(
    points, half, covariance, pseudo_count
):
    known, labels = half
    (one,) = classifying(
        known, labels, [14], covariance=covariance, pseudo_count=pseudo_count, seed=5
    )
    model = theirs(known, 14, covariance)
    table = counted(model.predict_proba(known), labels, pseudo_count)
    wanted = model.predict_proba(points) @ table
    assert np.abs(one.components.table - table).max() <= 1e-6
    assert np.abs(one.components.probabilities(points) - wanted).max() <= 1e-6


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical"])
def test_a_mixture_of_each_class_answers_by_bayes_rule(points, half, covariance):
    known, labels = half
    (one,) = classifying(known, labels, [3], covariance=covariance, class_conditional=True, seed=5)
    models = [theirs(known[labels == label], 3, covariance) for label in range(10)]
    joint = np.stack([model.score_samples(points) for model in models], axis=1)
    joint += np.log(np.bincount(labels) / len(labels))
    joint -= joint.max(axis=1, keepdims=True)
    wanted = np.exp(joint) / np.exp(joint).sum(axis=1, keepdims=True)
    assert np.abs(one.components.probabilities(points) - wanted).max() <= 1e-6
    assert (one.k, len(one.components)) == (3, 30)


def test_one_component_of_each_class_is_quadratic_discriminant_analysis(points, half):
    known, labels = half
    (one,) = classifying(known, labels, [1], class_conditional=True, regularisation=0.0)
    for label, factor in enumerate(one.components.factors):
        covariance = np.cov(known[labels == label].T, bias=True)
        assert np.allclose(np.linalg.inv(factor @ factor.T), covariance, rtol=1e-6, atol=1e-3)
    theirs = QuadraticDiscriminantAnalysis().fit(known, labels).predict(points)
    assert (theirs == one.components.probabilities(points).argmax(axis=1)).mean() > 0.99


def test_every_number_of_a_sweep_is_what_it_is_alone(half):
    found = classifying(*half, [9, 4], seed=2)
    assert [one.k for one in found] == [4, 9]
    for one in found:
        (alone,) = classifying(*half, [one.k], seed=2)
        for name, array in alone.components.arrays().items():
            assert np.array_equal(array, one.components.arrays()[name])


@pytest.mark.parametrize("covariance", COVARIANCES)
@given(far=st.floats(-1e9, 1e9), spread=st.floats(0, 1e6))
@settings(max_examples=25, deadline=None)
def test_points_far_from_everything_have_probabilities_all_the_same(
    some_models, covariance, far, spread
):
    one = some_models[covariance]
    points = far + spread * np.random.default_rng(0).standard_normal((5, one.n_features))
    answers = one.probabilities(points)
    assert np.isfinite(answers).all()
    assert (answers >= 0).all()
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-9)


@pytest.fixture(scope="module")
def some_models(half):
    return {
        covariance: classifying(*half, [6], covariance=covariance)[0].components
        for covariance in COVARIANCES
    }


def test_no_image_no_harm_a_component_without_images_answers_what_is_known_without_it():
    points = np.repeat(np.array([[0.0, 0.0], [10.0, 10.0]]), 6, axis=0)
    labels = np.array([0] * 6 + [1] * 3 + [0] * 3)
    (one,) = classifying(
        points, labels, [4], covariance="spherical", pseudo_count=0.0, regularisation=0.01
    )
    table = one.components.table
    assert np.isfinite(table).all()
    assert np.allclose(table.sum(axis=1), 1)
    answers = one.components.probabilities(np.array([[0.0, 0.0], [10.0, 10.0]]))
    assert np.allclose(answers, [[1, 0], [0.5, 0.5]], atol=1e-6)


def test_smoothing_leaves_no_probability_at_zero_and_large_components_as_they_are(points, half):
    known, labels = half
    bare, smooth = (
        classifying(known, labels, [5], covariance="tied", pseudo_count=one)[0]
        for one in (0.0, None)
    )
    assert (smooth.components.table > 0).all()
    assert np.abs(bare.components.table - smooth.components.table).max() < 0.01


def test_singular_covariances_are_counted_and_answer_with_numbers(half, points):
    known, labels = half
    (one,) = classifying(known, labels, [60], regularisation=1e-6, seed=1)
    assert one.regularised > 0
    assert np.isfinite(one.components.probabilities(points)).all()


def test_a_class_without_images_is_there_and_never_answered(half, points):
    known, labels = half
    some = labels != 4
    for class_conditional in (False, True):
        (one,) = classifying(
            known[some],
            labels[some],
            [2],
            class_conditional=class_conditional,
            class_names=tuple("abcdefghijk"),
        )
        answers = one.components.probabilities(points)
        assert answers.shape == (len(points), 11)
        assert not answers[:, [4, 10]].any()


def test_arrays_that_are_no_components_are_refused(some_models):
    for covariance, one in some_models.items():
        arrays = one.arrays()
        assert isinstance(components_from_arrays(covariance, arrays), Components)
        for name, change in {
            "weights": lambda a: a * 2,
            "means": lambda a: a[:-1],
            "factors": lambda a: -a,
            "table": lambda a: a * np.nan,
        }.items():
            bad = arrays | {f"components/{name}": change(arrays[f"components/{name}"])}
            with pytest.raises(ValueError, match=r"shapes|signs|sums|numbers"):
                components_from_arrays(covariance, bad)
        narrow = arrays | {"components/factors": 1e200 * arrays["components/factors"]}
        with pytest.raises(ValueError, match="numbers"):
            components_from_arrays(covariance, narrow)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": np.zeros(30, int)}, "at least two classes; got one"),
        ({"labels": np.full(30, -1)}, "30 training images have no class"),
        ({"labels": np.arange(29)}, "30 points and 29 labels"),
        ({"ks": [31]}, "31 components were asked for; there are 30 images"),
        ({"ks": [0]}, "0 components were asked for"),
        (
            {"ks": [11], "class_conditional": True},
            "11 components were asked for of each class; '0' has 10",
        ),
        (
            {"covariance": "tied", "class_conditional": True},
            "no covariance that all components share",
        ),
        ({"covariance": "round"}, "no covariance 'round'"),
        ({"pseudo_count": -1.0}, "the pseudo-count is -1.0"),
        ({"pseudo_count": float("nan")}, "the pseudo-count is nan"),
        ({"pseudo_count": 1.0, "class_conditional": True}, "nothing is to smooth"),
        ({"regularisation": -1.0}, "regularisation is -1.0"),
        ({"class_names": ("a", "b")}, "there are 2 classes and a label 2"),
        ({"points": np.full((30, 2), np.nan)}, "infinite or not a number"),
    ],
)
def test_what_cannot_be_is_one_sentence(change, sentence):
    given = {
        "points": np.random.default_rng(0).random((30, 2)),
        "labels": np.arange(30) % 3,
        "ks": [2],
        **change,
    }
    with pytest.raises(OptionError) as caught:
        classifying(given.pop("points"), given.pop("labels"), given.pop("ks"), **given)
    assert sentence in caught.value.message


def test_a_class_of_one_image_has_no_mixture_of_its_own():
    points, labels = np.random.default_rng(0).random((9, 2)), np.array([0] * 8 + [1])
    with pytest.raises(OptionError, match="'odd' has 1 training images, and a mixture needs 2"):
        classifying(points, labels, [1], class_conditional=True, class_names=("many", "odd"))


def test_components_without_any_width_are_refused():
    points = np.repeat([[0.0, 1.0], [0.0, 9.0]], 5, axis=0) + np.arange(10)[:, None] * [0, 0.1]
    labels = np.arange(10) % 2
    with pytest.raises(OptionError, match="of 2 components have no width"):
        classifying(points, labels, [2], covariance="diagonal", regularisation=0.0)
    (one,) = classifying(points, labels, [2], covariance="diagonal", regularisation=1e-30)
    assert np.isfinite(one.components.probabilities(1e15 * np.ones((1, 2)))).all()


def test_components_no_bundle_could_hold_are_refused_before_they_are_fitted():
    points = np.zeros((200, 1200))
    points[:, 0] = np.arange(200)
    with pytest.raises(OptionError, match=f"a bundle holds {LARGEST:,}"):
        classifying(points, np.arange(200) % 2, [120])
