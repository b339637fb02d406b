"""Shopify's product CSV: a product is a handle, its variants and further photos are more rows."""

from __future__ import annotations

from hangtag.rooms.catalog.feeds.base import Feed

SHOPIFY = Feed(
    name="shopify",
    title="Shopify's product CSV",
    signs=(
        frozenset({"Handle", "Image Src"}),
        frozenset({"Handle", "Variant SKU"}),
        frozenset({"URL handle", "Product image URL"}),
        frozenset({"URL handle", "Title"}),
    ),
    id=("URL handle", "Handle"),
    item_title=("Title",),
    price=("Price", "Variant Price"),
    stock=("Inventory quantity", "Variant Inventory Qty"),
    photos=("Product image URL", "Image Src"),
    category=("Product category", "Product Category", "Type"),
    taxonomy="shopify",
    categories=("Product category", "Product Category"),
    tags="Tags",
    own={
        "color": "Color (product.metafields.shopify.color-pattern)",
        "pattern": "Pattern (product.metafields.shopify.pattern)",
    },
    continued=True,
)
