"""The images most like others: exact, in a stable order, and drawn with their classes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.errors import OptionError
from hangtag.records import Preprocessing
from hangtag.rooms.report.figures import beside
from hangtag.rooms.similar import similar


class Pixels:
    """A classifier whose embeddings are the pixels."""

    preprocessing = Preprocessing((8, 8, 1), (0, 8), (0, 8))

    def embeddings(self, images):
        return images.reshape(len(images), -1).astype(np.float32)


@pytest.fixture(scope="module")
def digits():
    return hangtag.load("digits")


def test_the_nearest_by_angle_are_found_in_order(digits):
    queries, among = np.arange(300), np.arange(300, 900)
    found = similar(Pixels(), digits, queries=queries, among=among, k=3)
    points = Pixels().embeddings(digits.images)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    cosines = points[queries] @ points[among].T
    assert np.allclose(found.cosines, -np.sort(-cosines, axis=1)[:, :3], atol=1e-6)
    assert np.array_equal(found.found[:, 0], among[cosines.argmax(axis=1)])
    right = digits.labels[found.found] == digits.labels[queries][:, None]
    assert found.same_class == right.mean() > 0.8
    assert found.first_same_class == right[:, 0].mean()
    assert found.k == 3


def test_of_equal_images_the_first_of_the_set_is_found(digits):
    twins = hangtag.from_arrays(digits.images[[0, 1, 1, 1, 0]], digits.labels[[0, 1, 1, 1, 0]])
    found = similar(Pixels(), twins, queries=np.array([1]), among=np.array([4, 3, 2]), k=2)
    assert found.found.tolist() == [[3, 2]]


def test_more_than_there_are_is_refused(digits):
    with pytest.raises(OptionError, match="4 similar images among 3"):
        similar(Pixels(), digits, queries=np.array([0]), among=np.array([1, 2, 3]), k=4)


def test_queries_are_drawn_one_of_each_class(digits):
    found = similar(Pixels(), digits, queries=np.arange(50), among=np.arange(50, 99), k=4)
    few = Image.open(io.BytesIO(beside.alike(digits, found.queries, found.found, 2)))
    many = Image.open(io.BytesIO(beside.alike(digits, found.queries, found.found, 6)))
    assert many.width == few.width
    assert many.height == pytest.approx(3 * few.height, rel=0.02)
