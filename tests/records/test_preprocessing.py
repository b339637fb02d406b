from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import Preprocessing

IMAGES = np.array([0, 51, 102, 255], np.uint8).reshape(1, 2, 2, 1)


def test_scales_to_zero_and_one_by_default():
    values = Preprocessing((2, 2, 1), (0, 2), (0, 2)).apply(IMAGES)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values.ravel(), [0, 0.2, 0.4, 1], atol=1e-7)


def test_crops_rows_and_columns():
    half = Preprocessing((2, 2, 1), (1, 2), (0, 1))
    assert half.output_shape == (1, 1, 1)
    assert half.apply(IMAGES).shape == (1, 1, 1, 1)
    np.testing.assert_allclose(half.apply(IMAGES).ravel(), [0.4], atol=1e-7)


def test_standardises_after_scaling():
    values = Preprocessing((2, 2, 1), (0, 2), (0, 2), mean=(0.4,), deviation=(0.5,)).apply(IMAGES)
    np.testing.assert_allclose(values.ravel(), [-0.8, -0.4, 0, 1.2], atol=1e-6)


def test_leaves_the_images_as_they_were():
    before = IMAGES.copy()
    Preprocessing((2, 2, 1), (0, 2), (0, 2), mean=(0.4,)).apply(IMAGES)
    np.testing.assert_array_equal(IMAGES, before)


@pytest.mark.parametrize("images", [IMAGES[0], IMAGES[:, :1], IMAGES.astype(np.float32)])
def test_refuses_images_of_another_shape_or_type_and_names_the_model(images):
    wanted = Preprocessing((2, 2, 1), (0, 2), (0, 2))
    wanted.check(IMAGES, "this model")
    with pytest.raises(OptionError, match=r"this model takes .* \('n', 2, 2, 1\)"):
        wanted.check(images, "this model")


def test_survives_json():
    one = Preprocessing((2, 2, 3), (0, 2), (0, 2), 1.0, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0), True)
    assert Preprocessing.from_dict(json.loads(json.dumps(one.to_dict()))) == one
