"""WooCommerce's product CSV: a row an item, variations name their parent."""

from __future__ import annotations

from hangtag.rooms.catalog.feeds.base import Feed

WOOCOMMERCE = Feed(
    name="woocommerce",
    title="WooCommerce's product CSV",
    signs=(frozenset({"SKU", "Name", "Images"}), frozenset({"ID", "Type", "Name", "Images"})),
    id=("SKU", "ID"),
    group=("Parent",),
    item_title=("Name",),
    price=("Sale price", "Regular price"),
    stock=("In stock?", "Stock"),
    url=("External URL",),
    photos=("Images",),
    between=",",
    category=("Categories",),
    tags="Tags",
)
