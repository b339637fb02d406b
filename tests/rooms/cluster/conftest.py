"""Real digits as points, and scikit-learn kept to threads that do not fight on a busy machine."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.geometry import fit_pca


@pytest.fixture(scope="session")
def points(digits):
    """The 1,797 digits on their first 20 principal axes, ``(n, 20)`` float64."""
    axes = fit_pca(digits.images, components=20)
    return axes.transform(digits.images).astype(np.float64)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """scikit-learn's loops and matrix products spin in as many threads as there are processors."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
