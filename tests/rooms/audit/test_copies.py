"""Copies, near-copies and leaks: what is planted is found, what is not there is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.rooms.audit import audit
from hangtag.rooms.audit.copies import exact_groups
from hangtag.rooms.audit.likeness import Likeness, correlation, shrink

COPIES = ("duplicates", "leaks")


def pairs(findings, check, kind):
    return {found.indices for found in findings.of(check, kind)}


def test_finds_exactly_the_copies_that_were_planted(planted):
    findings = audit(planted, checks=COPIES)
    assert pairs(findings, "duplicates", "exact") == {(10, 11), (100, 2000)}
    assert pairs(findings, "duplicates", "exact conflict") == {(12, 13)}
    assert {(14, 15), (101, 2001)} <= pairs(findings, "duplicates", "near")
    assert pairs(findings, "leaks", "exact") == {(2000, 100)}
    assert (2001, 101) in pairs(findings, "leaks", "near")
    assert [found.severity for found in findings.of("leaks", "exact")] == ["serious"]
    assert findings.of("leaks", "exact")[0].ids == ("test/00000", "train/00100")


def test_hardly_finds_copies_where_none_were_planted(clothes):
    facts = audit(clothes, checks=["duplicates"]).checks["duplicates"]
    assert facts["exact_groups"] == 0
    assert facts["images_with_a_copy"] < 10


def test_groups_hold_copies_together_and_nothing_else(planted):
    groups = audit(planted, checks=["duplicates"]).groups
    for one, other in ((10, 11), (12, 13), (14, 15), (100, 2000), (101, 2001)):
        assert groups[one] == groups[other]
    assert len(np.unique(groups)) > 2980


def test_says_what_stands_beside_a_score(planted):
    cautions = " ".join(audit(planted, checks=COPIES).cautions)
    assert "more than one label" in cautions
    assert "of 1,000 test pictures" in cautions


def test_fashion_has_no_equal_pair_and_its_ten_closest_are_known(fashion):
    findings = audit(fashion, checks=COPIES)
    facts = findings.checks["leaks"]["train to test"]
    levels = [pair["grey_levels"] for pair in facts["closest"]]
    assert findings.checks["duplicates"]["exact_groups"] == 0
    assert (round(levels[0], 1), round(levels[-1], 1)) == (0.7, 7.2)
    assert 10 <= facts["near"] <= 40


@pytest.mark.slow
def test_sign_pictures_come_from_few_photographs(sign):
    findings = audit(sign, checks=COPIES)
    facts = findings.checks["duplicates"]
    assert facts["share_with_a_copy"] > 0.99
    assert facts["typical_group"] == pytest.approx(21, abs=1)
    assert 1300 < facts["groups"] < 1900
    assert "split by groups" in findings.cautions[0]
    assert 0 < findings.checks["leaks"]["train to test"]["share"] < 0.2


def test_brightness_and_contrast_do_not_hide_a_copy(clothes):
    images = clothes.images[:2].copy()
    images[1] = images[0] // 2 + 50
    likeness = Likeness(images)
    pair = np.asarray([[0, 1]])
    assert correlation(float(likeness.corrected.differences(pair)[0])) > 0.9999
    assert likeness.plain.differences(pair)[0] > 30


@pytest.mark.parametrize("view", ["plain", "corrected"])
def test_search_coordinates_never_overstate_a_difference(clothes, view):
    pictures = getattr(Likeness(clothes.images), view)
    random = np.random.default_rng(0).integers(0, len(clothes), (2000, 2))
    apart = np.linalg.norm(pictures.points[random[:, 0]] - pictures.points[random[:, 1]], axis=1)
    assert (apart <= pictures.differences(random) * 1.0001 + 1e-3).all()


def test_large_pictures_are_compared_by_the_means_of_squares(clothes):
    large = clothes.images[:50].repeat(5, axis=1).repeat(5, axis=2)
    assert Likeness(large).shrunk == 3
    np.testing.assert_array_equal(shrink(large, 5), clothes.images[:50])


def test_equal_pictures_have_equal_numbers_and_a_first(digits):
    drawn = np.asarray([3, 4, 3, 5, 4, 3])
    numbers, first = exact_groups(digits.images.reshape(len(digits), -1)[drawn])
    np.testing.assert_array_equal(numbers[:, None] == numbers, drawn[:, None] == drawn)
    np.testing.assert_array_equal(np.sort(first), [0, 1, 3])


def test_a_set_of_one_picture_many_times_is_one_group(digits):
    images = replace(
        digits, images=np.repeat(digits.images[:1], 5000, 0), labels=np.zeros(5000, np.int64),
        parts={"all": range(5000)},
    )  # fmt: skip
    findings = audit(images, checks=COPIES)
    assert findings.checks["duplicates"]["groups"] == 1
    assert len(findings.of("duplicates")) == 1


def test_without_labels_the_radius_is_fixed_and_said(planted):
    unlabelled = replace(planted, labels=np.full(len(planted), -1))
    findings = audit(unlabelled, checks=COPIES)
    assert "no two classes" in findings.checks["duplicates"]["why_near"]
    assert (14, 15) in pairs(findings, "duplicates", "near")


def test_every_copy_of_a_picture_leaks_not_only_the_first(planted):
    images, labels = planted.images.copy(), planted.labels.copy()
    images[[2500, 2600]], labels[[2500, 2600]] = images[2001], labels[2001]
    leaks = audit(replace(planted, images=images, labels=labels), checks=["leaks"]).of("leaks")
    assert {(2001, 101), (2500, 101), (2600, 101)} <= {found.indices for found in leaks}


def test_one_part_has_nothing_to_leak(clothes):
    findings = audit(clothes, checks=["leaks"])
    assert findings.of("leaks") == ()
    assert "one part" in findings.checks["leaks"]["note"]
