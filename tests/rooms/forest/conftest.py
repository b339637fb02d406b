"""Real digits divided into training and validation, and a small grid over them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hangtag.geometry import fit_pca
from hangtag.records import Preprocessing
from hangtag.rooms.forest import Axes, Forest, fit, grid, points_of

SIZES, DEPTHS = (3, 5, 9), (2, 5, 9, 25, 40)


@pytest.fixture(scope="session")
def data(digits):
    """Digits as points: 1,200 to train, 400 to choose by, the rest to test."""
    order = np.random.default_rng(0).permutation(len(digits))
    preprocessing = Preprocessing(digits.shape, (0, 8), (0, 8), scale=1.0)
    points = points_of(digits.images, preprocessing, None)
    train, choose = order[:1200], order[1200:1600]
    return SimpleNamespace(
        preprocessing=preprocessing,
        points=points[train],
        labels=digits.labels[train],
        validation=(points[choose], digits.labels[choose]),
        images=digits.images[order[1600:]],
        test=points[order[1600:]],
        set=digits,
        train=train,
    )


@pytest.fixture(scope="session", params=["random-forest", "extra-trees"])
def grown(request, data):
    """A grid of both kinds, every tree grown to its depth."""
    return grid(
        data.points,
        data.labels,
        validation=data.validation,
        n_estimators=SIZES,
        max_depths=DEPTHS,
        kind=request.param,
        seed=11,
    )


@pytest.fixture(scope="session")
def forest(data):
    """A forest on pixels."""
    trees = fit(data.points, data.labels, n_estimators=12, seed=4)
    return _forest(data, trees, None)


@pytest.fixture(scope="session")
def projected(data):
    """A forest on the first 15 principal axes."""
    pca = fit_pca(data.set.images[data.train], components=15)
    axes = Axes(pca.mean, pca.components)
    points = points_of(data.set.images[data.train], data.preprocessing, axes)
    return _forest(data, fit(points, data.labels, n_estimators=12, seed=4), axes)


def _forest(data, trees, axes):
    names, codes = data.set.class_names, data.set.class_codes
    return Forest(trees, data.preprocessing, names, codes, axes, {"threshold": 0.4})
