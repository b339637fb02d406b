"""scikit-learn's digits: nothing in, 1,797 grey 8×8 pictures out; no file, no network."""

from __future__ import annotations

import numpy as np

from hangtag.rooms.load.raw import Raw


def read() -> Raw:
    """Read the pictures that scikit-learn brings along.

    Their values 0–16 become 0–255: ``round(value * 255 / 16)``. There is one part, ``all``.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
    """
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images = np.round(loaded.images * (255 / 16)).astype(np.uint8)[..., None]
    return Raw(
        images=images,
        codes=loaded.target.astype(np.int64),
        parts={"all": range(len(images))},
        all_codes=tuple(range(10)),
        notes=("pixel values 0–16 were scaled to 0–255",),
    )
