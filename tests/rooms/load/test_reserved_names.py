from __future__ import annotations

import numpy as np
import pytest

import hangtag

IMAGES = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)


@pytest.mark.parametrize("name", ["unknown", "Unknown", " UNKNOWN "])
def test_a_class_called_unknown_is_told_from_the_answer_of_an_unsure_model(name):
    labels = np.array(["shoe", name, "shoe", name])
    given = hangtag.from_arrays(IMAGES, labels)
    named = hangtag.from_arrays(IMAGES, [0, 1, 0, 1], class_names=["shoe", name])
    for images in (given, named):
        (one,) = (found for found in images.class_names if found != "shoe")
        assert one == f"{one.removesuffix(' (a class)')} (a class)"
        assert one.casefold().strip().startswith("unknown")


def test_names_that_only_contain_it_stay():
    images = hangtag.from_arrays(IMAGES, np.array(["unknown shoe", "shoe"] * 2))
    assert "unknown shoe" in images.class_names
