"""Principal axes: the same as scikit-learn's, from either side of the matrix."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag import memory
from hangtag.errors import MachineError, OptionError
from hangtag.geometry import fit_pca, principal


def rows(images):
    return images.reshape(len(images), -1)


@pytest.mark.parametrize("n", [1797, 40], ids=["more images than pixels", "fewer"])
@pytest.mark.parametrize("large", [principal.LARGE, 8], ids=["small", "in its own memory"])
def test_gives_scikit_learns_axes_signs_and_ratios(digits, n, large, monkeypatch):
    from sklearn.decomposition import PCA

    monkeypatch.setattr(principal, "LARGE", large)
    points = rows(digits.images[:n]) / 255
    ours, theirs = fit_pca(points, components=10), PCA(10, svd_solver="full").fit(points)
    np.testing.assert_allclose(ours.components, theirs.components_, atol=1e-9)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(ours.ratios, theirs.explained_variance_ratio_, rtol=1e-9)
    np.testing.assert_allclose(ours.transform(points), theirs.transform(points), atol=1e-5)
    back = theirs.inverse_transform(theirs.transform(points))
    np.testing.assert_allclose(ours.inverse(ours.transform(points)), back, atol=1e-5)


@pytest.mark.parametrize("proportion", [0.5, 0.7, 0.9, 0.95, 0.99])
def test_counts_components_for_a_proportion_as_scikit_learn_does(digits, proportion):
    from sklearn.decomposition import PCA

    points = rows(digits.images)
    theirs = PCA(proportion, svd_solver="full").fit(points / 255).n_components_
    assert len(fit_pca(points, share=proportion)) == theirs == fit_pca(points).needed(proportion)


def test_the_sign_study_has_its_exact_figures(sign):
    from sklearn.model_selection import StratifiedShuffleSplit

    train = sign.parts["train"].stop
    halves = StratifiedShuffleSplit(1, test_size=0.2, random_state=22)
    kept, _ = next(halves.split(sign.images[:train], sign.labels[:train]))
    axes = fit_pca(sign.images[kept], share=0.95)
    assert (len(kept), len(axes)) == (21_964, 113)
    assert [f"{ratio:.4%}" for ratio in axes.ratios[:2]] == ["31.0377%", "9.5145%"]


def test_the_fashion_study_has_its_exact_figures(fashion):
    axes = fit_pca(fashion.images[fashion.parts["train"]], components=9)
    assert [f"{ratio:.4f}" for ratio in axes.ratios[:2]] == ["0.2904", "0.1776"]
    assert f"{axes.ratios.sum():.1%}" == "70.7%"
    assert [axes.needed(proportion) for proportion in (0.7, 0.8, 0.9, 0.95, 0.99)] == [
        9,
        24,
        84,
        187,
        459,
    ]


@pytest.mark.parametrize("shape", [(400, 250), (250, 5000)], ids=["more points", "fewer"])
def test_few_axes_of_many_are_the_first_of_all(shape, monkeypatch):
    monkeypatch.setattr(principal, "FULL", 200)
    random = np.random.default_rng(0)
    factors = random.normal(size=(shape[0], 12)) * np.linspace(9, 2, 12)
    points = factors @ random.normal(size=(12, shape[1])) + random.normal(size=shape)
    few, full = fit_pca(points, components=8), fit_pca(points)
    np.testing.assert_allclose(few.variances, full.variances[:8], rtol=1e-9)
    np.testing.assert_allclose(few.components, full.components[:8], atol=1e-7)
    np.testing.assert_allclose(few.ratios, full.ratios[:8], rtol=1e-9)
    assert few.needed(few.ratios.sum() - 1e-9) == 8
    with pytest.raises(ValueError, match="8 axes alone"):
        few.needed(0.999)


def test_few_axes_of_points_on_fewer_are_found_all_the_same(monkeypatch):
    monkeypatch.setattr(principal, "FULL", 200)
    line = np.random.default_rng(0).normal(size=(300, 1)) * np.arange(1, 252)
    axes = fit_pca(line, components=3)
    assert axes.ratios[0] == pytest.approx(1)
    assert axes.variances[1] <= 1e-9 * axes.variances[0]


def test_what_does_not_fit_into_memory_is_refused_before_the_work(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 1_000_000)
    with pytest.raises(MachineError, match=r"pca of 900 points of 784 numbers needs 0\.1 GB"):
        fit_pca(np.zeros((900, 784), np.uint8))


def test_transforms_other_images_by_the_mean_it_was_fitted_with(digits):
    axes = fit_pca(digits.images[:900])
    one = digits.images[900:901]
    alone, among = axes.transform(one), axes.transform(digits.images[900:])
    np.testing.assert_allclose(alone, among[:1], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(axes.inverse(alone).round(), rows(one), atol=1)


def test_a_part_of_the_axes_is_the_same_axes(digits):
    full = fit_pca(digits.images)
    np.testing.assert_array_equal(full.keep(3).components, full.components[:3])
    assert len(full.keep(3).ratios) == 3
    assert full.spectrum.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (np.zeros((1, 4)), {}, "pca needs at least 2 points"),
        (np.eye(5), {"components": 8}, "pca to 8 dimensions needs 1 to 5"),
        (np.eye(5), {"components": 0}, "pca to 0 dimensions"),
        (np.eye(5), {"share": 1.5}, "proportion of 1.5"),
        (np.eye(5), {"share": 0.5, "components": 2}, "not both"),
        (np.ones((5, 3)), {}, "all are equal"),
    ],
)
def test_says_what_cannot_be_done(points, options, message):
    with pytest.raises(OptionError, match=message):
        fit_pca(points, **options)


def test_refuses_a_matrix_that_would_fill_the_memory_before_making_it():
    wide = np.broadcast_to(np.zeros(1, np.uint8), (200_000, 200_000))
    with pytest.raises(OptionError, match="200000 x 200000"):
        fit_pca(wide)
