"""Copies, near-copies and leaks: what is planted is found, what is not there is not."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.truth_audit import COPIED
from PIL import Image
from scipy.spatial.distance import cdist

from hangtag.rooms.audit import audit, copies
from hangtag.rooms.audit.aligned import align
from hangtag.rooms.audit.copies import (
    DIFFERENCE,
    LEVELS,
    PALE_DIFFERENCE,
    PALE_LEVELS,
    exact_groups,
    find_copies,
)
from hangtag.rooms.audit.likeness import Likeness, correlation, shrink
from hangtag.rooms.audit.spectra import MOVES, RADIUS, Spectra
from hangtag.rooms.audit.votes import outvoted

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
    assert "of 1,000 test images" in cautions


@pytest.mark.torture
def test_fashion_has_no_equal_pair_and_its_ten_closest_are_known(fashion):
    findings = audit(fashion, checks=COPIES)
    facts = findings.checks["leaks"]["train to test"]
    levels = [pair["grey_levels"] for pair in facts["closest"]]
    assert findings.checks["duplicates"]["exact_groups"] == 0
    assert (round(levels[0], 1), round(levels[-1], 1)) == (0.8, 5.8)
    assert 10 <= facts["near"] <= 40


@pytest.mark.slow
@pytest.mark.torture
def test_sign_images_come_from_few_photographs(sign):
    findings = audit(sign, checks=COPIES)
    facts = findings.checks["duplicates"]
    assert facts["share_with_a_copy"] > 0.99
    assert facts["typical_group"] == pytest.approx(21, abs=1)
    assert 1300 < facts["groups"] < 1900
    assert "split by groups" in findings.cautions[0]
    assert 0 < findings.checks["leaks"]["train to test"]["share"] < 0.2


def test_finds_among_many_what_comparing_all_pairs_finds(fashion):
    """Copies of every kind among 6,000 images: the same candidates, the same near-copies."""
    images = fashion.images[:6000].copy()
    for number in range(200):
        for place, alter in enumerate(COPIED.values()):
            images[3000 + 4 * number + place] = alter(images[number], number)
    likeness = Likeness(images)
    points = Spectra(likeness).points
    candidates = np.concatenate([_all_within(points, at, RADIUS) for at in range(0, 6000, 500)])
    left = align(likeness, candidates, Spectra(likeness).moves(candidates))
    near = (left.differences <= DIFFERENCE) & (left.levels <= LEVELS)
    near |= (left.differences <= PALE_DIFFERENCE) & (left.levels <= PALE_LEVELS)
    single = exact_groups(images.reshape(6000, -1))[1]
    known = candidates[near & np.isin(candidates, single).all(axis=1)]
    copies = find_copies(images, likeness)
    assert {*map(tuple, copies.pairs.tolist())} == {*map(tuple, known.tolist())}
    where = 3000 + np.arange(800)
    together = copies.groups[where] == copies.groups[np.arange(800) // 4]
    assert together.mean() > 0.97  # JPEG and moves lose a few, whoever looks


def _all_within(points, start, radius):
    pairs = np.argwhere(cdist(points[start : start + 500], points) <= radius)
    pairs[:, 0] += start
    return pairs[pairs[:, 0] < pairs[:, 1]]


def moved(image, down, right):
    return np.roll(image, (down, right), axis=(0, 1))


@pytest.mark.parametrize("number", range(9))
def test_a_move_by_one_pixel_is_seen_and_undone(clothes, number):
    down, right = MOVES[number].tolist()
    likeness = Likeness(np.stack([clothes.images[7], moved(clothes.images[7], -down, -right)]))
    pair = np.asarray([[0, 1]])
    assert number in Spectra(likeness).moves(pair)[0]
    left = align(likeness, pair)
    assert left.shifts.tolist() == [[down, right]]
    assert left.levels[0] < 0.1


def test_magnitudes_stay_where_an_image_is_moved_and_part_from_others(clothes):
    images = np.stack([clothes.images[7], moved(clothes.images[7], 0, 1), clothes.images[8]])
    points = Spectra(Likeness(images)).points
    near, far = np.linalg.norm(points[0] - points[1:], axis=1)
    assert near < RADIUS < far


def test_what_is_left_of_different_images_is_large(clothes):
    likeness = Likeness(clothes.images)
    pairs = np.random.default_rng(0).integers(0, 3000, (500, 2))
    left = align(likeness, pairs[pairs[:, 0] != pairs[:, 1]])
    assert np.mean(left.levels > LEVELS) > 0.99


def test_colour_counts(clothes):
    """Two images alike in grey but not in colour are no copies."""
    grey = clothes.images[:2].repeat(3, axis=3)
    grey[1] = grey[0][..., [1, 2, 0]]
    other = grey.copy()
    other[1, ..., 0] = np.clip(grey[1, ..., 0].astype(int) + 60, 0, 255)
    other[1, ..., 2] //= 4
    likeness = Likeness(other)
    assert align(likeness, np.asarray([[0, 1]])).levels[0] > LEVELS


def test_tiny_images_are_compared_without_moving_them(digits):
    images = np.random.default_rng(0).integers(0, 256, (60, 4, 5, 1), dtype=np.uint8)
    images[1] = images[0] // 2 + 40
    images[2] = moved(images[0], 0, 1)
    tiny = replace(
        digits, images=images, labels=np.arange(60) // 2 % 10, parts={"all": range(60)}, ids=None
    )
    assert pairs(audit(tiny, checks=COPIES), "duplicates", "near") == {(0, 1)}


def test_too_many_candidates_are_thinned_and_it_is_said(clothes, monkeypatch):
    noise = np.random.default_rng(0).integers(-2, 3, (300, *clothes.shape))
    images = np.clip(clothes.images[:1] + noise, 0, 255).astype(np.uint8)
    alike = replace(clothes, images=images, labels=clothes.labels[:300], parts={"all": range(300)})
    monkeypatch.setattr("hangtag.rooms.audit.copies.MOST", 1000)
    said = audit(alike, checks=["duplicates"]).checks["duplicates"]["why_near"]
    assert "times nearer than usual were compared" in said


def test_copies_outvote_a_label_only_by_a_majority():
    groups = np.asarray([0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4])
    labels = np.asarray([5, 5, 1, 2, 3, 4, 1, 1, 2, 2, 6, -1, 6])
    assert outvoted(groups, labels).tolist() == [-1, -1, 5, *[-1] * 10]


def test_brightness_and_contrast_do_not_hide_a_copy(clothes):
    images = clothes.images[:2].copy()
    images[1] = images[0] // 2 + 50
    likeness = Likeness(images)
    pair = np.asarray([[0, 1]])
    assert correlation(float(likeness.corrected.differences(pair)[0])) > 0.9999
    assert likeness.plain.differences(pair)[0] > 30


def test_of_a_pale_image_jpeg_leaves_a_near_copy(clothes):
    pale = (clothes.images[[14, 18, 22]] * 0.2 + 100).astype(np.uint8)
    files = [io.BytesIO() for _ in pale]
    for file, image in zip(files, pale, strict=True):
        Image.fromarray(image[..., 0]).save(file, "JPEG", quality=80)
    saved = np.stack([np.asarray(Image.open(file))[..., None] for file in files])
    both = np.concatenate([pale, saved])
    likeness = Likeness(both)
    left = align(likeness, np.asarray([(0, 3), (1, 4), (2, 5)]))
    assert (left.differences > DIFFERENCE).all()  # too far apart for images of more contrast
    assert find_copies(both, likeness).pairs.tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize("view", ["plain", "corrected"])
def test_search_coordinates_never_overstate_a_difference(clothes, view):
    images = getattr(Likeness(clothes.images), view)
    random = np.random.default_rng(0).integers(0, len(clothes), (2000, 2))
    apart = np.linalg.norm(images.points[random[:, 0]] - images.points[random[:, 1]], axis=1)
    assert (apart <= images.differences(random) * 1.0001 + 1e-3).all()


def test_large_images_are_compared_by_the_means_of_squares(clothes):
    large = clothes.images[:50].repeat(5, axis=1).repeat(5, axis=2)
    assert Likeness(large).shrunk == 3
    np.testing.assert_array_equal(shrink(large, 5), clothes.images[:50])


def test_equal_images_have_equal_numbers_and_a_first(digits):
    drawn = np.asarray([3, 4, 3, 5, 4, 3])
    numbers, first = exact_groups(digits.images.reshape(len(digits), -1)[drawn])
    np.testing.assert_array_equal(numbers[:, None] == numbers, drawn[:, None] == drawn)
    np.testing.assert_array_equal(np.sort(first), [0, 1, 3])


def test_a_set_of_one_image_many_times_is_one_group(digits):
    images = replace(
        digits, images=np.repeat(digits.images[:1], 5000, 0), labels=np.zeros(5000, np.int64),
        parts={"all": range(5000)},
    )  # fmt: skip
    findings = audit(images, checks=COPIES)
    assert findings.checks["duplicates"]["groups"] == 1
    assert len(findings.of("duplicates")) == 1


@pytest.mark.parametrize("wrong", ["some", "all at random", "none known"])
def test_labels_have_no_say_in_what_is_a_copy(planted, wrong):
    random = np.random.default_rng(0)
    labels = {
        "some": np.where(random.random(3000) < 0.05, 3, planted.labels),
        "all at random": random.integers(0, 10, 3000),
        "none known": np.full(3000, -1),
    }[wrong]
    groups = audit(planted, checks=["duplicates"]).groups
    again = audit(replace(planted, labels=labels), checks=["duplicates"]).groups
    np.testing.assert_array_equal(groups, again)


def test_copies_with_different_labels_are_a_finding_that_says_which_label_most_bear(planted):
    images, labels = planted.images.copy(), planted.labels.copy()
    images[[20, 21, 22]], labels[[20, 21, 22]] = images[19], labels[19]
    labels[21] = (labels[19] + 1) % 10
    findings = audit(replace(planted, images=images, labels=labels), checks=["duplicates"])
    found = [one for one in findings.of("duplicates", "exact conflict") if 19 in one.indices]
    assert [one.indices for one in found] == [(19, 20, 21, 22)]
    assert found[0].message.startswith("copies with different labels: 4 images")
    assert found[0].suggestion == planted.class_names[labels[19]]
    assert findings.checks["duplicates"]["outvoted"] == 1


def test_where_most_copies_differ_in_label_the_caution_doubts_both(clothes):
    images, labels = clothes.images.copy(), np.arange(3000) % 10
    images[1::2] = images[::2]
    cautions = audit(replace(clothes, images=images, labels=labels), checks=["duplicates"]).cautions
    assert "or images of different classes are as alike as copies" in cautions[1]


def test_every_copy_of_an_image_leaks_not_only_the_first(planted):
    images, labels = planted.images.copy(), planted.labels.copy()
    images[[2500, 2600]], labels[[2500, 2600]] = images[2001], labels[2001]
    leaks = audit(replace(planted, images=images, labels=labels), checks=["leaks"]).of("leaks")
    assert {(2001, 101), (2500, 101), (2600, 101)} <= {found.indices for found in leaks}


def test_one_part_has_nothing_to_leak(clothes):
    findings = audit(clothes, checks=["leaks"])
    assert findings.of("leaks") == ()
    assert "one part" in findings.checks["leaks"]["note"]


@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (300, 2), (300, 5)])
def test_equal_images_are_numbered_as_numpy_numbers_them(n, d, monkeypatch):
    monkeypatch.setattr(copies, "_COMPARED", 15)
    pixels = np.random.default_rng(d).integers(0, 3, (n, d), np.uint8)
    rows = pixels.view(np.dtype((np.void, d)))[:, 0]
    _, first, numbers = np.unique(rows, return_index=True, return_inverse=True)
    found = copies.exact_groups(pixels)
    np.testing.assert_array_equal(found[0], numbers)
    np.testing.assert_array_equal(found[1], first)
