"""Features kept on disk by what they are of: a key goes in, what was computed for it comes out.

A file holds one array and is whole or not there; one that is damaged counts as absent. Those that
were not used for longest go when the folder grows beyond :data:`MOST_BYTES`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, troubles

MOST_BYTES = 2 << 30


def cached(
    folder: Path | None, key: str, make: Callable[[], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The features of this key, computed only if they are not kept.

    Args:
        folder: Where they are kept; None keeps nothing.
        key: What they depend on, as a name of a file.
        make: Computes them.
    """
    if folder is None:
        return make()
    place = folder / f"{key}.npy"
    kept = _read(place)
    if kept is not None:
        return kept
    made = make()
    buffer = BytesIO()
    np.save(buffer, made, allow_pickle=False)
    with troubles.if_possible():
        atomic.write_bytes(place, buffer.getvalue())
        _bound(folder)
    return made


def _read(place: Path) -> NDArray[np.float32] | None:
    try:
        found: NDArray[np.float32] = np.load(place, allow_pickle=False)
        # Read means used: what goes when the folder is full is what nobody asked for longest.
        os.utime(place)
    except (OSError, ValueError, EOFError):
        return None
    # A file of another program under our name counts as absent.
    return found if found.dtype == np.float32 and found.ndim == 2 else None


def _bound(folder: Path) -> None:
    """Remove what was used longest ago until the rest is small enough."""
    files = sorted(folder.glob("*.npy"), key=lambda one: one.stat().st_mtime_ns)
    size = sum(one.stat().st_size for one in files)
    # Never the newest, which was written just now, however large it is.
    for one in files[:-1]:
        if size <= MOST_BYTES:
            return
        size -= one.stat().st_size
        one.unlink(missing_ok=True)
