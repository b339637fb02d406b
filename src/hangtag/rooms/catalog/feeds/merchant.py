"""Google Merchant's feed: tab-separated or CSV, with a column for each of its attributes."""

from __future__ import annotations

from hangtag.rooms.catalog.feeds.base import Feed

MERCHANT = Feed(
    name="merchant",
    title="Google Merchant's feed",
    signs=(frozenset({"id", "title", "image_link"}), frozenset({"id", "title", "image link"})),
    id=("id",),
    group=("item_group_id", "item group id"),
    item_title=("title",),
    price=("sale_price", "price"),
    stock=("availability",),
    url=("link",),
    photos=("image_link", "image link", "additional_image_link", "additional image link"),
    between=",",
    category=("product_type", "product type", "google_product_category"),
    taxonomy="google",
    categories=("google_product_category", "google product category"),
    own={
        "category": "product_type",
        "color": "color",
        "pattern": "pattern",
        "material": "material",
        "gender": "gender",
    },
)
