"""A k-means sweep: each number as if it had been alone, scored as scikit-learn scores it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans

from hangtag.errors import OptionError
from hangtag.rooms.cluster import hard, kmeans, kmeans_sweep

KS = (2, 7, 10, 20, 66)


@pytest.fixture(scope="module")
def sweep(points):
    return kmeans_sweep(points, KS, n_init=4, seed=3, patience=0)


def test_gives_each_number_the_clusters_it_has_alone(points, sweep):
    for row, clusters in zip(sweep.rows, sweep.clusterings, strict=True):
        alone = kmeans(points, row.k, n_init=4, init="random", seed=3)
        assert np.array_equal(clusters.assignments, alone.assignments)
        assert row.inertia == alone.scores["inertia"]


def test_gives_the_best_of_scikit_learns_starts(points, sweep):
    for row, clusters in zip(sweep.rows, sweep.clusterings, strict=True):
        theirs = KMeans(row.k, n_init=4, init="random", random_state=3).fit(points)
        assert row.inertia == pytest.approx(theirs.inertia_, rel=1e-9)
        assert np.array_equal(clusters.assignments, theirs.labels_)


def test_scores_are_scikit_learns(points, sweep):
    for row, clusters in zip(sweep.rows, sweep.clusterings, strict=True):
        own = clusters.assignments
        assert row.silhouette == pytest.approx(metrics.silhouette_score(points, own), abs=1e-6)
        assert row.silhouette_error == 0
        ratio = metrics.calinski_harabasz_score(points, own)
        assert row.calinski_harabasz == pytest.approx(ratio, rel=1e-9)
        assert row.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(points, own))


def test_a_sampled_silhouette_says_so_and_has_the_exact_one_in_its_error_bar(points, sweep):
    sampled = kmeans_sweep(points, KS, n_init=4, seed=3, patience=0, silhouette_sample=400)
    for part, whole in zip(sampled.rows, sweep.rows, strict=True):
        assert 0 < part.silhouette_error < 0.02
        assert abs(part.silhouette - whole.silhouette) < 4 * part.silhouette_error
    assert "400 of 1797 points" in sampled.notes[0]


def test_silhouettes_of_very_many_points_are_sampled_unless_all_are_asked_for(points, monkeypatch):
    monkeypatch.setattr(hard, "EXACT", 1000)
    monkeypatch.setattr(hard, "SAMPLED", 300)
    sampled = kmeans_sweep(points, (3,), n_init=1, seed=3)
    assert sampled.notes[0].startswith("silhouettes are means over 300 of 1797 points")
    exact = kmeans_sweep(points, (3,), n_init=1, seed=3, silhouette_sample=len(points))
    assert exact.rows[0].silhouette_error == 0


def test_giving_hopeless_starts_up_keeps_the_best_and_says_how_many(points):
    patient = kmeans_sweep(points, (10, 20), n_init=30, seed=1, patience=0)
    quick = kmeans_sweep(points, (10, 20), n_init=30, seed=1, patience=20)
    assert sum(row.stopped_early for row in quick.rows) > 0
    assert (
        f"{sum(row.stopped_early for row in quick.rows)} of 60 restarts were stopped early"
        in quick.notes[0]
    )
    for one, other in zip(quick.rows, patient.rows, strict=True):
        assert one.inertia == pytest.approx(other.inertia, rel=5e-3)
        assert other.stopped_early == 0


def test_which_starts_are_given_up_does_not_depend_on_the_threads(points, monkeypatch):
    from hangtag.geometry import threads

    results = []
    for workers in (1, 4):
        monkeypatch.setattr(threads, "processors", lambda workers=workers: workers)
        found = kmeans_sweep(points, (10, 20), n_init=20, seed=1, patience=20)
        results.append([(row.inertia, row.stopped_early, row.stability) for row in found.rows])
    assert results[0] == results[1]


def test_a_single_cluster_and_one_cluster_per_image_have_no_silhouette(points):
    few = points[:30]
    sweep = kmeans_sweep(few, (1, 30), n_init=2)
    assert np.isnan([row.silhouette for row in sweep.rows]).all()


def test_chooses_by_the_rule_asked_for_and_gives_the_reason(points, sweep):
    assert sweep.choice.rule == "elbow"
    assert "furthest below the straight line" in sweep.choice.reason
    best = max(sweep.rows, key=lambda row: row.silhouette)
    by_silhouette = kmeans_sweep(points, KS, n_init=4, seed=3, rule="silhouette")
    assert by_silhouette.choice.k == best.k
    assert by_silhouette.chosen.k == best.k
    assert f"{best.silhouette:.4f}" in by_silhouette.choice.reason


def test_can_be_kept_as_json(sweep):
    import json

    kept = json.loads(json.dumps(sweep.to_dict()))
    assert [row["k"] for row in kept["rows"]] == list(KS)
    assert kept["options"]["seed"] == 3


@pytest.mark.parametrize(
    ("ks", "options", "sentence"),
    [
        ((), {}, "no number of clusters"),
        ((5, 5000), {}, "5000 clusters were asked for; there are 1797 images"),
        ((5,), {"rule": "elbows"}, "no rule 'elbows'"),
        ((5,), {"rule": "bic"}, "no rule 'bic'"),
        ((5,), {"patience": -1}, "patience is -1"),
        ((5,), {"silhouette_sample": 1}, "silhouette sample of 1"),
    ],
)
def test_refuses_what_cannot_be(points, ks, options, sentence):
    with pytest.raises(OptionError, match=sentence):
        kmeans_sweep(points, ks, **options)


def test_scores_of_one_cluster_and_of_as_many_as_points_are_undefined_and_never_chosen():
    some = np.random.default_rng(0).normal(size=(6, 3))
    found = kmeans_sweep(some, (1, 2, 3, 6), n_init=4, seed=3, rule="davies-bouldin")
    assert found.choice.k in (2, 3)
    assert "undefined for 1, 6" in found.choice.reason
    assert [row["davies_bouldin"] is None for row in found.to_dict()["rows"]] == [
        True, False, False, True,
    ]  # fmt: skip
    ends = kmeans_sweep(some, (1, 6), n_init=4, seed=3, rule="silhouette")
    assert "undefined for every number tried" in ends.choice.reason
