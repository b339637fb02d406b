from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from hangtag.errors import OptionError
from hangtag.rooms.load import crop, fit_preprocessing, flatten, grey, one_hot, resize, rgb

COLOUR = np.random.default_rng(0).integers(0, 256, (40, 7, 5, 3), dtype=np.uint8)


def test_scaling_goes_from_0_to_1(fashion):
    preprocessing = fit_preprocessing(fashion.images[:100])
    values = preprocessing.apply(fashion.images[:100])
    assert (values.min(), values.max()) == (0.0, 1.0)
    assert values.dtype == np.float32


@pytest.mark.parametrize("images", [COLOUR, COLOUR[..., :1]])
def test_standardising_gives_mean_0_and_deviation_1_on_the_training_images(images):
    preprocessing = fit_preprocessing(images, standardise=True)
    values = preprocessing.apply(images).astype(np.float64)
    assert values.mean(axis=(0, 1, 2)) == pytest.approx(np.zeros(images.shape[3]), abs=1e-6)
    assert values.std(axis=(0, 1, 2)) == pytest.approx(np.ones(images.shape[3]), abs=1e-6)


def test_standardising_measures_the_kept_rows_only(fashion):
    top = fit_preprocessing(fashion.images[:60_000], standardise=True, rows=(0, 14))
    assert top.mean[0] == pytest.approx(fashion.images[:60_000, :14].mean() / 255, abs=1e-9)
    assert top.deviation[0] == pytest.approx(fashion.images[:60_000, :14].std() / 255, abs=1e-9)


@given(images=hnp.arrays(np.uint8, st.tuples(*[st.integers(1, 5)] * 3, st.sampled_from((1, 3)))))
@settings(max_examples=60, deadline=None)
def test_moments_are_those_of_numpy(images):
    preprocessing = fit_preprocessing(images, standardise=True)
    scaled = images / 255
    assert preprocessing.mean == pytest.approx(scaled.mean(axis=(0, 1, 2)), abs=1e-12)
    deviation = scaled.std(axis=(0, 1, 2))
    expected = np.where(deviation < 1e-12, 1, deviation)
    assert preprocessing.deviation == pytest.approx(expected, abs=1e-9)
    assert np.isfinite(preprocessing.apply(images)).all()


def test_halves_are_14_rows_each(fashion):
    images = fashion.images[:20]
    top, bottom = crop(images, rows=(0, 14)), crop(images, rows=(14, 28))
    assert top.shape == bottom.shape == (20, 14, 28, 1)
    assert np.array_equal(np.concatenate([top, bottom], axis=1), images)
    assert fit_preprocessing(images, rows=(0, 14)).output_shape == (14, 28, 1)


@pytest.mark.parametrize("rows", [(0, 0), (5, 3), (-1, 3), (0, 8), (7, 8)])
def test_rows_outside_the_image_are_refused(rows):
    for refused in (lambda: crop(COLOUR, rows=rows), lambda: fit_preprocessing(COLOUR, rows=rows)):
        with pytest.raises(OptionError, match="do not lie inside an image of 7 rows") as caught:
            refused()
        assert caught.value.hint


@pytest.mark.parametrize("images", [COLOUR[:0], COLOUR[0], COLOUR.astype(float)])
def test_preprocessing_needs_training_images(images):
    with pytest.raises(OptionError, match="preprocessing is fitted on"):
        fit_preprocessing(images)


def test_flatten_goes_row_after_row():
    assert flatten(COLOUR)[0, :3].tolist() == COLOUR[0, 0, 0].tolist()
    assert flatten(COLOUR).shape == (40, 105)


def test_one_hot_has_one_1_in_each_row():
    encoded = one_hot(np.array([2, 0]), 3)
    assert encoded.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert encoded.dtype == np.float32


@pytest.mark.parametrize("labels", [[-1, 0], [0, 3]])
def test_one_hot_refuses_what_is_no_class(labels):
    with pytest.raises(OptionError, match="classes from 0 to 2"):
        one_hot(np.array(labels), 3)


def test_grey_is_what_pillow_makes_of_every_colour():
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, 52, 52 * 52, 3)
    expected = np.array(Image.fromarray(colours[0]).convert("L"))
    assert np.array_equal(grey(colours)[0, ..., 0], expected)
    assert grey(colours[..., :1]).shape == (1, 52, 2704, 1)


def test_rgb_is_three_times_grey():
    assert np.array_equal(rgb(COLOUR[..., :1])[..., 2], COLOUR[..., 0])
    assert rgb(COLOUR) is COLOUR


def test_resizing_is_what_reading_a_file_of_that_image_gives(tmp_path, write):
    from hangtag.records import Preprocessing
    from hangtag.rooms.load import read_images

    write.image(tmp_path / "a.png", COLOUR[0])
    wanted = Preprocessing((9, 9, 3), (0, 9), (0, 9), mean=(0,) * 3, deviation=(1,) * 3)
    (image,) = read_images(tmp_path, wanted)
    assert np.array_equal(resize(COLOUR[:1], (9, 9))[0], image.pixels)
    assert resize(COLOUR, (7, 5)) is COLOUR
