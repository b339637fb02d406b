"""``two_nearest`` finds what a product, an argmin and a second minimum find."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hangtag_kernels import two_nearest

SHAPES = [
    (1, 1, 1),
    (7, 3, 2),
    (48, 5, 16),
    (49, 115, 17),
    (500, 115, 40),
    (130, 9, 65),
    (97, 2, 1),
]


@pytest.mark.parametrize("n, width, centres", SHAPES)
@pytest.mark.parametrize("some", [False, True])
def test_the_two_least_products_are_found(n, width, centres, some, instructions, random):
    rows = random.normal(size=(n, width)).astype(np.float32)
    weights = random.normal(size=(centres, width)).astype(np.float32)
    places = random.integers(0, n, 2 * n) if some else None
    nearest, first, second = two_nearest(rows, weights, places)
    products = (rows if places is None else rows[places]).astype(float) @ weights.T.astype(float)
    ordered = np.sort(products, axis=1)
    own = products[np.arange(len(products)), nearest]
    assert own == pytest.approx(ordered[:, 0], abs=1e-5 * width)
    assert first == pytest.approx(ordered[:, 0], abs=1e-5 * width)
    if centres > 1:
        assert second == pytest.approx(ordered[:, 1], abs=1e-5 * width)
    else:
        assert np.isinf(second).all()


def test_of_equals_the_first_is_taken_and_both_are_said(instructions):
    weights = np.asarray([[3], [1], [1], [2]], np.float32)
    nearest, first, second = two_nearest(np.ones((3, 1), np.float32), weights)
    assert (nearest.tolist(), first.tolist(), second.tolist()) == ([1] * 3, [1.0] * 3, [1.0] * 3)


def test_what_is_not_a_number_is_said_in_its_row_alone(instructions):
    rows = np.asarray([[1, 1], [np.nan, 1], [2, 1]], np.float32)
    weights = np.asarray([[3, 0], [1, 0], [2, 0]], np.float32)
    nearest, first, second = two_nearest(rows, weights)
    assert nearest.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(first, [1, np.nan, 2])
    np.testing.assert_array_equal(second, [2, np.nan, 4])
    weights[2, 1] = np.nan
    nearest, first, second = two_nearest(rows, weights)
    assert nearest.tolist() == [2, 0, 2]
    assert np.isnan(first).all()
    assert np.isnan(second).all()


def test_numbers_too_small_for_full_precision_are_zero(instructions):
    weights = np.asarray([[3e-39], [1e-39]], np.float32)
    nearest, first, _ = two_nearest(np.ones((100, 1), np.float32), weights)
    assert not nearest.any()
    assert not first.any()
    assert np.float32(1e-39) * np.float32(1) > 0, "NumPy's own numbers are as before"


def test_no_rows_have_no_nearest():
    places = np.zeros(0, np.int64)
    found = two_nearest(np.ones((3, 2), np.float32), np.ones((2, 2), np.float32), places)
    assert [len(one) for one in found] == [0, 0, 0]


def test_what_cannot_be_is_refused():
    rows, weights = np.ones((3, 2), np.float32), np.ones((4, 2), np.float32)
    for wrong, error in (
        ((rows, weights[:, :1]), ValueError),
        ((rows, weights[:0]), ValueError),
        ((rows.astype(float), weights), TypeError),
        ((rows[:, ::-1], weights), TypeError),
        ((rows, weights, np.asarray([0.0])), TypeError),
        ((rows, weights, np.asarray([3])), ValueError),
        ((rows, weights, np.asarray([-1])), ValueError),
    ):
        with pytest.raises(error, match="two_nearest"):
            two_nearest(*wrong)


def test_it_needs_no_jax():
    code = (
        "import sys, numpy as np; from hangtag_kernels import two_nearest;"
        "two_nearest(np.ones((2, 2), np.float32), np.ones((1, 2), np.float32));"
        "sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
