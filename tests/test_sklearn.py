from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from hangtag.errors import OptionError, SpecError
from hangtag.sklearn import (
    BoostingClassifier,
    ForestClassifier,
    ImageClassifier,
    LinearClassifier,
    MixtureClassifier,
    NeighborsClassifier,
)

EXPECTED_FAILURES: dict[str, str] = {}
"""Checks of scikit-learn's that cannot hold, and why."""

DIGITS = load_digits()
X, Y = DIGITS.data[:600], DIGITS.target[:600]


KINDS = (
    ForestClassifier(n_estimators=20),
    LinearClassifier(),
    NeighborsClassifier(k=3),
    BoostingClassifier(rounds=10, min_samples_leaf=2),
)


def checks():
    made = []
    for one in (ImageClassifier(epochs=25, batch_size=8, learning_rate=0.01), *KINDS):
        made += estimator_checks_generator(
            one, expected_failed_checks=EXPECTED_FAILURES, mark="skip"
        )
    return [pytest.param(one, check, id=_name(one, check)) for one, check in made]


def _name(one, check):
    function = getattr(check, "func", check)
    return f"{type(one).__name__}-{function.__name__}"


@pytest.mark.parametrize(("estimator", "check"), checks())
def test_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


def test_learns_the_digits():
    model = ImageClassifier(epochs=30, learning_rate=0.01).fit(X[:400], Y[:400])
    assert model.score(X[400:], Y[400:]) > 0.75  # written by other hands than the first 400


def test_takes_a_named_network_and_whole_images():
    model = ImageClassifier("s0-cnn", epochs=6)
    with pytest.raises(SpecError):
        model.fit(X, Y)  # rows of pixels are one pixel high, too low for a convolution
    model.set_params(shape=(8, 8, 1)).fit(DIGITS.images[:600], Y)
    assert model.score(X, Y) > 0.8


def test_takes_whole_images_in_colour_as_they_are():
    colour = np.repeat(DIGITS.images[:300, :, :, None], 3, axis=3)
    model = ImageClassifier("s0-cnn", epochs=1).fit(colour, Y[:300])
    assert model.network_.input_shape == (None, 8, 8, 3)
    assert model.predict_proba(colour[:5]).shape == (5, 10)
    rows = colour[:5].reshape(5, -1)
    np.testing.assert_array_equal(model.predict_proba(rows), model.predict_proba(colour[:5]))


def test_images_of_another_shape_than_trained_on_are_refused():
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


def test_knows_every_option_of_training():
    from dataclasses import fields

    from hangtag.records import TrainingOptions

    known = set(ImageClassifier().get_params())
    assert {one.name for one in fields(TrainingOptions)} - known == {"seed", "metrics"}
    model = ImageClassifier(epochs=4, schedule="cosine", momentum=0.9, optimizer="sgd")
    assert model.fit(X, Y).score(X, Y) > 0.3
    with pytest.raises(TypeError, match="colour"):
        ImageClassifier(colour=1)


@pytest.mark.parametrize(
    ("model", "least"),
    [
        (ForestClassifier(n_estimators=50), 0.75),
        (LinearClassifier(c=[0.01, 0.1]), 0.8),
        (NeighborsClassifier(k=[1, 3, 5]), 0.85),
        (BoostingClassifier(rounds=15), 0.7),
        (MixtureClassifier(k=20, pca=10), 0.6),
        (ImageClassifier(epochs=20, learning_rate=0.01), 0.75),
    ],
    ids=lambda one: type(one).__name__,
)
def test_learns_saves_and_opens(model, least, tmp_path):
    words = np.array([f"digit {one}" for one in Y])
    model.fit(DIGITS.images[:400], words[:400])
    assert model.score(DIGITS.images[400:600], words[400:]) > least
    assert type(model).open(model.save(tmp_path / "bundle.hangtag")).predict(X[:5]).tolist() == (
        model.predict(X[:5]).tolist()
    )
    again = type(model).open(tmp_path / "bundle.hangtag")
    assert np.abs(again.predict_proba(X) - model.predict_proba(X)).max() <= 1e-5
    assert again.classes_.tolist() == model.classes_.tolist()


def test_a_forest_is_that_of_scikit_learn():
    from sklearn.ensemble import RandomForestClassifier

    theirs = RandomForestClassifier(10, random_state=4).fit(X, Y)
    ours = ForestClassifier(n_estimators=10, random_state=4).fit(X * 255 / 16, Y)
    assert (ours.predict(X * 255 / 16) == theirs.predict(X)).mean() > 0.99


def test_a_linear_model_is_that_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    from hangtag.estimators import ESTIMATORS
    from hangtag.estimators.classical import Learning
    from hangtag.progress import silent

    points = X.astype(np.float32)
    options = ESTIMATORS["linear"].request({"c": 0.05, "max_iter": 5000}, 0)
    (one,) = ESTIMATORS["linear"].tried(Learning(points, Y, 10), options, silent)
    middle = points.mean(axis=0)
    scale = np.sqrt(np.mean((points - middle) ** 2))
    scaled = ((points - middle) / scale).astype(np.float64)
    theirs = LogisticRegression(C=0.05, tol=1e-8, max_iter=5000).fit(scaled, Y)
    ours = ESTIMATORS["linear"].answer(one.arrays, points)
    assert np.abs(ours - theirs.predict_proba(scaled)).max() < 1e-4


def test_boosting_is_that_of_scikit_learn():
    from sklearn.ensemble import HistGradientBoostingClassifier

    from hangtag.estimators import ESTIMATORS
    from hangtag.estimators.classical import Learning
    from hangtag.progress import silent

    kind = ESTIMATORS["boosting"]
    points = X.astype(np.float32)
    for labels in (Y, Y % 2):
        options = kind.request({"rounds": (4, 9), "min_samples_leaf": 5}, 0)
        few, many = kind.tried(Learning(points, labels, labels.max() + 1), options, silent)
        for rounds, one in ((4, few), (9, many)):
            theirs = HistGradientBoostingClassifier(
                max_iter=rounds, min_samples_leaf=5, early_stopping=False, random_state=0
            ).fit(points, labels)
            gap = kind.answer(one.arrays, points) - theirs.predict_proba(points)
            assert np.abs(gap).max() < 1e-6


def test_a_bundle_of_a_run_is_no_saved_classifier(tmp_path):
    import hangtag
    from hangtag.errors import BundleError

    run = hangtag.train("digits", model="linear", c=1, pca=5, limit=100, out=tmp_path / "run")
    with pytest.raises(BundleError, match="not saved by a scikit-learn classifier"):
        LinearClassifier.open(run.bundle)
