"""``hangtag similar``: a catalog and one of its items in, those most like it out."""

from __future__ import annotations

import hangtag
from hangtag.cli.asking import asks
from hangtag.cli.catalog import Item, Place
from hangtag.cli.console import bars
from hangtag.cli.search import tell
from hangtag.requests import SearchRequest


@asks
def similar(place: Place, item: Item, asked: SearchRequest) -> None:
    """Find items to show beside one; its own variants are left out."""
    with bars() as progress:
        found = hangtag.similar_items(place, asked, item=item, progress=progress)
    tell(place, found)
