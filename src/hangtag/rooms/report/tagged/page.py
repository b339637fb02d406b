"""A contact sheet in, the page out on which tags are kept or corrected, into a table for ``train``.

The page has no server: what is decided stays in the browser until the table is saved from it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hangtag.records import UNKNOWN, InputImage, Source, Tag, Tags
from hangtag.requests import command_line
from hangtag.rooms.report.about import place
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render
from hangtag.rooms.report.tagged.sheet import EACH, ContactSheet
from hangtag.rooms.report.words import number, percent, plural
from hangtag.sheets import harmless

TABLE = "labels.csv"
"""What the browser calls the table of decisions."""
_BUDGET = 8_000_000  # characters of images, of the 10 MB a page may have
_EACH = (EACH, 200, 100, 50, 25, 12, 6, 3, 1)
_UNREAD = 200  # of them named
_MORE = 3  # classes besides that an image may be
_NAMED = 0.01  # the least probability of those that are named


@dataclass(frozen=True, eq=False)
class Sheet:
    """A contact sheet and what the page says of it.

    Attributes:
        found: Tags and images.
        classes: All classes of the model.
        source: Where the images are.
        threshold: Confidence below which a tag is ``unknown``; None where the model has none.
    """

    found: ContactSheet
    classes: tuple[str, ...]
    source: Source
    threshold: float | None


def tags_page(
    images: Iterable[InputImage],
    answer: Callable[[Iterable[InputImage]], Iterable[Tag]],
    *,
    originals: Callable[[Iterable[str], int], Iterable[InputImage]],
    classes: Sequence[str],
    source: Source,
    threshold: float | None,
) -> tuple[Tags, str]:
    """Tag images, and put them on one HTML page of at most 10 MB to keep or correct the tags.

    The page works without a server: what is decided on it is saved from the browser as a table
    that ``train --decisions`` takes.

    Args:
        images: In the shape the model wants; gone through once.
        answer: Gives a tag for each, in their order.
        originals: Gives images by their ids, no side longer than so many pixels, to be shown
            instead of what the model saw; those it does not have are shown as that.
        classes: All classes of the model.
        source: Where the images are, for the command that trains on what was decided.
        threshold: Confidence below which a tag is ``unknown``; None where there is none.

    Returns:
        All tags, and the page's HTML.
    """
    sheet = ContactSheet.of(images, answer)
    sheet.show(originals(sheet.ids, sheet.side))
    return sheet.tags, page(Sheet(sheet, tuple(classes), source, threshold))


def page(sheet: Sheet) -> str:
    """The page's HTML."""
    groups = _groups(sheet)
    blocks = [_decide(sheet, groups), *(_group(sheet, *one) for one in groups.items())]
    blocks += [_unread(sheet)] if _errors(sheet) else []
    heading = Heading(
        title=f"Tags of {place(sheet.source.place)}",
        verdict=verdict(sheet),
        kind="tags",
        figures=tuple(_figures(sheet)),
    )
    return assemble(heading, blocks)


def verdict(sheet: Sheet) -> str:
    """The one sentence a reader should take away."""
    counts = sheet.found.counts
    tagged, unknown = counts.total() - counts[UNKNOWN], counts[UNKNOWN]
    said = f"Of {plural(len(sheet.found.tags), 'image')}, {number(tagged)} have a tag"
    if unknown:
        below = "" if sheet.threshold is None else f" (below {sheet.threshold:.2f}, or unlike any)"
        said += f", {number(unknown)} are unknown{below}"
    if errors := len(_errors(sheet)):
        said += f", {number(errors)} could not be read"
    return f"{said}. The least sure come first: keep or correct them, and train on what you decide."


def _errors(sheet: Sheet) -> list[Tag]:
    return [one for one in sheet.found.tags if one.error]


