"""Figures: files that open, of what was given and nothing else."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import OptionError
from hangtag.rooms.cluster import (
    agreement,
    draw,
    gallery,
    generate,
    kmeans_sweep,
    mixture_sweep,
)


@pytest.fixture(scope="module")
def sweep(points, digits):
    return kmeans_sweep(points, (4, 8, 12, 30), n_init=2, images=digits, silhouette_sample=300)


@pytest.fixture(scope="module")
def mixtures(points, digits):
    return mixture_sweep(points, (2, 4), covariance="diagonal", n_init=1, images=digits)


def _svg(data):
    root = ElementTree.fromstring(data)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return root


def test_draws_the_curves_of_both_sweeps(sweep, mixtures):
    for one in (sweep, mixtures):
        _svg(draw.curves(one))
        assert draw.curves(one) == draw.curves(one)


def test_draws_the_clusters_on_a_map_and_says_that_it_is_a_sample(sweep, points):
    whole, part = (draw.scatter(sweep.chosen, points[:, :2], n=n) for n in (5000, 100))
    _svg(whole)
    assert whole.count(b"<use") > part.count(b"<use") > 100


def test_a_map_needs_one_place_per_clustered_image(sweep, points):
    with pytest.raises(OptionError, match="1797 images were clustered"):
        draw.scatter(sweep.chosen, points[:100, :2])


def test_draws_images_of_every_cluster_only_from_their_own_set(sweep, digits):
    shown = gallery(sweep.chosen, n=6)
    image = Image.open(io.BytesIO(draw.gallery_grid(shown, digits)))
    assert image.format == "PNG"
    with pytest.raises(OptionError, match="these clusters count in set"):
        draw.gallery_grid(shown, digits.take(np.arange(50)))


def test_draws_centres_as_images(sweep):
    k = sweep.chosen.k
    low = draw.centres(sweep.chosen, np.zeros((k, 8, 8, 1)))
    high = draw.centres(sweep.chosen, np.full((k, 8, 8, 3), 300.0))
    assert (
        np.asarray(Image.open(io.BytesIO(high))).mean()
        > np.asarray(Image.open(io.BytesIO(low))).mean()
    )


def test_draws_new_images_above_their_nearest_real_ones(mixtures, points, digits):
    drawn = generate(mixtures.chosen, points, n=13, seed=1)
    pixels = np.random.default_rng(0).uniform(0, 255, (13, 8, 8, 1))
    Image.open(io.BytesIO(draw.new_images(drawn, pixels, digits))).load()
    with pytest.raises(OptionError, match="these clusters count in set"):
        draw.new_images(drawn, pixels, digits.take(np.arange(50)))


def test_draws_the_table_of_clusters_and_classes(sweep, digits):
    _svg(draw.agreement_table(agreement(sweep.chosen, digits)))
