"""Groups of images: members by group, and indices that are used on no other set than their own."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.records import (
    Agreement,
    Choice,
    Clustering,
    Gallery,
    Mixture,
    MixtureRow,
    MixtureSweep,
    Sweep,
    SweepRow,
)


@pytest.fixture(scope="module")
def images():
    pixels = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
    return hangtag.from_arrays(pixels, ["cat", "dog", "cat", "dog", "dog", "cat"])


def clusters(images, k=3):
    return Clustering(
        "kmeans", np.array([1, 2, 4, 5]), np.array([0, 2, 0, 0]), np.zeros((k, 4)),
        images.fingerprint,
    )  # fmt: skip


def test_sizes_count_empty_clusters(images):
    found = clusters(images)
    assert len(found) == 4
    assert found.k == 3
    assert found.sizes.tolist() == [3, 0, 1]
    assert repr(found) == "<Clustering kmeans: 4 images in 3 clusters of 0 to 3>"


def test_members_are_indices_into_the_set(images):
    found = clusters(images)
    assert [found.members(one).tolist() for one in range(3)] == [[1, 4, 5], [], [2]]
    assert found.labels(images).tolist() == images.labels[[1, 2, 4, 5]].tolist()


def test_indices_of_one_set_are_refused_on_another(images):
    other = images.take(np.arange(6)[::-1])
    with pytest.raises(OptionError, match="these clusters count in set"):
        clusters(images).labels(other)
    unknown = Clustering("kmeans", np.array([0]), np.array([0]), np.zeros((1, 4)))
    with pytest.raises(OptionError, match="points of no known set"):
        unknown.labels(images)


def test_a_gallery_shows_images_with_their_classes(images):
    shown = Gallery((np.array([1, 4]), np.array([], np.int64)), "first", images.fingerprint)
    assert np.array_equal(shown.pictures(images, 0), images.images[[1, 4]])
    assert shown.captions(images, 0) == ("dog", "dog")
    assert shown.captions(images, 1) == ()
    with pytest.raises(OptionError):
        shown.pictures(images.take(np.array([0, 1])), 0)


def row(k):
    return SweepRow(k, 10.0 / k, 5, 1.0, 0, math.nan, 0.0, 2.0, 3.0)


def test_a_sweep_gives_the_clustering_of_the_chosen_number(images):
    tried = tuple(clusters(images, k) for k in (3, 4))
    sweep = Sweep((row(3), row(4)), tried, Choice(4, "elbow", "it bends"), {"seed": 0}, {"k": 1.0})
    assert sweep.place == 1
    assert sweep.chosen is sweep.clustering is tried[1]


def test_a_sweep_is_told_without_its_clusterings_and_without_nan(images):
    sweep = Sweep((row(3),), (clusters(images),), Choice(3, "elbow", "one"), {}, {}, ("few",))
    values = json.loads(json.dumps(sweep.to_dict(), allow_nan=False))
    assert list(values) == ["rows", "choice", "options", "seconds", "notes"]
    assert values["rows"][0]["silhouette"] is None
    assert values["rows"][0]["inertia"] == pytest.approx(10 / 3)
    assert values["choice"] == {"k": 3, "rule": "elbow", "reason": "one"}


def test_a_sweep_of_mixtures_gives_the_clustering_of_the_chosen_one(images):
    rows = tuple(MixtureRow(k, "full", 1.0, 2.0, -3.0, 4, True, 0) for k in (2, 3))
    made = tuple(
        Mixture(clusters(images, one.k), np.ones(one.k), np.ones((one.k, 4, 4)),
                np.ones((4, one.k), np.float32), one)
        for one in rows
    )  # fmt: skip
    sweep = MixtureSweep(rows, made, Choice(2, "bic", "least"), {}, {})
    assert sweep.chosen is made[0]
    assert sweep.clustering is made[0].clustering
    assert sweep.chosen.means.shape == (2, 4)
    assert sweep.to_dict()["rows"][1]["k"] == 3


def test_agreement_counts_its_images_and_survives_json():
    one = Agreement(np.array([[3, 0], [1, 2]]), ("a", "b"), 0.1, 0.2, 0.8, 0.7, (0, 1))
    assert len(one) == 6
    back = Agreement.from_dict(json.loads(json.dumps(one.to_dict())))
    assert back.matching == (0, 1)
    assert np.array_equal(back.table, one.table)
