"""Figures of maps: they open, say how much they show, and refuse what they cannot show."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import OptionError
from hangtag.rooms.reduce import reduce
from hangtag.rooms.reduce.draw import scatter, with_thumbnails


@pytest.fixture(scope="module")
def chart(digits):
    return reduce(digits)


def test_every_class_is_in_the_legend_and_the_sample_in_the_title(chart, digits, monkeypatch):
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    titles, names = [], []
    monkeypatch.setattr(Axes, "set_title", lambda _, text, **__: titles.append(text))
    monkeypatch.setattr(Figure, "legend", lambda _, __, labels, **___: names.extend(labels))
    drawn = scatter(chart, digits.labels, digits.class_names, points=500)
    assert drawn.startswith(b"<?xml")
    assert names == list(digits.class_names)
    assert "500 of 1,797 points" in titles[0]
    assert "trustworthiness" in titles[0]


def test_the_same_seed_draws_the_same_figure(chart, digits):
    one, again = (scatter(chart, digits.labels, digits.class_names, seed=3) for _ in range(2))
    assert one == again


def test_thumbnails_are_drawn_as_an_image(chart, digits):
    image = Image.open(io.BytesIO(with_thumbnails(chart, digits, points=300)))
    assert image.format == "PNG"
    assert image.width > 1000


def test_unlabelled_points_and_clusters_can_be_drawn(chart):
    clusters = np.arange(len(chart)) % 30 - 1
    assert scatter(chart, clusters, [f"cluster {one}" for one in range(29)]).startswith(b"<?xml")


def test_says_what_it_cannot_draw(chart, digits):
    with pytest.raises(OptionError, match="got 3 labels"):
        scatter(chart, digits.labels[:3], digits.class_names)
    solid = reduce(digits, dimensions=3, measure=False)
    with pytest.raises(OptionError, match="the map has 3"):
        scatter(solid, digits.labels, digits.class_names)
