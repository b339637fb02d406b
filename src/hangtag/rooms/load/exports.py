"""JSON documents of annotation tools as rows: FiftyOne, COCO, records, groups, plain mappings.

To add an export: a function that gives names of columns and records, or None where the document
is not its own, and its line in :data:`EXPORTS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hangtag.errors import FormatError
from hangtag.rooms.load.parts import part_name

Rows = tuple[tuple[str, ...], list[Sequence[Any]], Mapping[str, str]]
"""Names of the columns, values of each record, and names of label codes."""


def records(name: str, text: str) -> Rows:
    """The records of a JSON document.

    Raises:
        FormatError: It is no JSON, or of no form that is known.
    """
    try:
        document = json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):
        raise FormatError(
            f"{name} is no JSON, or has a key twice", "fetch or export it again"
        ) from None
    for export in EXPORTS:
        found = export(name, document)
        if found is not None:
            return found
    raise FormatError(f"{name} lists no images", "give a table with a column of paths")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; of two equal ones JSON would keep the last without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _fiftyone(name: str, document: Any) -> Rows | None:  # noqa: ANN401, ARG001
    """FiftyOne's image classification dataset: names in `data/` without suffix, labels by index.

    Source: FiftyOne's documentation, "FiftyOneImageClassificationDataset".
    """
    if not isinstance(document, dict) or not isinstance(document.get("labels"), dict):
        return None
    labels, classes = document["labels"], document.get("classes")
    named = {}
    if isinstance(classes, list) and all(isinstance(one, int) for one in labels.values() if one):
        named = {str(code): str(one) for code, one in enumerate(classes)}
    return ("file_name", "label"), [*labels.items()], named


def _coco(name: str, document: Any) -> Rows | None:  # noqa: ANN401
    """COCO: objects in images, whose categories are the labels; several in one stay a list."""
    keys = ("images", "annotations", "categories")
    if not isinstance(document, dict) or not all(
        isinstance(document.get(key), list) for key in keys
    ):
        return None
    try:
        titles = {one["id"]: str(one["name"]) for one in document["categories"]}
        there: dict[Any, set[str]] = {one["id"]: set() for one in document["images"]}
        for one in document["annotations"]:
            there[one["image_id"]].add(titles[one["category_id"]])
        files = [(one["file_name"], there[one["id"]]) for one in document["images"]]
    except (KeyError, TypeError):
        raise FormatError(f"{name} is damaged COCO", "export it again") from None
    labels = [next(iter(one), None) if len(one) < 2 else sorted(one) for _, one in files]
    return ("file_name", "label"), [*zip((file for file, _ in files), labels, strict=True)], {}


def _list(name: str, document: Any) -> Rows | None:  # noqa: ANN401, ARG001
    """Records in a list, or in the only list of an object such as ``{"data": […]}``."""
    if isinstance(document, dict):
        lists = [one for one in document.values() if isinstance(one, list)]
        document = lists[0] if len(lists) == 1 else None
    if not isinstance(document, list) or not document:
        return None
    if not all(isinstance(one, dict) for one in document):
        return None
    names = tuple(dict.fromkeys(str(key) for one in document for key in one))
    return names, [[one.get(key) for key in names] for one in document], {}


def _groups(name: str, document: Any) -> Rows | None:  # noqa: ANN401, ARG001
    """Names of images under each class or part; or, under each part, lists of name and label."""
    if not isinstance(document, dict) or not document:
        return None
    if not all(isinstance(one, list) and one for one in document.values()):
        return None
    pairs = [(key, one) for key, inside in document.items() for one in inside]
    key = "split" if all(map(part_name, document)) else "label"
    if all(isinstance(one, str) for _, one in pairs):
        return ("file_name", key), [(one, group) for group, one in pairs], {}
    if key != "split" or not all(isinstance(one, list) for _, one in pairs):
        return None
    width = max(len(one) for _, one in pairs)
    names = ("file_name", "label", "class_name")[:width]
    if width > len(names):
        return None
    rows: list[Sequence[Any]] = [[*one, *[None] * (width - len(one)), part] for part, one in pairs]
    return (*names, key), rows, {}


def _mapping(name: str, document: Any) -> Rows | None:  # noqa: ANN401, ARG001
    if not isinstance(document, dict) or not document:
        return None
    if all(isinstance(one, dict) for one in document.values()):
        keys = tuple(dict.fromkeys(str(key) for one in document.values() for key in one))
        rows: list[Sequence[Any]] = [[file, *map(one.get, keys)] for file, one in document.items()]
        return ("file_name", *keys), rows, {}
    if all(one is None or isinstance(one, str | int | list) for one in document.values()):
        return ("file_name", "label"), [*document.items()], {}
    return None


EXPORTS = (_fiftyone, _coco, _list, _groups, _mapping)
"""Every export, the most special first; the first that knows a document reads it."""
