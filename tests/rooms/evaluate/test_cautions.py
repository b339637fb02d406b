"""Cautions about a score: each speaks when it should, and only then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import hangtag
from hangtag.records import History, Predictions
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.evaluate.cautions import CHECKS, Case, cautions, of_several


@pytest.fixture(scope="module")
def good():
    """A model about which nothing need be said: tested on a part of its own, always right."""
    labels = np.arange(4000) % 2
    images = hangtag.from_arrays(
        {"train": np.zeros((8, 4, 4), np.uint8), "test": np.zeros((4000, 4, 4), np.uint8)},
        {"train": np.arange(8) % 2, "test": labels},
        class_names=["coat", "shoe"],
    )
    split = hangtag.split(images, "stratified:0.5", seed=0)
    answers = np.eye(2, dtype=np.float32)[images.labels[split.test]]
    predictions = Predictions(split.test, images.labels[split.test], answers, images.class_names)
    return Case(
        images, split, evaluate(predictions, threshold=0.5), "network", 0.9, 0.9, None,
        opened=1, sealed=True, limit=None, leaks={"test": 4000, "leaked": 0, "why": ""},
    )  # fmt: skip


def said(case):
    return {name: sentence for name, check in CHECKS.items() if (sentence := check(case))}


def test_of_a_good_model_nothing_is_said_and_everything_was_looked_for(good):
    assert cautions(good) == ((), tuple(CHECKS))


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("the test split opened more than once", {"opened": 3}, "opened 3 times"),
        ("files without checksums", {"sealed": False}, "no checksums"),
        ("a sample used where the whole was there", {"limit": 50}, "Only 50 images"),
        (
            "near-copies of test images among the training images",
            {"leaks": {"test": 200, "leaked": 3, "why": "equal pixels"}},
            "3 of 200 test images (1.5%)",
        ),
        (
            "training accuracy far above validation accuracy",
            {"training": 0.99, "validation": 0.9},
            "0.090 above",
        ),
        (
            "training that did not end",
            {"history": History({"loss": (1.0,)}, (1.0,), stopped="diverged")},
            "diverged",
        ),
    ],
)
def test_what_was_recorded_is_said(good, name, changed, words):
    found = said(replace(good, **changed))
    assert list(found) == [name]
    assert words in found[name]


def test_without_validation_images_no_threshold_is_promised(good):
    nothing = replace(good.split, validation=good.split.validation[:0])
    assert "no validation images" in said(replace(good, split=nothing))
    unsure = replace(good, evaluation=replace(good.evaluation, threshold=None))
    assert list(said(unsure)) == ["no confidence that can be trusted"]


def test_classes_that_one_side_lacks_are_named(good):
    shoes = good.split.train[good.images.labels[good.split.train] == 1]
    untaught = said(replace(good, split=replace(good.split, train=shoes)))
    assert "No training image shows coat" in untaught["classes that only the test split has"]
    coat, shoe = good.evaluation.classes
    unseen = replace(good.evaluation, classes=(replace(coat, support=0), shoe))
    found = said(replace(good, evaluation=unseen))
    assert "no image of coat" in found["classes the test split does not have"]


def test_a_test_part_from_the_training_pile_and_a_wide_interval_are_said(good):
    few = hangtag.from_arrays(np.zeros((40, 4, 4), np.uint8), np.arange(40) % 2)
    split = hangtag.split(few, seed=0)
    answers = np.full((len(split.test), 2), 0.5, np.float32)
    predictions = Predictions(split.test, few.labels[split.test], answers, few.class_names)
    found = said(replace(good, images=few, split=split, evaluation=evaluate(predictions)))
    assert "a test part drawn from the training pile" in found
    assert f"{len(split.test)} test images" in found["too few test images for the score's digits"]


def test_of_several_runs_their_differences_are_said():
    only = of_several({"a": 1, "b": 1}, ["auto", "auto"], [None, None])
    assert len(only) == 1
    assert "Choosing one of these" in only[0]
    found = of_several({"a": 2, "b": 1}, ["auto", "last:5"], [None, 5])
    assert [words in " ".join(found) for words in ("once for a.", "auto, last:5", "Only a part")]
    assert len(found) == 4
