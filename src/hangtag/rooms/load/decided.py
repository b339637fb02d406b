"""What people decided on images: a file and images in, the images with other labels and fewer out.

A line of JSON for each decision, added and never changed, so that ``FILE:N`` means the same
decisions whatever comes after them::

    {"id": "train/00017", "verdict": "relabel", "label": "coat", "who": "ann", "at": "…"}

``keep`` leaves an image as it is, ``relabel`` gives it another class of the set, ``drop`` takes its
label away, so that it is in no part of a split; the last one on an image counts.

Or a table (CSV), as a page of tags makes it: a column ``id``, and ``label`` for what the image is;
without a label it is left out. A column ``verdict`` may say it in the words above. Images of a set
that has no classes get those that the decisions name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hangtag import sheets
from hangtag.errors import FormatError, OptionError, SourceError, UnknownNameError, nearest
from hangtag.records import ImageSet
from hangtag.records.images import UNLABELLED
from hangtag.requests.loading import decisions_of, is_table
from hangtag.rooms.load import sheets as tables

KEEP, RELABEL, DROP = "keep", "relabel", "drop"
VERDICTS = (KEEP, RELABEL, DROP)


@dataclass(frozen=True)
class ImageDecision:
    """What a person said of an image.

    Attributes:
        id: The image's name in its set.
        verdict: ``keep``, ``relabel`` or ``drop``.
        label: The class, for ``relabel``.
        who: Who said it.
        at: When, in UTC.
    """

    id: str
    verdict: str
    label: str = ""
    who: str = ""
    at: str = ""


def applied(images: ImageSet, said: str) -> ImageSet:
    """Do as a file of decisions says.

    Args:
        images: The set.
        said: ``FILE`` or ``FILE:N``.

    Raises:
        SourceError: There is no such file.
        FormatError: A line is no decision.
        OptionError: It names a class that the set does not have, or no image of it.
    """
    path, count = decisions_of(said)
    last = {one.id: one for one in read(path, count)}
    if not last:
        return images
    numbers = {images.id_of(index): index for index in range(len(images))}
    there = {numbers[name]: one for name, one in last.items() if name in numbers}
    if not there:
        raise OptionError(
            f"no decision of {path.name} is on an image of {images.name}", "is it another set's?"
        )
    labels, names = images.labels.copy(), images.class_names
    if not names:  # nobody had said a class before: these are the first
        names = tuple(sorted({one.label for one in there.values() if one.verdict == RELABEL}))
    for index, one in there.items():
        if one.verdict == DROP:
            labels[index] = UNLABELLED
        elif one.verdict == RELABEL:
            labels[index] = class_of(names, one.label)
    changed = [index for index in there if labels[index] != images.labels[index]]
    notes = _notes([there[index] for index in changed], len(last) - len(there), path)
    tested = sum(images.part_of(index) == "test" for index in changed)
    if tested:
        notes.append(
            f"caution: {tested} of them are test images; scores compare only with those of the "
            "same decisions"
        )
    codes = images.class_codes or names
    said_so = (*images.notes, *notes)
    return replace(images, labels=labels, class_names=names, class_codes=codes, notes=said_so)


def read(path: Path, count: int | None = None) -> list[ImageDecision]:
    """The decisions of a file, the first `count` of them.

    Raises:
        SourceError: There is no such file, or it has fewer.
        FormatError: A line is no decision.
    """
    if not path.is_file():
        raise SourceError(
            f"there is no file of decisions {path}",
            "the page Data and a page of tags (hangtag tag --out tags.html) write one",
        )
    if is_table(path):
        return _from_table(path)[:count]
    # A line without its end was being written when a kill came: nobody was told that it is kept.
    lines = path.read_bytes().split(b"\n")[:-1]
    if count is not None and count > len(lines):
        raise SourceError(
            f"{path.name} has {len(lines)} decisions, and {count} were asked for",
            "bring the whole file back",
        )
    return [_decision(line, n, path) for n, line in enumerate(lines[:count], 1)]


def _from_table(path: Path) -> list[ImageDecision]:
    sheet = tables.read(path)
    if sheet.unreadable:
        bad = sheet.unreadable[0]
        raise FormatError(f"{bad.where} {bad.reason}", "a row needs a cell for each column")
    (_, first), *rows = sheet.rows or [(1, [])]
    head = [one.lower() for one in first]
    if not {"id"} < set(head) or not {"label", "verdict"} & set(head):
        raise FormatError(
            f"{path.name} has no columns id and label, so it holds no decisions",
            "a page of tags writes such a table: hangtag tag --out tags.html",
        )
    return [
        _of_row(dict(zip(head, fields, strict=True)), number, path.name) for number, fields in rows
    ]


def _of_row(cells: dict[str, str], number: int, name: str) -> ImageDecision:
    label = sheets.plain(cells.get("label", ""))
    verdict = cells.get("verdict", "").lower() or (RELABEL if label else DROP)
    if verdict not in VERDICTS:
        raise FormatError(
            f"row {number} of {name} decides '{verdict}'", f"one of {', '.join(VERDICTS)}"
        )
    who, at = cells.get("who", ""), cells.get("at", "")
    return ImageDecision(sheets.plain(cells["id"]), verdict, label, who, at)


def class_of(names: Sequence[str], label: str) -> int:
    """The number of a class.

    Raises:
        UnknownNameError: There is none of that name.
    """
    if label not in names:
        raise UnknownNameError(f"there is no class '{label}'", nearest(label, names))
    return names.index(label)


def _decision(line: bytes, number: int, path: Path) -> ImageDecision:
    try:
        facts = json.loads(line)
        found = ImageDecision(**{key: str(value) for key, value in facts.items()})
    except (ValueError, TypeError, AttributeError):
        found = None
    if found is None or found.verdict not in VERDICTS:
        raise FormatError(
            f"line {number} of {path.name} is no decision", f"one of {', '.join(VERDICTS)}"
        )
    return found


def _notes(changed: Sequence[ImageDecision], elsewhere: int, path: Path) -> list[str]:
    dropped = sum(one.verdict == DROP for one in changed)
    notes = [
        f"as {path.name} says, {len(changed) - dropped} images have another label and {dropped} "
        "are left out"
    ]
    if elsewhere:
        notes.append(f"{elsewhere} decisions of {path.name} are on images that are not loaded")
    return notes
