"""What a search found: items, how near they are, and how many were held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.reading import Item, items


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        items: The nearest first.
        cosines: How near the photo of each is, from -1 to 1; None where only words were asked.
        held_back: How many were left out since they are not close.
        close: The least cosines that are called close, of the nearest and of further items; None
            if the collection is too small to say.
        relations: What each is to an item that was asked about: ``near copy``, ``other color`` or
            nothing; empty where no item was.
    """

    items: tuple[Item, ...]
    cosines: tuple[float | None, ...]
    held_back: int = 0
    close: tuple[float, float] | None = None
    relations: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """JSON-ready."""
        told = [{"relation": one} for one in self.relations] or [{}] * len(self.items)
        return {
            "items": [
                one.facts | {"cosine": None if cosine is None else round(cosine, 4)} | more
                for one, cosine, more in zip(self.items, self.cosines, told, strict=True)
            ],
            "held_back": self.held_back,
            "close": self.close,
        }

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """For a table: item, cosine, tags, title, and what it is to the item asked about."""
        told = self.relations or [""] * len(self.items)
        return [
            (
                one.external_id,
                "" if cosine is None else f"{cosine:.3f}",
                ", ".join(label for label, _, _ in one.tags.values()),
                one.title[:40],
                relation,
            )
            for one, cosine, relation in zip(self.items, self.cosines, told, strict=True)
        ]

    def with_relations(self, told: Sequence[str]) -> Found:
        """The same with what each is to the item that was asked about."""
        return replace(self, relations=tuple(told))


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
