"""What holds of items is decided: by people one by one, or by taking another tagging."""

from __future__ import annotations

from collections.abc import Iterable

from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Decided
from hangtag.shop.opening import Shop, open_catalog


def use_tagging(shop: Shop, number: int) -> int:
    """Take the suggestions of a tagging for the tags; also the way back to an earlier one.

    Returns:
        How many items have another tag now. What people decided never changes.

    Raises:
        OptionError: There is no such tagging.
    """
    return room.use(open_catalog(shop), number)


def decide(shop: Shop, decisions: Iterable[Decided]) -> int:
    """Keep what people decided on items, all of it or nothing.

    Returns:
        How many decisions were new.

    Raises:
        OptionError: An item, attribute or suggestion is not there.

    Example:
        >>> hangtag.decide("shop.db", [Decided("17", "category", "corrected", "dress")])
    """
    return room.decide(open_catalog(shop), list(decisions))
