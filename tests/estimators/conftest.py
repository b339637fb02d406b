"""What several kinds of model are tested with."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory):
    """Nothing that was embedded elsewhere is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGTAG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
