"""Reduce: images go in, a map with a point per image comes out, and how far it can be trusted.

A method is a file in this folder and a line in ``hangtag.families``; see ``method.py`` for what it
gets and gives. Nothing here loads a heavy library until a method needs it.
"""

from __future__ import annotations

from hangtag.rooms.reduce.methods import METHODS
from hangtag.rooms.reduce.quality import class_agreement, quality_of, trustworthiness
from hangtag.rooms.reduce.reducing import principal_axes, reduce
from hangtag.rooms.reduce.thumbnails import thumbnails

__all__ = [
    "METHODS",
    "class_agreement",
    "principal_axes",
    "quality_of",
    "reduce",
    "thumbnails",
    "trustworthiness",
]
