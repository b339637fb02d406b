"""What is special about agglomerative clustering."""

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from hangtag.errors import OptionError
from hangtag.rooms.cluster.agglomerative import LINKAGES, MOST, sweep


@pytest.mark.parametrize("linkage", LINKAGES)
def test_is_scikit_learns_for_every_number_of_one_tree(points, linkage):
    found = sweep(points[:500], (2, 7, 500, 1), linkage=linkage, rule="silhouette")
    assert [one.k for one in found.clusterings] == [1, 2, 7, 500]
    for one in found.clusterings[1:]:
        theirs = AgglomerativeClustering(one.k, linkage=linkage).fit_predict(points[:500])
        assert adjusted_rand_score(theirs, one.assignments) == 1


def test_more_images_than_memory_is_for_are_refused_with_a_way_out():
    with pytest.raises(OptionError, match="15,001 are more than 15,000") as refused:
        sweep(np.zeros((MOST + 1, 2)), [3])
    assert "--sample 10000" in refused.value.hint
