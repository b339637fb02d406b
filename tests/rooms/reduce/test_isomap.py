"""What is special about Isomap."""

import numpy as np
import pytest
from sklearn.manifold import Isomap

from hangtag.errors import OptionError
from hangtag.rooms.reduce import reduce


def test_is_scikit_learns_where_all_points_hang_together(digits):
    chart = reduce(digits, method="isomap", limit=300, share=0.999, measure=False, neighbours=12)
    assert chart.notes[1:] == (), "one piece"
    pixels = digits.images[chart.indices].reshape(300, -1) / 255
    theirs = Isomap(n_neighbors=12).fit_transform(pixels)
    for axis in range(2):
        assert abs(np.corrcoef(chart.points[:, axis], theirs[:, axis])[0, 1]) > 0.99


def test_more_images_than_memory_is_for_are_refused_with_a_way_out(fashion):
    with pytest.raises(OptionError, match="8,001 are more than 8,000") as refused:
        reduce(fashion, method="isomap", limit=8001)
    assert "limit 5000" in refused.value.hint
