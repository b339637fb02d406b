"""Explore: images go in, what is in them comes out as numbers, indices and small images.

One file per question: ``classes`` (how many of each), ``pixels`` (their range, crops), ``samples``
(which to look at), ``variance`` (how many components, and what they keep). ``exploring`` asks them
all; ``draw`` turns the answers into figures. To add a question: a file, a field of ``Summary``.
"""

from __future__ import annotations

from hangtag.rooms.explore.classes import class_table
from hangtag.rooms.explore.exploring import explore
from hangtag.rooms.explore.pixels import VARIANTS, pixel_ranges, scaled, variants
from hangtag.rooms.explore.samples import samples_per_class
from hangtag.rooms.explore.variance import recommended, reconstructions, variance_curve

__all__ = [
    "VARIANTS",
    "class_table",
    "explore",
    "pixel_ranges",
    "recommended",
    "reconstructions",
    "samples_per_class",
    "scaled",
    "variance_curve",
    "variants",
]
