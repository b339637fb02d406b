"""Searching among directions: a question goes in, the nearest come out, exactly."""

from __future__ import annotations

from hangtag.rooms.search.calibrate import Measured, close_from, measured
from hangtag.rooms.search.exact import Hits, nearest
from hangtag.rooms.search.fuse import fused
from hangtag.rooms.search.pairs import near_pairs

__all__ = ["Hits", "Measured", "close_from", "fused", "measured", "near_pairs", "nearest"]
