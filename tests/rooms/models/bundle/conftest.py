"""What tests of bundles share: a forest and a mixture, their bundles, and bundles tampered with."""

from __future__ import annotations

from types import SimpleNamespace

import onnx
import pytest

from hangtag.errors import BundleError
from hangtag.geometry import Axes, fit_pca
from hangtag.records import Preprocessing
from hangtag.rooms import cluster, forest, models

CROPPED = Preprocessing((8, 8, 1), (1, 8), (0, 7), scale=1.0)
LEARNT = slice(900)


def _axes(digits, components):
    pca = fit_pca(digits.images[LEARNT, 1:8, 0:7], components=components)
    return Axes(pca.mean, pca.components)


def _writer(export, describe):
    """A function that writes a model as a bundle; `describe` gives its description."""

    def write(place, one, *, kind="random-forest", **change):
        options = {
            "arrays": one.arrays(),
            "model": export(one),
            "class_names": one.class_names,
            "class_codes": one.class_codes,
            "facts": one.facts,
            **change,
        }
        return models.write_arrays_bundle(place, describe(one, kind), one.preprocessing, **options)

    return write


@pytest.fixture(scope="session")
def forests(digits):
    """Forests on the first 900 digits: a function that grows one, axes, and one that writes."""

    def grown(kind="random-forest", axes=None, trees=6, **options):
        points = forest.points_of(digits.images[LEARNT], CROPPED, axes)
        made = forest.fit(
            points, digits.labels[LEARNT], n_estimators=trees, kind=kind, seed=3, **options
        )
        about = (digits.class_names, digits.class_codes, axes, {"threshold": 0.25})
        return forest.Forest(made, CROPPED, *about)

    write = _writer(forest.onnx_model, lambda one, kind: one.spec(kind))
    return SimpleNamespace(grown=grown, axes=_axes(digits, 12), write=write)


@pytest.fixture(scope="session")
def mixtures(digits):
    """Mixtures on the first 900 digits: a function that fits one, axes, and one that writes."""

    def fitted(covariance="full", *, class_conditional=False, axes=None, k=3):
        points = cluster.points_of(digits.images[LEARNT], CROPPED, axes)
        options = {"covariance": covariance, "class_conditional": class_conditional, "seed": 3}
        (one,) = cluster.classifying(points, digits.labels[LEARNT], [k], **options)
        about = (digits.class_names, digits.class_codes, axes, {"threshold": 0.25})
        return cluster.MixtureClassifier(one.components, one.k, class_conditional, CROPPED, *about)

    write = _writer(cluster.onnx_model, lambda one, kind: one.spec)
    return SimpleNamespace(fitted=fitted, axes=_axes(digits, 6), write=write)


@pytest.fixture(scope="session")
def small_forest(forests):
    """Two trees of depth 3 on pixels."""
    return forests.grown(trees=2, max_depth=3)


@pytest.fixture(scope="session")
def full_mixture(mixtures):
    """Three components with full covariances on six axes."""
    return mixtures.fitted(axes=mixtures.axes)


@pytest.fixture
def refusal(reseal):
    """A function that changes a bundle's model, makes all hashes right, and gives what is said."""

    def change(place, edit):
        model = onnx.load_model_from_string((place / "model.onnx").read_bytes())
        changed = edit(model)
        data = changed if isinstance(changed, bytes) else model.SerializeToString()
        reseal(place, model=data)
        with pytest.raises(BundleError) as caught:
            models.open_bundle(place)
        assert "\n" not in caught.value.message
        return caught.value.message

    return change
