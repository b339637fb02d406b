"""Outliers and blanks: planted ones are found, few others are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hangtag.rooms.audit import audit


def test_finds_planted_noise_and_negatives(clothes):
    images = clothes.images.copy()
    planted = np.arange(0, 3000, 300)
    random = np.random.default_rng(0)
    images[planted[:5]] = random.integers(0, 256, (5, 28, 28, 1))
    images[planted[5:]] = 255 - images[planted[5:]]
    findings = audit(replace(clothes, images=images), checks=["outliers"])
    found = [finding.indices[0] for finding in findings.of("outliers")]
    assert np.isin(planted, found).mean() >= 0.7
    assert len(found) < 0.02 * len(clothes)
    low, high = findings.checks["outliers"]["expected_false"]
    assert low <= (~np.isin(found, planted)).sum() <= high


def test_in_large_classes_images_are_held_against_some_of_them(clothes, monkeypatch):
    images = clothes.images.copy()
    random = np.random.default_rng(0)
    images[:3] = random.integers(0, 256, (3, *clothes.shape))
    odd = replace(clothes, images=images)
    whole = audit(odd, checks=["outliers"])
    assert "drawn" not in whole.checks["outliers"]["measure"]
    monkeypatch.setattr("hangtag.rooms.audit.outliers.MOST", 100)
    drawn = audit(odd, checks=["outliers"])
    assert "of 100 images drawn (seed 0)" in drawn.checks["outliers"]["measure"]
    found, among = ({one.indices[0] for one in made.of("outliers")} for made in (whole, drawn))
    assert {0, 1, 2} <= found & among
    assert len(among) < 0.02 * len(clothes)


def test_copies_of_an_odd_image_do_not_hide_it(clothes):
    images, labels = clothes.images.copy(), clothes.labels.copy()
    noise = np.random.default_rng(0).integers(0, 256, (28, 28, 1))
    same = np.flatnonzero(labels == 1)[:8]
    images[same] = noise
    findings = audit(replace(clothes, images=images), checks=["outliers"])
    assert set(same.tolist()) <= {found.indices[0] for found in findings.of("outliers")}


def test_finds_constant_and_nearly_constant_images(clothes):
    images = clothes.images[:200].copy()
    images[3], images[4] = 0, 255
    images[5] = 100
    images[5, 0] = 103
    findings = audit(clothes.take(np.arange(200)).__class__(
        "planted", images, clothes.labels[:200], clothes.class_names, clothes.class_codes,
        {"train": range(200)},
    ), checks=["blanks"])  # fmt: skip
    assert [f.indices for f in findings.of("blanks", "constant")] == [(3,), (4,)]
    assert [f.indices for f in findings.of("blanks", "flat")] == [(5,)]
    assert findings.findings[0].severity == "serious"


def test_a_set_of_blank_images_only_is_audited_without_trouble(digits):
    blank = replace(digits, images=np.zeros_like(digits.images))
    findings = audit(blank)
    assert len(findings.of("blanks")) == len(digits)
    assert findings.checks["duplicates"]["exact_groups"] == 1
