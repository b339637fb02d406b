"""A short form of ``benchmarks/truth_audit.py``: planted faults are found, hardly any others."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import truth_audit


@pytest.mark.parametrize("flips", [0, 100])
def test_altered_copies_of_clothes_are_found_whatever_the_labels(fashion, flips):
    came = truth_audit.copies(fashion, 2000, 25, flips, seed=3)
    assert came.found["equal"] == came.found["brightness ± 10"] == 1
    assert came.found["JPEG, quality 80"] >= 0.95
    assert came.found["moved by 1 pixel"] >= 0.8
    assert came.leaked == came.found
    assert (came.mixed, came.said) == (0, came.conflicts)
    assert came.natural <= 2


def test_copies_of_signs_are_told_from_other_signs_though_labels_are_flipped(sign):
    clean, wrong = (truth_audit.copies(sign, 2000, 25, flips, seed=3) for flips in (0, 100))
    assert (clean.found, clean.natural) == (wrong.found, wrong.natural)
    assert min(clean.found.values()) >= 0.8
    assert clean.mixed == wrong.mixed == 0
    assert wrong.said == wrong.conflicts > 0


def test_odd_images_are_reported_first(fashion, sign):
    came = truth_audit.outliers(fashion, sign, 2000, 4, seed=3)
    assert came.first >= 0.6
    assert np.mean(list(came.found.values())) >= 0.7
