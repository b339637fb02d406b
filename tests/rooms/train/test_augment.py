"""Changes to training images: what may come out of them, and that nothing else does."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train.augment import augmented, augments

SHAPE = (9, 7, 3)
N = 200


def drawn(seed=0):
    return np.random.default_rng(seed).integers(1, 255, (N, *SHAPE), dtype=np.uint8)


def changed(examples, *, dark=True, seed=0, **asked):
    height, width, _ = examples.shape[1:]
    preprocessing = Preprocessing(examples.shape[1:], (0, height), (0, width), dark_border=dark)
    options = TrainingOptions(**asked)
    flat = examples.reshape(len(examples), -1)
    found = augmented(flat, jax.random.key(seed), options=options, preprocessing=preprocessing)
    return np.asarray(found).reshape(examples.shape)


def moved(image, down, right, fill):
    """The image moved, by slices; `fill` is a byte, or None for its own edge."""
    edges = ((abs(down),) * 2, (abs(right),) * 2, (0, 0))
    if fill is None:
        wide = np.pad(image, edges, mode="edge")
    else:
        wide = np.pad(image, edges, constant_values=fill)
    height, width, _ = image.shape
    top, left = abs(down) - down, abs(right) - right
    return wide[top : top + height, left : left + width]


@pytest.mark.parametrize(("dark", "fill"), [(True, 0), (False, 255), (None, None)])
def test_every_image_is_moved_by_up_to_so_many_pixels_onto_its_ground(dark, fill):
    examples = drawn()
    found = changed(examples, shift=2, dark=dark)
    ways = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
    taken = [
        [way for way in ways if np.array_equal(one, moved(image, *way, fill))]
        for image, one in zip(examples, found, strict=True)
    ]
    assert all(taken)
    assert {way for some in taken for way in some} == set(ways)


def test_about_half_of_the_images_are_mirrored_left_to_right_and_no_other_way():
    examples = drawn()
    found = changed(examples, flip=True)
    same = np.asarray([np.array_equal(*pair) for pair in zip(found, examples, strict=True)])
    np.testing.assert_array_equal(found[~same], examples[~same][:, :, ::-1])
    assert 0.3 < same.mean() < 0.7


@pytest.mark.parametrize(("dark", "fill"), [(True, 0), (False, 255), (None, 128)])
@pytest.mark.parametrize("side", [2, 3])
def test_a_square_of_ground_is_cut_out_of_every_image(dark, fill, side):
    examples = np.full((N, *SHAPE), 77, np.uint8)
    blank = changed(examples, cutout=side, dark=dark) == fill
    areas = blank.any(axis=3).sum(axis=(1, 2))
    assert (blank.all(axis=3) == blank.any(axis=3)).all()
    assert areas.max() == side * side
    assert areas.min() >= (side // 2) ** 2
    assert np.mean(areas == side * side) > 0.4
    assert blank.any(axis=(0, 3)).all()  # sooner or later every place is hit
    for one in blank[..., 0]:
        rows, columns = np.flatnonzero(one.any(axis=1)), np.flatnonzero(one.any(axis=0))
        assert one.sum() == len(rows) * len(columns)


def test_the_same_key_changes_alike_and_another_one_differently():
    examples = drawn()
    asked = {"shift": 1, "flip": True, "cutout": 3}
    np.testing.assert_array_equal(changed(examples, **asked), changed(examples, **asked))
    assert (changed(examples, **asked) != changed(examples, seed=1, **asked)).any()


def test_nothing_changes_unless_it_is_asked_for():
    assert not augments(TrainingOptions())
    np.testing.assert_array_equal(changed(drawn()), drawn())
