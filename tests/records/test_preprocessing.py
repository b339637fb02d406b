from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import Preprocessing

PICTURES = np.array([0, 51, 102, 255], np.uint8).reshape(1, 2, 2, 1)


def test_scales_to_zero_and_one_by_default():
    values = Preprocessing((2, 2, 1), (0, 2), (0, 2)).apply(PICTURES)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values.ravel(), [0, 0.2, 0.4, 1], atol=1e-7)


def test_crops_rows_and_columns():
    half = Preprocessing((2, 2, 1), (1, 2), (0, 1))
    assert half.output_shape == (1, 1, 1)
    assert half.apply(PICTURES).shape == (1, 1, 1, 1)
    np.testing.assert_allclose(half.apply(PICTURES).ravel(), [0.4], atol=1e-7)


def test_standardises_after_scaling():
    values = Preprocessing((2, 2, 1), (0, 2), (0, 2), mean=(0.4,), deviation=(0.5,)).apply(PICTURES)
    np.testing.assert_allclose(values.ravel(), [-0.8, -0.4, 0, 1.2], atol=1e-6)


def test_leaves_the_pictures_as_they_were():
    before = PICTURES.copy()
    Preprocessing((2, 2, 1), (0, 2), (0, 2), mean=(0.4,)).apply(PICTURES)
    np.testing.assert_array_equal(PICTURES, before)


@pytest.mark.parametrize("pictures", [PICTURES[0], PICTURES[:, :1], PICTURES.astype(np.float32)])
def test_refuses_pictures_of_another_shape_or_type_and_names_the_model(pictures):
    wanted = Preprocessing((2, 2, 1), (0, 2), (0, 2))
    wanted.check(PICTURES, "this model")
    with pytest.raises(OptionError, match=r"this model takes .* \('n', 2, 2, 1\)"):
        wanted.check(pictures, "this model")


def test_survives_json():
    one = Preprocessing((2, 2, 3), (0, 2), (0, 2), 1.0, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0), True)
    assert Preprocessing.from_dict(json.loads(json.dumps(one.to_dict()))) == one
