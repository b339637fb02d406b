"""Searching among directions: a question goes in, the nearest come out, exactly."""

from __future__ import annotations

from hangtag.rooms.search.calibrate import Measured, close_from, measured
from hangtag.rooms.search.exact import Hits, nearest
from hangtag.rooms.search.fuse import fused
from hangtag.rooms.search.index import FROM, Index, Rows, Stamp, build, is_installed, open_index
from hangtag.rooms.search.pairs import near_pairs

__all__ = [
    "FROM",
    "Hits",
    "Index",
    "Measured",
    "Rows",
    "Stamp",
    "build",
    "close_from",
    "fused",
    "is_installed",
    "measured",
    "near_pairs",
    "nearest",
    "open_index",
]
