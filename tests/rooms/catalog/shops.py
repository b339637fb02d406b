"""A small shop: twelve shirts, each with a photo, two of them variants of one; and its models."""

from __future__ import annotations

import numpy as np

from hangtag.rooms import catalog
from hangtag.rooms.catalog import Answer, Offer, OfferedPhoto


def offer(number, *, photo=None, **said):
    facts = {"title": f"shirt {number}", "price": 10.0 * number, "attributes": {"brand": "Nord"}}
    uri = photo or f"photos/{number}.jpg"
    return Offer(f"s{number}", (OfferedPhoto(uri, f"digest of {uri}"),), **{**facts, **said})


OFFERS = [offer(n, group_id="pair" if n < 2 else None) for n in range(12)]


def tagged(shop, labels, *, model="first", sure=True, use=True, attribute="category"):
    """Let a model say these labels of the items in their order."""
    of = catalog.begin(shop, attribute, model, "a run", 0.5)
    width = 4
    encoder = catalog.encoder_of(shop, model, "a run", width)
    for batch in catalog.pending(shop, of, 5):
        answers = [
            Answer(one.item, labels[(one.item - 1) % len(labels)], 0.9, sure) for one in batch
        ]
        vectors = {
            number: np.eye(width, dtype=np.float32)[number % width] + number / 1000
            for one in batch
            for number, *_ in one.photos
        }
        catalog.keep(shop, of, answers, vectors, encoder)
    if use:
        catalog.use(shop, of)
    return of


def tags(shop, attribute="category"):
    """External id to label, of the tags that hold."""
    found = catalog.items(shop, catalog.numbers(shop))
    return {
        one.external_id: one.tags[attribute][0] for one in found.values() if attribute in one.tags
    }
