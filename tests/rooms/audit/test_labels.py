"""Likely wrong labels: planted ones are found, and the model never judges what it has learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.rooms.audit import audit
from hangtag.rooms.audit.labels import doubts, judge
from hangtag.rooms.audit.model import out_of_fold


def with_flips(images, proportion, seed=0):
    """A proportion of the labels moved to another class, and which."""
    random = np.random.default_rng(seed)
    flipped = random.permutation(len(images))[: round(len(images) * proportion)]
    labels = images.labels.copy()
    moved = random.integers(1, images.n_classes, len(flipped))
    labels[flipped] = (labels[flipped] + moved) % images.n_classes
    return replace(images, labels=labels), flipped


def doubted(findings, severity=None):
    return [
        found.indices[0] for found in findings.of("labels") if severity in (None, found.severity)
    ]


@pytest.fixture(scope="module")
def flipped_digits(digits):
    """The digits with one label in a hundred wrong, which, and what the audit finds."""
    images, flipped = with_flips(digits, 0.01)
    return flipped, audit(images, checks=["labels"])


def test_finds_nearly_all_flipped_digits_and_little_else(flipped_digits):
    flipped, findings = flipped_digits
    found = doubted(findings)
    assert np.isin(flipped, found).mean() >= 0.9
    assert np.isin(found, flipped).mean() >= 0.7


def test_puts_flipped_clothes_first_and_measures_itself_by_flips_of_its_own(clothes):
    images, flipped = with_flips(clothes, 0.05)
    findings = audit(images, checks=["labels"])
    assert np.isin(doubted(findings)[:50], flipped).mean() >= 0.8
    facts = findings.checks["labels"]
    assert facts["model_accuracy"] > 0.78
    assert facts["planted"]["flipped"] == 30
    assert facts["planted"]["found"] > 15
    assert facts["planted"]["found_clearly"] <= facts["planted"]["clear"]
    assert "30 labels flipped on purpose" in facts["note"]


@pytest.fixture(scope="module")
def copied_digits(digits):
    """Digits with copies: of three of the first one is labelled otherwise, of 7 both wrongly."""
    images, labels = digits.images.copy(), digits.labels.copy()
    images[[1, 2, 3]], labels[[1, 2, 3]] = images[0], labels[0]
    labels[2] = (labels[0] + 3) % 10
    labels[7] = (labels[7] + 1) % 10
    copied = replace(
        digits,
        images=np.concatenate([images, images[7:8]]),
        labels=np.concatenate([labels, labels[7:8]]),
        parts={"all": range(len(digits) + 1)},
        ids=None,
    )
    return audit(copied, checks=["labels"])


def test_labels_that_copies_outvote_come_first_and_say_so(copied_digits, digits):
    first = copied_digits.of("labels")[0]
    assert (first.indices, first.severity, first.value) == ((2,), "warning", None)
    assert "3 of its 3 copies are labelled" in first.message
    assert first.suggestion == digits.class_names[digits.labels[0]]


def test_what_copies_agree_on_is_no_clear_error(copied_digits, digits):
    severities = {found.indices[0]: found.severity for found in copied_digits.of("labels")}
    assert severities[7] == severities[len(digits)] == "info"


def test_rare_confusions_count_for_more_than_usual_ones():
    labels = np.asarray([0] * 50 + [1] * 50)
    probabilities = np.tile(np.float32([[0.9, 0.1, 0.0]]), (100, 1))
    probabilities[50:] = [0.1, 0.9, 0.0]
    probabilities[50:60] = [0.9, 0.1, 0.0]  # class 1 is often taken for class 0
    labels, probabilities = np.append(labels, 2), np.append(probabilities, probabilities[:1], 0)
    found = judge(probabilities, labels, np.arange(101))
    assert found.at[0] == 100  # class 2 hardly ever
    assert found.evidence[0] > found.evidence[1] > 0


def test_doubts_few_digits_as_they_are(digits):
    assert len(doubted(audit(digits, checks=["labels"]))) < 0.01 * len(digits)


def test_suggests_the_class_the_image_is_of(flipped_digits, digits):
    flipped, findings = flipped_digits
    suggested = {found.indices[0]: found.suggestion for found in findings.of("labels")}
    right = [
        suggested[i] == digits.class_names[digits.labels[i]] for i in flipped if i in suggested
    ]
    assert np.mean(right) >= 0.9


def test_images_of_one_group_are_never_judged_by_each_other():
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (300, 30), dtype=np.uint8).repeat(2, axis=0)
    labels = random.integers(0, 2, 300).repeat(2)
    (alone,) = out_of_fold((pixels,), (labels,), np.arange(600), n_classes=2, seed=0)
    twins = np.arange(300).repeat(2)
    (together,) = out_of_fold((pixels,), (labels,), twins, n_classes=2, seed=0)
    assert np.mean(alone.argmax(axis=1) == labels) > 0.75  # it has seen the twin
    assert np.mean(together.argmax(axis=1) == labels) < 0.62  # labels are random


def test_probabilities_sum_to_one_and_repeat_with_the_seed(digits):
    pixels, labels = digits.images[:500].reshape(500, -1), digits.labels[:500]
    one, again = (
        out_of_fold((pixels,), (labels,), np.arange(500), n_classes=10, seed=3)[0] for _ in range(2)
    )
    np.testing.assert_allclose(one.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(one, again)


def test_confident_learning_doubts_by_class_average():
    probabilities = np.asarray(
        [[0.9, 0.1], [0.7, 0.3], [0.1, 0.9], [0.5, 0.5], [0.4, 0.6], [0.02, 0.98]], np.float32
    )
    labels = np.asarray([0, 0, 0, 1, 1, 1])
    # Class 1 is believed at 0.69 on average; of class 0 only the third image passes that.
    found, instead, lead = doubts(probabilities, labels)
    assert found.tolist() == [2]
    assert instead.tolist() == [1]
    assert lead == pytest.approx([0.8])


def test_says_when_there_is_too_little_to_doubt(digits):
    few = digits.take(np.arange(20))
    assert "too few" in audit(few, checks=["labels"]).checks["labels"]["note"]
