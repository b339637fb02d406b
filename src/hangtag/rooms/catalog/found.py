"""What a search found: items, how near they are, and how many were held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.reading import Item, items


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        items: The nearest first.
        cosines: How near the picture of each is, from -1 to 1; None where only words were asked.
        held_back: How many were left out since they are not close.
        close: The least cosines that are called close, of the nearest and of further items; None
            if the collection is too small to say.
    """

    items: tuple[Item, ...]
    cosines: tuple[float | None, ...]
    held_back: int = 0
    close: tuple[float, float] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "items": [
                one.facts | {"cosine": None if cosine is None else round(cosine, 4)}
                for one, cosine in zip(self.items, self.cosines, strict=True)
            ],
            "held_back": self.held_back,
            "close": self.close,
        }


def found(
    catalog: Catalog,
    numbers: Sequence[int],
    cosines: Sequence[float | None],
    held_back: int = 0,
    close: tuple[float, float] | None = None,
) -> Found:
    """These items, in this order."""
    known = items(catalog, numbers)
    return Found(tuple(known[one] for one in numbers), tuple(cosines), held_back, close)
