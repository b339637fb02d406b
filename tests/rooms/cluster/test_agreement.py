"""Agreement of clusters and classes: scikit-learn's numbers from one table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from hangtag.errors import OptionError
from hangtag.rooms.cluster import agreement, agreement_of, kmeans

NAMES = tuple("abcdef")
divisions = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
    )
)


@settings(max_examples=200, deadline=None)
@given(divisions)
def test_any_two_divisions_agree_as_far_as_scikit_learn_says(split):
    clusters, labels = (np.array(one) for one in split)
    found = agreement_of(clusters, labels, NAMES)
    assert found.ari == pytest.approx(metrics.adjusted_rand_score(labels, clusters), abs=1e-12)
    nmi = metrics.normalized_mutual_info_score(labels, clusters)
    assert found.nmi == pytest.approx(nmi, abs=1e-9)
    assert found.table.sum() == len(labels)
    assert 0 < found.accuracy <= found.purity <= 1


def test_renaming_clusters_changes_nothing():
    labels = np.array([0, 0, 1, 1, 2, 2])
    found = agreement_of((labels + 1) % 3, labels, NAMES[:3])
    assert (found.ari, found.nmi, found.purity, found.accuracy) == (1, pytest.approx(1), 1, 1)
    assert found.matching == (2, 0, 1)


def test_a_class_is_matched_to_one_cluster_only():
    clusters, labels = np.array([0, 0, 1, 1, 2]), np.zeros(5, int)
    found = agreement_of(clusters, labels, ("only",))
    assert found.purity == 1
    assert found.accuracy == pytest.approx(2 / 5)
    assert sorted(found.matching) == [-1, -1, 0]


def test_counts_of_many_images_do_not_overflow():
    labels = np.arange(400_000) % 2
    assert agreement_of(labels, labels, ("a", "b")).ari == 1


def test_images_without_a_class_are_left_out():
    clusters, labels = np.array([0, 0, 1, 1]), np.array([0, -1, 1, -1])
    assert len(agreement_of(clusters, labels, ("a", "b"))) == 2
    with pytest.raises(OptionError, match="none of the clustered images has a class"):
        agreement_of(clusters, np.full(4, -1), ("a", "b"))


def test_compares_with_the_classes_of_the_images_that_were_clustered(points, digits):
    some = np.arange(0, len(points), 3)
    clusters = kmeans(points[some], 10, images=digits, indices=some)
    found = agreement(clusters, digits)
    direct = metrics.adjusted_rand_score(digits.labels[some], clusters.assignments)
    assert found.ari == pytest.approx(direct)
    assert found.ari > 0.5


def test_refuses_lengths_that_differ():
    with pytest.raises(OptionError, match="3 clusters and 2 labels"):
        agreement_of(np.zeros(3, int), np.zeros(2, int), ("a",))
