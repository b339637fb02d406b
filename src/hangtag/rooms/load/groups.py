"""Which images belong together, as a column or a level of folders says: words in, numbers out.

Images of one person, one patient or one thing are alike whatever their class. A split that puts
them on both sides measures memory; ``split.py`` never parts a group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.records import ImageSet
from hangtag.rooms.load import paths
from hangtag.rooms.load.label_columns import Columns
from hangtag.rooms.load.labels import is_missing


def of_rows(columns: Columns, files: Sequence[str | None], asked: str | None) -> list[str | None]:
    """The group of each row of a table: a column of it, or a folder of the file that it names.

    Args:
        columns: The table's other columns.
        files: The file that each row names.
        asked: A column by its name, or ``folder:1``; None for no groups.
    """
    cells = columns.cells.get(named(columns, asked) or "")
    if cells is None:
        return of_folders(files, asked)
    return [None if is_missing(one) else one.strip() for one in cells]


def of_folders(files: Sequence[str | None], asked: str | None) -> list[str | None]:
    """The group of each file: the folder at the level that was asked for, parts not counted."""
    level = paths.folder_level(asked)
    return [None] * len(files) if level is None else paths.folder_labels(files, level)


def named(columns: Columns, asked: str | None) -> str | None:
    """The column that was asked for, as the table writes it; None where it has none."""
    return next((name for name in columns.cells if name.lower() == (asked or "").lower()), None)


def check_columns(tables: Sequence[Columns], asked: str | None) -> None:
    """Refuse a column that no table has.

    Raises:
        OptionError: There is none.
    """
    if asked is None or paths.folder_level(asked) is not None:
        return
    if not any(named(one, asked) for one in tables):
        known = dict.fromkeys(name for one in tables for name in one.cells)
        raise OptionError(f"no table has a column '{asked}' to group by", nearest(asked, known))


def check_said(said: Sequence[str | None], asked: str | None, where: str) -> None:
    """Refuse files of which none is said to belong to anything, before they are opened.

    Raises:
        OptionError: They are such files.
    """
    if asked is not None and not any(one is not None for one in said):
        raise OptionError(
            f"'{asked}' says of no image of {where} what it belongs to",
            "name a column of a table of files, or a level of folders: --group folder:2",
        )


def check(images: ImageSet, asked: str | None) -> None:
    """Refuse a set whose format cannot say what belongs together.

    Raises:
        OptionError: It is such a set.
    """
    if asked is not None and images.groups is None:
        raise OptionError(
            f"{images.name} is read as {images.format}, which has no column '{asked}' to group by",
            "name a column of a table of files or pixels, or a level of folders: --group folder:2",
        )


def coded(said: Sequence[str | None]) -> NDArray[np.int64] | None:
    """Numbers for groups; an image of which nothing is said is a group of its own.

    Returns:
        ``(n,)`` int64, or None where nothing is said of any image.
    """
    if not any(one is not None for one in said):
        return None
    known = {name: number for number, name in enumerate(sorted({one for one in said if one}))}
    alone = iter(range(len(known), len(known) + len(said)))
    return np.array([next(alone) if one is None else known[one] for one in said], np.int64)


def note(said: Sequence[str | None], asked: str | None) -> tuple[str, ...]:
    """What was found, in a sentence."""
    names = {one for one in said if one is not None}
    if not names:
        return ()
    rest = sum(one is None for one in said)
    also = f"; {rest} of which it says nothing are each alone" if rest else ""
    return (f"images belong together by '{asked}': {len(names)} groups{also}",)
