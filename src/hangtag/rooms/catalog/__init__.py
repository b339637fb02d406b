"""A shop's catalogue in one file: items and their photos, suggestions of models, decisions."""

from __future__ import annotations

from hangtag.rooms.catalog import feeds, fetched, looks, review, swatches, taxonomy
from hangtag.rooms.catalog.answering import answered, sources
from hangtag.rooms.catalog.check import check
from hangtag.rooms.catalog.decisions import Decided, decide, history
from hangtag.rooms.catalog.exports import export, keep_feed
from hangtag.rooms.catalog.file import Catalog, create, open_catalog
from hangtag.rooms.catalog.found import Found, found
from hangtag.rooms.catalog.heads import PREFIX as HEAD
from hangtag.rooms.catalog.heads import (
    Head,
    examples,
    keep_head,
    last_change,
    learned_for,
    newest_head,
    unanswered,
)
from hangtag.rooms.catalog.items import (
    Offer,
    OfferedPhoto,
    Plan,
    carry_out,
    counted,
    plan,
    remembered_root,
)
from hangtag.rooms.catalog.offers import look, offers_of
from hangtag.rooms.catalog.photos import (
    main_photos,
    photo_keys,
    photo_sources,
    same_files,
)
from hangtag.rooms.catalog.reading import Item, items, matching, number_of, numbers, numbers_of
from hangtag.rooms.catalog.review import Doubt, as_table, doubts, from_table
from hangtag.rooms.catalog.since import since
from hangtag.rooms.catalog.tagging import (
    Answer,
    Pending,
    Tagging,
    begin,
    keep,
    left,
    pending,
    preview,
    taggings,
    use,
)
from hangtag.rooms.catalog.telling import head_lines, item_rows, tagging_rows
from hangtag.rooms.catalog.vectors import (
    Embedded,
    Seen,
    embedded,
    encoder_of,
    is_at_work,
    newest_encoder,
    note_through,
    of_items,
    packed,
    seen,
    waiting,
)
from hangtag.rooms.catalog.words import matching as matching_words

__all__ = [
    "HEAD",
    "Answer",
    "Catalog",
    "Decided",
    "Doubt",
    "Embedded",
    "Found",
    "Head",
    "Item",
    "Offer",
    "OfferedPhoto",
    "Pending",
    "Plan",
    "Seen",
    "Tagging",
    "answered",
    "as_table",
    "begin",
    "carry_out",
    "check",
    "counted",
    "create",
    "decide",
    "doubts",
    "embedded",
    "encoder_of",
    "examples",
    "export",
    "feeds",
    "fetched",
    "found",
    "from_table",
    "head_lines",
    "history",
    "is_at_work",
    "item_rows",
    "items",
    "keep",
    "keep_feed",
    "keep_head",
    "last_change",
    "learned_for",
    "left",
    "look",
    "looks",
    "main_photos",
    "matching",
    "matching_words",
    "newest_encoder",
    "newest_head",
    "note_through",
    "number_of",
    "numbers",
    "numbers_of",
    "of_items",
    "offers_of",
    "open_catalog",
    "packed",
    "pending",
    "photo_keys",
    "photo_sources",
    "plan",
    "preview",
    "remembered_root",
    "review",
    "same_files",
    "seen",
    "since",
    "sources",
    "swatches",
    "tagging_rows",
    "taggings",
    "taxonomy",
    "unanswered",
    "use",
    "waiting",
]
