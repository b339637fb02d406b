from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import ImageSet


def images(**changes) -> ImageSet:
    values = {
        "name": "four",
        "images": np.arange(16, dtype=np.uint8).reshape(4, 2, 2, 1),
        "labels": np.array([0, 2, 2, -1]),
        "class_names": ("a", "b", "c"),
        "class_codes": (0, 1, 7),
        "parts": {"train": range(3), "test": range(3, 4)},
    }
    return ImageSet(**(values | changes))


def test_counts_include_classes_without_an_image_and_leave_out_the_unlabelled():
    assert images().counts().tolist() == [1, 0, 2]
    assert images().counts("test").tolist() == [0, 0, 0]


def test_an_image_is_named_by_its_part_and_position_in_it():
    assert [images().id_of(n) for n in (0, 2, 3)] == ["train/00000", "train/00002", "test/00000"]


def test_ids_of_the_source_are_kept():
    assert images(ids=("p", "q", "r", "s")).id_of(1) == "q"


def test_taken_images_keep_their_names_and_order():
    taken = images().take(np.array([3, 0]))
    assert taken.ids == ("test/00000", "train/00000")
    assert taken.images[0].tolist() == images().images[3].tolist()
    assert dict(taken.parts) == {"all": range(2)}


def test_equal_data_has_equal_fingerprints():
    assert images().fingerprint == images(name="other name").fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"images": np.zeros((4, 2, 2, 1), np.uint8)},
        {"images": np.arange(16, dtype=np.uint8).reshape(4, 1, 4, 1)},
        {"labels": np.array([0, 2, 1, -1])},
        {"class_codes": (0, 1, 8)},
        {"parts": {"train": range(2), "test": range(2, 4)}},
    ],
    ids=["pixels", "shape", "labels", "codes", "parts"],
)
def test_any_difference_in_the_data_changes_the_fingerprint(changes):
    assert images(**changes).fingerprint != images().fingerprint
