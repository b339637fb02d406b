"""What several kinds of model are tested with."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory):
    """Nothing that was embedded elsewhere is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGTAG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def sixty_photographs(folder, sizes):
    """Photographs of three colors, a folder each, upright and on their side, in `folder`.

    `sizes` has height and width of those, by number, that are of another size than usual.
    """
    rng = np.random.default_rng(0)
    for number in range(60):
        size = sizes.get(number, (90 + number, 150 - number))
        coarse = rng.integers(0, 90, (8, 8, 3), np.uint8)
        coarse[..., number % 3] += 150
        file = folder / ("red", "green", "blue")[number % 3] / f"{number:02d}.jpg"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC).save(file)
    return folder
