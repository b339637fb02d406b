"""Answers that cannot be judged are refused with a sentence that says why."""

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import OptionError, UsageError
from hangtag.rooms.evaluate import (
    calibration,
    compare,
    confusion,
    coverage,
    evaluate,
    misclassified,
    scale,
    temperature,
    threshold,
)

GOOD = [[0.7, 0.3], [0.2, 0.8]]


@pytest.mark.parametrize(
    ("labels", "probabilities", "sentence"),
    [
        ([0, 1], [[0.7, 0.3], [0.2, 0.7]], "row 1 sums to 0.9 (1 of 2 rows do not)"),
        ([0, 1], [[3.0, -2.0], [0.2, 0.8]], "probabilities of at least 0; row 0"),
        ([0, 1], [[np.nan, 0.3], [0.2, 0.8]], "probabilities of at least 0; row 0"),
        ([0, 1], [[np.inf, 0.3], [0.2, 0.8]], "probabilities of at least 0; row 0"),
        ([0, 2], GOOD, "labels from 0 to 1; number 1 is 2"),
        ([0, -1], GOOD, "1 of 2 are unlabelled"),
        ([0, -2], GOOD, "labels from 0 to 1; number 1 is -2"),
        ([0], GOOD, "for each of 1 labels; got an array of shape (2, 2)"),
        ([0, 1], [[1.0], [1.0]], "at least two classes; got 1"),
        ([], np.zeros((0, 2)), "at least one answer; got none"),
    ],
)
def test_answers_that_cannot_be_judged_are_refused(make, labels, probabilities, sentence):
    with pytest.raises(UsageError) as caught:
        evaluate(make(labels, probabilities))
    assert sentence in caught.value.message
    assert caught.value.message.startswith("evaluate needs")


def test_every_verb_refuses_them_under_its_own_name(make):
    bad = make([0, 1], [[0.7, 0.3], [0.2, 0.7]])
    verbs = {
        "confusion": confusion,
        "misclassified": misclassified,
        "calibration": calibration,
        "coverage": coverage,
        "temperature": temperature,
        "threshold": lambda one: threshold(one, precision=0.9),
        "scale": lambda one: scale(one, 2.0),
        "compare": lambda one: compare({"a": one, "b": one}),
    }
    for name, verb in verbs.items():
        with pytest.raises(UsageError, match=f"^{name} needs probabilities that sum to one"):
            verb(bad)


def test_one_index_per_answer_is_needed(make):
    predictions = replace(make([0, 1], GOOD), indices=np.arange(3))
    with pytest.raises(UsageError, match="one index for each of 2 labels; got 3"):
        evaluate(predictions)


def test_float16_rounding_is_no_error(make):
    rows = np.random.default_rng(0).dirichlet(np.ones(25), size=50).astype(np.float16)
    assert len(evaluate(make(np.arange(50) % 25, rows))) == 50


@pytest.mark.parametrize(
    "option",
    [
        {"level": 1.0},
        {"level": 0.0},
        {"resamples": 10},
        {"threshold": 1.5},
        {"threshold": -0.1},
        {"temperature": 0.0},
        {"temperature": float("inf")},
        {"temperature": float("nan")},
    ],
)
def test_options_that_cannot_be_are_refused(make, option):
    with pytest.raises(OptionError):
        evaluate(make([0, 1], GOOD), **option)
