"""Galleries: the images of a cluster are images of that cluster, whatever was clustered."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import Clustering
from hangtag.rooms.cluster import gallery, generate, kmeans, mixture


@pytest.fixture(scope="module")
def sample(points):
    """A thousand random digits, as the S0 study took a thousand random garments."""
    return np.sort(np.random.default_rng(33).choice(len(points), 1000, replace=False))


@pytest.fixture(scope="module")
def clusters(points, digits, sample):
    return kmeans(points[sample], 10, seed=33, images=digits, indices=sample)


def _purity(digits, shown):
    counts = [np.bincount(digits.labels[one], minlength=10) for one in shown]
    return sum(one.max() for one in counts) / sum(one.sum() for one in counts)


def test_the_studys_mistake_shows_random_images(points, digits, sample):
    """k-means refitted on a sample, its positions used on the full set, as in the S0 study."""
    from sklearn.cluster import KMeans

    refitted = KMeans(10, n_init=10, random_state=33).fit(points[sample])
    mistaken = [np.flatnonzero(refitted.labels_ == cluster) for cluster in range(10)]
    meant = [sample[positions] for positions in mistaken]
    assert _purity(digits, meant) > 0.7
    assert _purity(digits, mistaken) < 0.3


def test_ours_shows_the_images_that_were_clustered(digits, sample, clusters):
    shown = gallery(clusters, n=1000)
    assert sorted(np.concatenate(shown.indices)) == sorted(sample)
    assert _purity(digits, shown.indices) > 0.7
    for cluster in range(10):
        members = sample[clusters.assignments == cluster]
        assert np.array_equal(shown.pictures(digits, cluster), digits.images[members])
        assert shown.captions(digits, cluster)[0] == digits.class_names[digits.labels[members[0]]]


def test_the_studys_mistake_cannot_be_made_here(points, digits, sample, clusters):
    # Points of a sample without saying which images they are.
    with pytest.raises(OptionError, match="1000 points and 1797 images; which images"):
        kmeans(points[sample], 10, images=digits)
    # Clusters of a sample's own set, shown on the full set.
    own = kmeans(points[sample], 10, images=digits.take(sample))
    for use in (
        lambda: gallery(own, n=3).pictures(digits, 0),
        lambda: gallery(own, n=3).captions(digits, 0),
        lambda: own.labels(digits),
    ):
        with pytest.raises(OptionError, match="these clusters count in set"):
            use()
    # Clusters of nobody knows what, shown on anything.
    nameless = kmeans(points[sample], 10)
    with pytest.raises(OptionError, match="points of no known set"):
        gallery(nameless).pictures(digits, 0)
    # Clusters of the full set, shown on the sample.
    with pytest.raises(OptionError, match="these clusters count in set"):
        gallery(clusters).pictures(digits.take(sample), 0)


@pytest.mark.parametrize(
    ("indices", "sentence"),
    [
        (np.arange(999), "indices of shape"),
        (np.zeros(1000, int), "negative or there twice"),
        (np.arange(-1, 999), "negative or there twice"),
        (np.arange(1000, 2000), "image 1999 was asked for; the set has 1797"),
    ],
)
def test_refuses_indices_that_cannot_be(points, digits, sample, indices, sentence):
    with pytest.raises(OptionError, match=sentence):
        kmeans(points[sample], 3, images=digits, indices=indices)


def test_central_images_are_the_nearest_to_the_centre(points, sample, clusters):
    shown = gallery(clusters, n=5, choice="central", points=points[sample])
    for cluster, indices in enumerate(shown.indices):
        gaps = np.linalg.norm(points - clusters.centres[cluster], axis=1)
        members = clusters.members(cluster)
        assert list(indices) == list(members[np.argsort(gaps[members], kind="stable")[:5]])


def test_random_images_come_from_the_seed(clusters):
    first, again = (gallery(clusters, n=5, choice="random", seed=4) for _ in range(2))
    other = gallery(clusters, n=5, choice="random", seed=5)
    assert all(map(np.array_equal, first.indices, again.indices))
    assert not all(map(np.array_equal, first.indices, other.indices))


def test_an_empty_cluster_shows_nothing(digits):
    empty = Clustering(
        "kmeans", np.arange(3), np.array([0, 0, 2]), np.zeros((3, 2)), digits.fingerprint
    )
    shown = gallery(empty)
    assert [len(one) for one in shown.indices] == [2, 0, 1]
    assert shown.pictures(digits, 1).shape == (0, 8, 8, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n": 0}, "0 images per cluster"),
        ({"choice": "best"}, "no choice 'best'"),
        ({"choice": "central"}, "need the points"),
        ({"choice": "central", "points": np.zeros((3, 20))}, "1000 points were clustered"),
    ],
)
def test_refuses_what_cannot_be(clusters, options, sentence):
    with pytest.raises(OptionError, match=sentence):
        gallery(clusters, **options)


def test_a_clustering_can_be_kept_as_json(clusters):
    import json

    back = Clustering.from_dict(json.loads(json.dumps(clusters.to_dict())))
    assert np.array_equal(back.assignments, clusters.assignments)
    assert np.array_equal(back.indices, clusters.indices)
    assert np.array_equal(back.centres, clusters.centres)
    assert back.fingerprint == clusters.fingerprint


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_new_points_follow_the_mixture_and_name_the_nearest_image(
    points, digits, sample, covariance
):
    model = mixture(points[sample], 3, covariance=covariance, seed=1, images=digits, indices=sample)
    drawn = generate(model, points[sample], n=4000, seed=2)
    proportions = np.bincount(drawn.components, minlength=3) / 4000
    assert np.allclose(proportions, model.weights, atol=0.04)
    for one in range(3):
        some = drawn.points[drawn.components == one]
        errors = np.abs(some.mean(axis=0) - model.means[one])
        assert (errors < 5 * some.std(axis=0) / np.sqrt(len(some))).all()
    gaps = np.linalg.norm(points[sample] - drawn.points[7], axis=1)
    assert drawn.nearest[7] == sample[gaps.argmin()]
    assert drawn.distances[7] == pytest.approx(gaps.min(), rel=1e-4)
    assert drawn.distances.min() > 0
    assert 0 < drawn.usual < np.median(drawn.distances) * 3


def test_the_spread_of_new_points_is_the_components(points):
    model = mixture(points, 1, seed=1)
    drawn = generate(model, points, n=20000, seed=3)
    variances = points.var(axis=0)
    errors = np.abs(np.cov(drawn.points.T) - np.cov(points.T))
    assert (errors < 0.05 * np.sqrt(np.outer(variances, variances))).all()


def test_new_points_come_from_the_seed(points):
    model = mixture(points, 3)
    first, again = (generate(model, points, n=5, seed=1) for _ in range(2))
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.points, generate(model, points, n=5, seed=2).points)


def test_new_points_need_the_points_of_the_mixture(points):
    model = mixture(points, 3)
    with pytest.raises(OptionError, match="fitted on 1797 points"):
        generate(model, points[:10])
    with pytest.raises(OptionError, match="0 new images"):
        generate(model, points, n=0)
