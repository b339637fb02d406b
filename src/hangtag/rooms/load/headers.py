"""Whether the first row of a table names its columns or holds values: judged by the rows below.

A name differs in kind from what stands below it (text over numbers), is a word that only columns
are called by, or is one of a run of numbers, as pandas writes ``label,0,1,…,783``. A class or a
path in the first row does not make it a header.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum
from itertools import pairwise

from hangtag.rooms.load import trees
from hangtag.rooms.load.labels import is_missing

Row = Sequence[str]

FEWEST_IN_RUN = 4
"""So many numbers that follow one another are names of columns and no pixels."""

_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_WHOLE = re.compile(r"\s*[-+]?\d{1,9}\s*", re.ASCII)
_REPEATED = re.compile(r"\d+\.[1-9]\d*", re.ASCII)


class Header(Enum):
    """What the first row of a table is."""

    NONE = "values"
    NAMES = "names"
    LOST_ROW = "values that were made names: the row is lost"


def judge(rows: Sequence[Row], known: Collection[str]) -> Header:
    """Say what the first row is.

    Args:
        rows: The first rows of the table; more of them make it surer.
        known: Words that columns are called by, in lower case.
    """
    first = rows[0]
    below = [row for row in rows[1:] if row != first]  # tables put together repeat their header
    if any(trees.is_image(field.strip().replace("\\", "/").lstrip("./")) for field in first):
        return Header.NONE
    if _made_of_values(first, below):
        return Header.LOST_ROW
    numbers = [field for field in first if _NUMBER.fullmatch(field)]
    if _is_run(numbers) and not (below and _is_run([one for one in below[0] if _is_number(one)])):
        return Header.NAMES
    if any(_names(at, field, below) for at, field in enumerate(first)):
        return Header.NAMES
    if any(_is_known(at, field, below, known) for at, field in enumerate(first)):
        return Header.NAMES
    return Header.NAMES if not numbers and _unlike_all_below(first, below) else Header.NONE


def _is_number(field: str) -> bool:
    return bool(_NUMBER.fullmatch(field))


def _names(at: int, field: str, below: Sequence[Row]) -> bool:
    """Whether a field is text over nothing but numbers."""
    if _is_number(field) or is_missing(field):
        return False
    column = [row[at] for row in below if at < len(row) and not is_missing(row[at])]
    return bool(column) and all(map(_is_number, column))


def _is_known(at: int, field: str, below: Sequence[Row], known: Collection[str]) -> bool:
    word = field.strip().lower()
    return word in known and all(at >= len(row) or row[at].strip().lower() != word for row in below)


def _unlike_all_below(first: Row, below: Sequence[Row]) -> bool:
    """Whether no field of a row of text occurs again in its column, as a class would."""
    return all(
        at >= len(row) or not field.strip() or row[at] != field
        for row in below
        for at, field in enumerate(first)
    )


def _is_run(fields: Sequence[str]) -> bool:
    """Whether numbers rise by one each, or at least rise whole and often enough."""
    if len(fields) < FEWEST_IN_RUN or not all(map(_WHOLE.fullmatch, fields)):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(fields)}
    return steps == {1} or (min(steps) >= 1 and len(fields) >= 4 * FEWEST_IN_RUN)


def _made_of_values(first: Row, below: Sequence[Row]) -> bool:
    """Whether a row was read as a header by pandas, which writes a second 0 as ``0.1``."""
    repeated = [field for field in first if _REPEATED.fullmatch(field)]
    if 4 * len(repeated) < len(first) or not below:
        return False
    there = {field.partition(".")[0] for field in first if _WHOLE.fullmatch(field)}
    return all(one.partition(".")[0] in there for one in repeated) and not any(
        "." in field for row in below for field in row
    )