def _figures(sheet: Sheet) -> list[Figure]:
    counts, total = sheet.found.counts, len(sheet.found.tags)
    tagged = counts.total() - counts[UNKNOWN]
    proportion = percent(tagged / total) if total else ""
    figures = [
        Figure("Images", number(total)),
        Figure("Tagged", number(tagged), f"{proportion} of them"),
        Figure("Unknown", number(counts[UNKNOWN])),
        Figure("Tags used", number(len([one for one in counts if one != UNKNOWN]))),
    ]
    errors = len(_errors(sheet))
    return [*figures, Figure("Not read", number(errors))] if errors else figures


def _groups(sheet: Sheet) -> dict[str, list[int]]:
    """Places of the images of each tag: unknown ones first, then the tags of least confidence."""
    for each in _EACH:
        chosen = sheet.found.weakest(each)
        if sum(len(sheet.found.uri(at)) for some in chosen.values() for at in some) <= _BUDGET:
            break
    tags = sheet.found.tags

    def first(label: str) -> tuple[bool, float]:
        sure = [tags[at].confidence or 0.0 for at in chosen[label]]
        return label != UNKNOWN, sum(sure) / len(sure)

    return {label: chosen[label] for label in sorted(chosen, key=first)}


def _decide(sheet: Sheet, groups: dict[str, list[int]]) -> Block:
    shown = [at for some in groups.values() for at in some]
    options = replace(sheet.source.options, decisions=TABLE)
    source = replace(sheet.source, place=place(sheet.source.place), options=options)
    models = Counter(one.model for one in sheet.found.tags)
    html = render(
        "tagged/decide.html",
        command=command_line("train", source),
        table=TABLE,
        shown=len(shown),
        total=sheet.found.counts.total(),
        facts={"model": ", ".join(models), "threshold": sheet.threshold},
    )
    return Block(
        "decide",
        "Keep or correct",
        html,
        styles=("tagged/tagged.css",),
        scripts=("tagged/tagged.js",),
        islands={"tags-data": _island(sheet, shown)},
        extras=("tagged/choose.html",),
    )


def _island(sheet: Sheet, shown: Sequence[int]) -> dict[str, Any]:
    """What the script needs: of each image its cell in the table and its likeliest classes."""
    numbers = {name: at for at, name in enumerate(sheet.classes)}
    tags = [sheet.found.tags[at] for at in shown]
    key = hashlib.sha256(repr([(one.id, one.model) for one in tags]).encode("utf-8", "replace"))
    return {
        "key": f"hangtag-tags-{key.hexdigest()[:16]}",
        "table": TABLE,
        "classes": list(sheet.classes),
        # As cells of a table that no spreadsheet runs, made where all tables are.
        "cells": [harmless(name) for name in sheet.classes],
        "ids": [harmless(one.id) for one in tags],
        "likely": [[numbers[name] for name, _ in one.top[: _MORE + 1]] for one in tags],
    }


def _group(sheet: Sheet, label: str, places: Sequence[int]) -> Block:
    cards = [_card(sheet.found, at) for at in places]
    total = sheet.found.counts[label]
    html = render(
        "tagged/group.html", label=label, cards=cards, total=total, unknown=label == UNKNOWN
    )
    anchor = f"tag-{'unknown' if label == UNKNOWN else sheet.classes.index(label)}"
    return Block(anchor, f"{label}: {number(total)}", html)


def _card(found: ContactSheet, at: int) -> dict[str, Any]:
    one = found.tags[at]
    (likely, sure), *others = one.top
    return {
        "uri": found.uri(at),
        "id": one.id,
        "likely": likely,
        "sure": sure,
        "others": [other for other in others[:_MORE] if other[1] >= _NAMED],
        "reason": one.reason,
        "done": one.done,
    }


def _unread(sheet: Sheet) -> Block:
    errors = _errors(sheet)
    html = render("tagged/unread.html", errors=errors[:_UNREAD], total=len(errors))
    return Block("unread", f"Not read: {number(len(errors))}", html)
