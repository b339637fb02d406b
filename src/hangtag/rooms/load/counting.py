"""What becomes of every image and row that a source holds: used, unreadable or passed over.

The three add up to what is there, for every format. A source of which more than 5 % is unreadable
is used with a caution; one of which more than half is, is refused: what is left says little about
what was meant.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hangtag.errors import FormatError
from hangtag.records import ImageSet, PassedOver, Unreadable
from hangtag.rooms.load import trees

if TYPE_CHECKING:
    from hangtag.rooms.load.raw import Raw

WORTH_A_CAUTION = 0.05
TOO_MUCH = 0.5


COUNT_THEMSELVES = frozenset({"folder", "imagefolder", "manifest"})
"""Formats that read image files and say themselves which they leave."""


def with_rest(place: Path, form: str, raw: Raw) -> Raw:
    """Add the images that lie in a source's folder and that a reader of arrays did not see."""
    if form in COUNT_THEMSELVES or not place.is_dir():
        return raw
    spoken_of = {*map(posixpath.normpath, raw.ids or ())}
    spoken_of |= {posixpath.normpath(one.where) for one in raw.unreadable}
    spoken_of |= {posixpath.normpath(one.where) for one in raw.passed_over}
    folders = tuple(one.where for one in raw.passed_over if one.where.endswith("/"))
    rest: dict[str, list[str]] = defaultdict(list)
    for name in trees.images(place):
        if name not in spoken_of and not name.startswith(folders):
            rest[name.rpartition("/")[0]].append(name)
    left = tuple(
        PassedOver(
            names[0] if len(names) == 1 else f"{folder or '.'}/",
            "lies beside what was read",
            len(names),
        )
        for folder, names in rest.items()
    )
    return replace(raw, passed_over=(*raw.passed_over, *left)) if left else raw


def closed(place: Path) -> tuple[Unreadable, ...]:
    """What lies in a folder and cannot be looked at: links to nothing, folders without rights."""
    reasons = trees.look_through(place)[1] if place.is_dir() else {}
    return tuple(Unreadable(where, reason) for where, reason in reasons.items())


def hidden(counted: Counter[str]) -> tuple[PassedOver, ...]:
    """Hidden images, such as the companions of a Mac's files, by folder."""
    return tuple(
        PassedOver(f"{folder or '.'}/", "hidden", n) for folder, n in sorted(counted.items())
    )


def found(images: ImageSet) -> dict[str, int]:
    """How many images and rows were used, unreadable and passed over, and all of them."""
    passed = sum(one.n for one in images.passed_over)
    return {
        "used": len(images),
        "unreadable": len(images.unreadable),
        "passed over": passed,
        "in all": len(images) + len(images.unreadable) + passed,
    }


def check_readable(n_used: int, unreadable: Sequence[Unreadable], origin: str) -> None:
    """Refuse a source of which more than half cannot be read.

    Raises:
        FormatError: The sentence has the commonest reason.
    """
    n = n_used + len(unreadable)
    if len(unreadable) > TOO_MUCH * n:
        raise FormatError(
            f"{len(unreadable)} of {n} images or rows of {origin} cannot be read",
            commonest(unreadable),
        )


def notes(
    n_used: int, unreadable: Sequence[Unreadable], passed_over: Sequence[PassedOver]
) -> tuple[str, ...]:
    """The sentences on what was not used."""
    said = []
    n = n_used + len(unreadable)
    if len(unreadable) > WORTH_A_CAUTION * n:
        said.append(
            f"caution: {len(unreadable)} of {n} images or rows cannot be read;"
            f" {commonest(unreadable)}"
        )
    if n_passed := sum(one.n for one in passed_over):
        shown = "; ".join(map(_shown, passed_over[:5]))
        more = f"; and {len(passed_over) - 5} more places" if len(passed_over) > 5 else ""
        said.append(f"{n_passed} images or rows were passed over: {shown}{more}")
    return tuple(said)


def _shown(one: PassedOver) -> str:
    return f"{one.where} ({one.reason})" if one.n == 1 else f"{one.n} in {one.where} ({one.reason})"


def commonest(unreadable: Sequence[Unreadable]) -> str:
    """The commonest reason, numbers and names in it aside, with the first that has it."""
    if not unreadable:
        return "give a file or folder with labelled images"
    kinds = Counter(_kind(one.reason) for one in unreadable)
    kind, n = kinds.most_common(1)[0]
    first = next(one for one in unreadable if _kind(one.reason) == kind)
    return f"the commonest reason, {n} times: {first.where}: {first.reason}"


def _kind(reason: str) -> str:
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "…", reason)
