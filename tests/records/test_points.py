"""Images as points: coordinates on axes and back, and graphs of neighbours cut shorter."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import Neighbours, Pca, Projection


@pytest.fixture
def axes():
    """All axes of ten points in four dimensions."""
    points = np.random.default_rng(0).normal(size=(10, 4)) * [4, 3, 2, 1]
    mean = points.mean(axis=0)
    _, sizes, components = np.linalg.svd(points - mean, full_matrices=False)
    variances = sizes**2 / 9
    return points, Pca(mean, components, variances, variances / variances.sum(), 10)


def test_coordinates_have_the_variances_of_their_axes(axes):
    points, pca = axes
    found = pca.transform(points)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.var(axis=0, ddof=1), pca.variances, rtol=1e-5)
    np.testing.assert_allclose(pca.ratios.sum(), 1)


def test_on_all_axes_nothing_is_lost(axes):
    points, pca = axes
    np.testing.assert_allclose(pca.inverse(pca.transform(points)), points, atol=1e-5)


def test_fewer_axes_are_the_first_ones(axes):
    points, pca = axes
    two = pca.keep(2)
    assert len(two) == 2
    assert two.spectrum is pca.spectrum
    np.testing.assert_array_equal(two.transform(points), pca.transform(points)[:, :2])
    back = two.inverse(two.transform(points))
    lost = ((back - points) ** 2).sum() / ((points - pca.mean) ** 2).sum()
    assert lost == pytest.approx(1 - two.ratios.sum(), rel=1e-4)


def test_axes_that_explain_more_than_a_proportion_are_counted(axes):
    _, pca = axes
    held = np.cumsum(pca.spectrum)
    assert pca.needed(float(held[0]) - 1e-9) == 1
    assert pca.needed(float(held[0])) == 2  # exactly so much is not more than it
    assert pca.needed(0.999999) == 4


def test_images_are_points_however_many_there_are(axes):
    _, pca = axes
    many = np.random.default_rng(1).integers(0, 255, (5000, 2, 2), np.uint8)
    found = pca.transform(many)
    np.testing.assert_array_equal(found[4990:], pca.transform(many[4990:]))


def test_a_graph_is_cut_to_the_nearest():
    graph = Neighbours(np.array([[1, 2], [0, 2]]), np.array([[1, 3], [1, 2]], np.float32))
    assert (len(graph), graph.k) == (2, 2)
    one = graph.nearest(1)
    assert one.k == 1
    assert one.indices.tolist() == [[1], [0]]
    assert one.distances.tolist() == [[1], [1]]


def test_a_map_says_how_far_it_can_be_trusted():
    found = Projection(
        "tsne", np.arange(1200), np.zeros((1200, 2), np.float32), ("x", "y"),
        quality={"trustworthiness": 0.98765},
    )  # fmt: skip
    assert repr(found) == "<Projection tsne: 1,200 images on 2 axes, trustworthiness 0.9877>"
