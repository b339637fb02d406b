"""Images go by on their way to a model; the least sure of each tag stay here, to be looked at.

There may be any number of images: of each tag at most :data:`EACH` are kept, encoded, so that
memory does not grow with the images.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

import numpy as np
from numpy.typing import NDArray

from hangtag.records import InputImage, Tag, Tags
from hangtag.rooms.report.images import small_uri

EACH = 400
"""Images of one tag that are kept, the least sure ones."""
SIDE = 112
"""Pixels of an image's longer side on the page."""


@dataclass(eq=False)
class ContactSheet:
    """What was tagged, and images of it.

    Attributes:
        tags: All of them, in the order of the images.
        counts: How many there are of each tag, in which errors are none.
        side: Pixels of an image's longer side.
    """

    tags: Tags = field(default_factory=Tags)
    counts: Counter[str] = field(default_factory=Counter)
    side: int = SIDE
    _kept: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    _uris: dict[int, str] = field(default_factory=dict)
    _waiting: deque[InputImage] = field(default_factory=deque)

    @classmethod
    def of(
        cls, images: Iterable[InputImage], answer: Callable[[Iterable[InputImage]], Iterable[Tag]]
    ) -> ContactSheet:
        """Tag images and keep what a page of them needs.

        Args:
            images: In the shape the model wants.
            answer: Gives a tag for each, in their order.
        """
        sheet = cls()
        for one in answer(sheet._passing(images)):
            sheet._add(one)
        return sheet

    def weakest(self, each: int = EACH) -> dict[str, list[int]]:
        """For each tag where in `tags` its images are, the least sure first; at most `each`."""
        return {
            label: [-place for _, place in sorted(kept, reverse=True)[:each]]
            for label, kept in self._kept.items()
        }

    def uri(self, place: int) -> str:
        """The image of a tag as a ``data:`` address."""
        return self._uris[place]

    @property
    def ids(self) -> list[str]:
        """What the images that are kept are called."""
        return [self.tags[place].id for place in self._uris]

    def show(self, originals: Iterable[InputImage]) -> None:
        """Show these instead of what the model saw, as far as they can be read.

        Args:
            originals: With the ids of tags; others are passed over.
        """
        places = {self.tags[place].id: place for place in self._uris}
        for one in originals:
            if one.pixels is not None and one.id in places:
                self._uris[places[one.id]] = small_uri(one.pixels, self.side)

    def _passing(self, images: Iterable[InputImage]) -> Iterator[InputImage]:
        for one in images:
            self._waiting.append(one)
            yield one

    def _add(self, one: Tag) -> None:
        pixels: NDArray[np.uint8] | None = self._waiting.popleft().pixels
        place = len(self.tags)
        self.tags.append(one)
        if pixels is None or one.confidence is None:
            return
        self.counts[one.label] += 1
        kept = self._kept[one.label]
        entry = (-one.confidence, -place)  # a heap's first is its least: here, the surest
        if len(kept) < EACH:
            heappush(kept, entry)
        else:
            surest = heappushpop(kept, entry)
            if surest == entry:
                return
            del self._uris[-surest[1]]
        self._uris[place] = small_uri(pixels, self.side)
