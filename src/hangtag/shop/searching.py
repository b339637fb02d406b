"""A question goes in, as words, a direction or both; the items that answer it come out.

What is close is said by the collection (``rooms/search/calibrate.py``), what fits a condition by
the catalogue; words and pictures are put together by their ranks.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from hangtag.requests import SearchRequest
from hangtag.rooms import catalog as room
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog import Catalog, Embedded, Found

MOST = 1000
"""Items that words, or a picture, may find before both are put together."""


def allowed(catalog: Catalog, asked: SearchRequest) -> set[int] | None:
    """The items that fit the condition; None where there is none."""
    return None if asked.where is None else room.matching(catalog, asked.where)


def worded(catalog: Catalog, asked: SearchRequest, among: Collection[int] | None) -> list[int]:
    """Items that the words find, the best first."""
    said = room.matching_words(catalog, asked.text or "", MOST)
    return [one for one in said if among is None or one in among]


def by_words(catalog: Catalog, asked: SearchRequest) -> Found:
    """What words alone find."""
    numbers = worded(catalog, asked, allowed(catalog, asked))[: asked.k]
    return room.found(catalog, numbers, [None] * len(numbers))


def by_picture(
    catalog: Catalog, seen: Embedded, question: NDArray[np.float32], asked: SearchRequest
) -> Found:
    """What a picture finds, put together with words where there are some.

    Args:
        catalog: The catalogue.
        seen: Its embeddings.
        question: ``(width,)``, the direction of the picture.
        asked: What is asked.
    """
    among = allowed(catalog, asked)
    if not asked.text:
        return nearest(catalog, seen, question, asked, among)
    wide = nearest(catalog, seen, question, SearchRequest(k=MOST, everything=True), among)
    cosines = {one.number: cosine for one, cosine in zip(wide.items, wide.cosines, strict=True)}
    both = search_room.fused([list(cosines), worded(catalog, asked, among)])[: asked.k]
    return room.found(catalog, both, [cosines.get(one) for one in both])


def nearest(
    catalog: Catalog,
    seen: Embedded,
    question: NDArray[np.float32],
    asked: SearchRequest,
    allowed: Collection[int] | None,
) -> Found:
    """The items nearest to a direction, of those that may be given."""
    among = None
    if allowed is not None:
        among = np.flatnonzero(np.isin(seen.items, np.fromiter(allowed, np.int64, len(allowed))))
    close = None if asked.everything else seen.close
    hits = search_room.nearest(
        seen.directions, question, asked.k, groups=seen.groups, among=among, close=close
    )
    numbers = seen.items[hits.rows].tolist()
    return room.found(catalog, numbers, hits.cosines.tolist(), hits.held_back, seen.close)
