"""A clean split: what copies the test leaves training, and the test stays as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import OptionError, SplitError
from hangtag.records import Split
from hangtag.rooms.audit import audit, clean_split, indices_to_drop


@pytest.fixture(scope="module")
def official(planted):
    return Split(
        "official", None, np.arange(1800), np.arange(1800, 2000), np.arange(2000, 3000),
        planted.fingerprint,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(planted):
    return audit(planted, checks=["duplicates", "leaks", "blanks"])


def test_copies_of_test_images_leave_training(found, official):
    dropped = indices_to_drop(found, official)
    assert {100, 101} <= set(dropped.tolist())


def test_of_equal_training_images_the_first_stays(found, official):
    dropped = set(indices_to_drop(found, official, because=["copies"]).tolist())
    assert dropped == {11, 13}
    near = set(indices_to_drop(found, official, because=["near"]).tolist())
    assert dropped | {15} <= near


def test_nothing_crosses_the_clean_split_and_the_test_is_whole(found, official):
    clean = clean_split(found, official)
    np.testing.assert_array_equal(clean.test, official.test)
    assert not np.isin(found.groups[clean.train], found.groups[clean.test]).any()
    assert not np.isin(found.groups[clean.train], found.groups[clean.validation]).any()
    assert len(clean.train) > 1780
    assert clean.recipe == "official, without leaks copies blanks"


def test_doubted_labels_are_dropped_when_asked_for(planted, official):
    findings = audit(planted, checks=["labels"])
    dropped = indices_to_drop(findings, official, because=["labels"])
    doubted = {found.indices[0] for found in findings.of("labels")}
    assert set(dropped.tolist()) == {index for index in doubted if index < 2000}


def test_says_what_it_cannot_do(found, official, planted):
    with pytest.raises(OptionError, match="because of 'leak'"):
        indices_to_drop(found, official, because=["leak"])
    with pytest.raises(SplitError, match="different images"):
        indices_to_drop(found, replace(official, fingerprint="another"))
    with pytest.raises(SplitError, match="did not look for copies"):
        indices_to_drop(audit(planted, checks=["classes"]), official)
    alone = replace(official, train=np.asarray([100]))
    with pytest.raises(SplitError, match="no training images are left"):
        clean_split(found, alone)
