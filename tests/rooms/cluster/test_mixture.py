"""Gaussian mixtures: scikit-learn's, for every shape, and honest about singular covariances."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from hangtag.errors import OptionError
from hangtag.rooms.cluster import expectation, mixture, mixture_sweep
from hangtag.rooms.cluster.covariance.table import COVARIANCES

NAMES = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


def _theirs(points, k, covariance, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(k, covariance_type=NAMES[covariance], **options).fit(points)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("k", [1, 4, 11])
def test_gives_the_mixture_of_scikit_learn(points, covariance, k):
    theirs = _theirs(points, k, covariance, n_init=2, random_state=8)
    ours = mixture(points, k, covariance=covariance, n_init=2, seed=8)
    assert ours.row.bic == pytest.approx(theirs.bic(points), rel=1e-7)
    assert ours.row.aic == pytest.approx(theirs.aic(points), rel=1e-7)
    assert ours.row.iterations == theirs.n_iter_
    assert np.allclose(ours.weights, theirs.weights_, atol=1e-6)
    assert np.allclose(ours.means, theirs.means_, atol=1e-3)
    assert np.allclose(ours.covariances, theirs.covariances_, atol=0.1, rtol=1e-4)
    assert np.array_equal(ours.clustering.assignments, theirs.predict(points))
    assert np.allclose(ours.responsibilities, theirs.predict_proba(points), atol=1e-4)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_sweep_gives_each_number_what_it_has_alone_and_chooses_the_lowest_bic(points, covariance):
    sweep = mixture_sweep(points, (2, 5, 9), covariance=covariance, n_init=2, seed=4)
    for row, one in zip(sweep.rows, sweep.mixtures, strict=True):
        alone = mixture(points, row.k, covariance=covariance, n_init=2, seed=4)
        assert row == alone.row
        assert np.array_equal(one.clustering.assignments, alone.clustering.assignments)
    assert sweep.choice.k == min(sweep.rows, key=lambda row: row.bic).k
    assert sweep.chosen.row.k == sweep.choice.k


def test_leaving_negligible_components_out_changes_no_density(points):
    centered = expectation.centered(points)
    full = COVARIANCES["full"]
    own = np.arange(len(points)) % 12
    belongs = np.zeros((12, len(points)))
    belongs[own, np.arange(len(points))] = 1
    parameters = expectation.maximise(centered, belongs, full, 1e-6)
    _, belongs, owners = expectation.expect(centered, parameters, None, full)
    parameters = expectation.maximise(centered, belongs, full, 1e-6)
    whole = full.log_densities(centered, parameters, None)
    # Any owners must do, since they are only a hint: their components' densities bound the rest.
    for hint in (owners, own.astype(np.intp)):
        part = full.log_densities(centered, parameters, hint)
        mattering = whole > whole.max(axis=0) - 36.9
        assert np.allclose(part[mattering], whole[mattering], rtol=1e-12)
        left = np.isneginf(part)
        assert (whole[left] < np.broadcast_to(whole.max(axis=0), whole.shape)[left] - 36.9).all()


def test_leaves_most_pairs_out_where_components_are_far_apart(points):
    centered = expectation.centered(points)
    full = COVARIANCES["full"]
    fitted = expectation.fit(
        centered, (np.arange(len(points)) % 9).astype(np.int32), 9, full,
        expectation.Limits(20, 1e-3, 1e-6),
    )  # fmt: skip
    logs = full.log_densities(centered, fitted.parameters, fitted.owners)
    assert np.isneginf(logs).mean() > 0.4


def test_the_order_of_coordinates_does_not_matter(points):
    here = mixture(points, 6, seed=2)
    there = mixture(points[:, ::-1], 6, seed=2)
    assert there.row.bic == pytest.approx(here.row.bic, rel=1e-4)
    assert there.means.shape == here.means.shape


def test_says_which_covariances_are_singular(points):
    few = points[:60]
    found = mixture(few, 5, seed=0)
    assert found.row.regularised == 5
    assert "5 of 5 covariances are singular" in found.clustering.notes[0]
    assert np.isfinite(found.row.bic)


def test_widens_a_covariance_that_regularisation_leaves_singular():
    line = np.outer(np.arange(50.0), [1.0, 2.0, 3.0])
    found = mixture(line, 2, regularisation=0.0)
    assert np.isfinite(found.row.bic)
    assert found.row.regularised == 2


def test_the_choice_warns_of_a_bic_that_singular_covariances_have_made(points):
    sweep = mixture_sweep(points[:300], (1, 2, 15), n_init=1)
    assert sweep.choice.k == 15
    assert "covariances are singular" in sweep.choice.reason
    assert any(note.startswith("k = 15:") for note in sweep.notes)


def test_says_when_it_did_not_converge(points):
    found = mixture(points, 8, max_iter=2)
    assert not found.row.converged
    assert "not converged after 2 iterations" in found.clustering.notes[-1]


def test_one_class_only_makes_one_component(points):
    same = np.repeat(points[:1], 30, axis=0)
    found = mixture(same, 1)
    assert np.allclose(found.means[0], points[0])
    assert found.row.regularised == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"k": 1798}, "1798 clusters were asked for; there are 1797 images"),
        ({"k": 2, "covariance": "diag"}, "no covariance 'diag'"),
        ({"k": 2, "regularisation": -1.0}, "regularisation is -1.0"),
        ({"k": 2, "n_init": 0}, "n_init is 0"),
    ],
)
def test_refuses_what_cannot_be(points, change, sentence):
    with pytest.raises(OptionError, match=sentence):
        mixture(points, **change)


def test_refuses_a_rule_of_another_method(points):
    with pytest.raises(OptionError, match="no rule 'elbow'"):
        mixture_sweep(points, (2, 3), rule="elbow")
