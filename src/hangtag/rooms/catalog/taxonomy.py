"""Categories of a product taxonomy, as far as the shop's own feed uses them.

Shops sort their products by a public list of categories, such as ``Apparel & Accessories >
Clothing > Dresses``, which has releases. None of it is kept here: which categories a shop uses its
feed says, and a tag becomes one of these where both mean the same. Which release they are of is
said at import, and goes out with every category that an export fills in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from hangtag.errors import OptionError
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import feed, taxonomy

CATEGORY = "category"
"""The attribute whose tags become categories."""

PATH, RELEASE = "taxonomy", "taxonomy_release"
"""What a category and its release are called among what an export writes."""

BETWEEN = " > "
NOT_SAID = "release not said"

_RELEASE = re.compile(r"[\w.-]{1,40}")
_NUMBER = re.compile(r"(gid://shopify/TaxonomyCategory/)?[a-z]{2}(-\d+)*|\d{1,7}")
_ENDS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"))


@dataclass(frozen=True)
class Taxonomy:
    """Of what taxonomy the categories of a feed are.

    Attributes:
        feed: Name of the feed's file.
        name: Such as ``shopify``.
        release: Such as ``2025-06``.
    """

    feed: str
    name: str
    release: str


def check(release: str, kind: str, known: str) -> None:
    """Refuse a release that cannot be one.

    Args:
        release: What was said.
        kind: What the feed is called.
        known: The taxonomy of such feeds; empty where there is none.

    Raises:
        OptionError: It is none, or such feeds have no taxonomy.
    """
    if not known:
        raise OptionError(f"{kind} has no categories of a taxonomy", "leave --taxonomy out")
    if not _RELEASE.fullmatch(release):
        raise OptionError(f"'{release[:60]}' is no release of a taxonomy", "such as 2025-06")


def taxonomies(catalog: Catalog) -> list[Taxonomy]:
    """What was said of each feed's categories."""
    asked = (
        select(feed.c.name, taxonomy.c.name, taxonomy.c.release)
        .join(feed, feed.c.id == taxonomy.c.feed)
        .order_by(feed.c.id)
    )
    with catalog.reading() as connection:
        return [Taxonomy(*row) for row in connection.execute(asked)]


def release_of(catalog: Catalog, name: str, kind: str) -> str:
    """Of what the categories of a feed are, in words.

    Args:
        catalog: The catalogue.
        name: Of the feed's file.
        kind: Of the taxonomy, where nobody said its release.
    """
    said = [f"{one.name} {one.release}" for one in taxonomies(catalog) if one.feed == name]
    return said[0] if said else f"{kind}, {NOT_SAID}"


def is_category(said: str) -> bool:
    """Whether a cell names a category: by its path, or by its number."""
    return BETWEEN in said or _NUMBER.fullmatch(said) is not None


def used(cells: Iterable[str]) -> dict[str, str]:
    """The categories that a feed uses by what they mean; what two mean is not among them.

    Args:
        cells: Of the column of categories.
    """
    found: dict[str, set[str]] = {}
    for path in {one for one in cells if BETWEEN in one}:
        found.setdefault(_meant(path), set()).add(path)
    return {meant: paths.pop() for meant, paths in found.items() if len(paths) == 1}


def category_of(label: str, known: Mapping[str, str]) -> str:
    """The category that a tag means: itself, one that the feed uses, or none."""
    return label if is_category(label) else known.get(_meant(label), "")


def _meant(said: str) -> str:
    """A path's last name, or a label, without what says one or many: ``Dresses`` is ``dress``."""
    word = re.sub(r"[\W_]+", "", said.rpartition(BETWEEN)[2].casefold())
    for end, instead in _ENDS:
        if word.endswith(end):
            return word.removesuffix(end) + instead
    return word.removesuffix("s") if not word.endswith("ss") else word
