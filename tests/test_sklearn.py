from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from hangtag.errors import OptionError, SpecError
from hangtag.sklearn import ImageClassifier

EXPECTED_FAILURES: dict[str, str] = {}
"""Checks of scikit-learn's that cannot hold, and why."""

DIGITS = load_digits()
X, Y = DIGITS.data[:600], DIGITS.target[:600]


def checks():
    made = estimator_checks_generator(
        ImageClassifier(epochs=25, batch_size=8, learning_rate=0.01),
        expected_failed_checks=EXPECTED_FAILURES,
        mark="skip",
    )
    return [pytest.param(one, check, id=_name(check)) for one, check in made]


def _name(check):
    function = getattr(check, "func", check)
    return function.__name__


@pytest.mark.parametrize(("estimator", "check"), checks())
def test_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


def test_learns_the_digits():
    model = ImageClassifier(epochs=30, learning_rate=0.01).fit(X[:400], Y[:400])
    assert model.score(X[400:], Y[400:]) > 0.75  # written by other hands than the first 400


def test_takes_a_named_network_and_whole_pictures():
    model = ImageClassifier("s0-cnn", epochs=6)
    with pytest.raises(SpecError):
        model.fit(X, Y)  # rows of pixels are one pixel high, too low for a convolution
    model.set_params(shape=(8, 8, 1)).fit(DIGITS.images[:600], Y)
    assert model.score(X, Y) > 0.8


def test_takes_whole_pictures_in_colour_as_they_are():
    colour = np.repeat(DIGITS.images[:300, :, :, None], 3, axis=3)
    model = ImageClassifier("s0-cnn", epochs=1).fit(colour, Y[:300])
    assert model.network_.input_shape == (None, 8, 8, 3)
    assert model.predict_proba(colour[:5]).shape == (5, 10)
    rows = colour[:5].reshape(5, -1)
    np.testing.assert_array_equal(model.predict_proba(rows), model.predict_proba(colour[:5]))


def test_pictures_of_another_shape_than_trained_on_are_refused():
    model = ImageClassifier(epochs=1).fit(DIGITS.images[:100, :, :, None], Y[:100])
    with pytest.raises(OptionError, match=r"shape \(4, 16, 1\)"):
        model.predict(DIGITS.images[:5].reshape(5, 4, 16, 1))
    with pytest.raises(OptionError, match="28 channels"):
        ImageClassifier().fit(np.zeros((10, 3, 28, 28)), Y[:10])


def test_labels_may_be_words():
    words = np.array(["even", "odd"])[Y % 2]
    model = ImageClassifier(epochs=10).fit(X, words)
    assert set(model.predict(X[:50])) <= {"even", "odd"}
    assert model.classes_.tolist() == ["even", "odd"]


def test_the_same_random_state_gives_the_same_answers():
    first, second = (ImageClassifier(epochs=2, random_state=7).fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_works_in_cross_validation():
    scores = cross_val_score(ImageClassifier(epochs=10, learning_rate=0.01), X, Y, cv=2)
    assert scores.min() > 0.7


def test_works_in_a_grid_search_behind_a_scaler():
    line = make_pipeline(MinMaxScaler(), ImageClassifier(epochs=10))
    grid = {"imageclassifier__learning_rate": [1e-6, 1e-2]}
    found = GridSearchCV(line, grid, cv=2).fit(X, Y)
    assert found.best_params_ == {"imageclassifier__learning_rate": 1e-2}


def test_pixels_that_do_not_make_the_shape_are_refused():
    with pytest.raises(OptionError, match="64"):
        ImageClassifier(shape=(9, 9, 1)).fit(X, Y)
