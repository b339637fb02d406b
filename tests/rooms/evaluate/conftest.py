"""Real answers to judge: two models on scikit-learn's digits, and random ones with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import Predictions


def answers(model, seed: int = 0) -> Predictions:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    where = np.arange(len(labels))
    train, test = train_test_split(where, test_size=0.5, random_state=seed, stratify=labels)
    model.fit(images[train] / 16, labels[train])
    probabilities = model.predict_proba(images[test] / 16).astype(np.float32)
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return Predictions(test, labels[test], probabilities, names)


@pytest.fixture(scope="session")
def linear() -> Predictions:
    """A logistic regression's answers on half of the digits."""
    from sklearn.linear_model import LogisticRegression

    return answers(LogisticRegression(C=0.05, max_iter=300))


@pytest.fixture(scope="session")
def forest() -> Predictions:
    """A small forest's answers on the same half; many of its probabilities are equal, or 0."""
    from sklearn.ensemble import RandomForestClassifier

    return answers(RandomForestClassifier(10, max_depth=6, random_state=0))


@pytest.fixture
def make():
    """Predictions from labels and rows of probabilities."""

    def make(labels, probabilities, names=None) -> Predictions:
        values = np.asarray(probabilities, np.float32)
        names = names or tuple(f"class {one}" for one in range(values.shape[1]))
        labels = np.asarray(labels, np.int64)
        return Predictions(np.arange(len(labels)), labels, values, tuple(names))

    return make


@pytest.fixture(params=["linear", "forest"])
def both(request: pytest.FixtureRequest) -> Predictions:
    """Each of the two real models' answers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def world():
    """Answers on images of a made-up world, whose truth can be known to any precision."""

    def world(n: int, separation: float, generator: np.random.Generator) -> Predictions:
        labels = generator.integers(0, 3, n)
        logits = generator.normal(size=(n, 3))
        logits[np.arange(n), labels] += separation
        powers = np.exp(logits)
        chances = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return Predictions(np.arange(n), labels, chances, ("a", "b", "c"))

    return world
