"""Several tables of one source put together: each image once, with its part and its class.

What two tables say alike is taken once; what they say differently of most images is a question,
of a few it is listed. Every image file is used, unreadable or passed over, and counted.
"""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from hangtag.errors import AmbiguousError, FormatError
from hangtag.records import PassedOver, Unreadable
from hangtag.rooms.load import class_lists, groups, label_columns, paths
from hangtag.rooms.load.base import LoadRequest, Member
from hangtag.rooms.load.image_index import ImageIndex
from hangtag.rooms.load.parts import part_name
from hangtag.rooms.load.raw import Raw

OFTEN = 0.1
"""From this proportion of images on, two tables that differ are a question and no mistake."""


@dataclass
class _Merged:
    """What the tables say of each file; files stand in the order in which they are first named."""

    rows: dict[str, list[paths.Row]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[Unreadable] = field(default_factory=list)


def read(
    tables: Sequence[paths.Examined], index: ImageIndex, options: LoadRequest, where: Path
) -> Raw:
    """Read the images that tables name.

    Raises:
        FormatError: No image can be read, or labels are none.
        AmbiguousError: Tables or columns give several readings.
    """
    from hangtag.rooms.load import gathering

    merged = _Merged()
    names: dict[str, str] = {}
    notes: list[str] = []
    completed: list[tuple[str, str]] = []
    members: list[Member] = []
    certain = True
    asked = options.label
    # A column that another table has may be missing in this one; one that none has is a mistake.
    have = asked is not None and any(label_columns.has(one.columns, asked) for one in tables)
    groups.check_columns([one.columns for one in tables], options.group)
    for table in tables:
        rows, labels = paths.rows_of(table, options, others_have=have)
        # Where two tables name a class, the later one is believed.
        names |= {**table.sheet.class_names, **labels.class_names}
        notes += [*table.sheet.notes, *labels.notes]
        completed += table.named.completed
        merged.unreadable += table.sheet.unreadable
        together = groups.of_rows(table.columns, table.named.files, options.group)
        for row, group in zip(rows, together, strict=True):
            _add(merged, members, replace(row, group=group), table, index)
        certain = certain and labels.certain
    _check_tables(merged)
    if not certain and options.format is None:
        _check_folders(merged, where)
    members += _members(merged, index, options)
    if not members:
        raise _nothing(merged, where)
    if completed:
        name, file = completed[0]
        notes.append(f"{len(completed)} names were completed, such as '{name}' to {file}")
    said = tuple(dict.fromkeys(notes))
    raw = gathering.gather(members, options, str(where), notes=said, unreadable=merged.unreadable)
    named = set(merged.rows).union(*(table.spoiled for table in tables))
    passed = _passed_over(index, named)
    return class_lists.with_names(replace(raw, passed_over=(*raw.passed_over, *passed)), names)


def _add(
    merged: _Merged,
    members: list[Member],
    row: paths.Row,
    table: paths.Examined,
    index: ImageIndex,
) -> None:
    """Put a row beside the others of its file; one of a file that is not there will be listed."""
    if row.file is not None and not row.problem:
        if index.leads_out(row.file):
            reason = f"leads out of the folder of the table: {row.path[:100]!r}"
            merged.unreadable.append(Unreadable(row.where, reason))
            # Named though unusable: it is counted once here, not again as a file nobody names.
            merged.rows[row.file] += []
        else:
            merged.rows[row.file].append(row)
    elif row.problem:
        merged.unreadable.append(Unreadable(row.where, row.problem))
        if row.file is not None:
            merged.rows[row.file] += []
    else:
        inside = posixpath.normpath(posixpath.join(table.base, row.path.replace("\\", "/")))
        image = partial(str, index.root / inside)
        members.append(Member(inside, row.part or "all", row.label, image, row.group))


def _check_tables(merged: _Merged) -> None:
    """Ask where two tables put many of their common images into different classes or parts."""
    differ: Counter[tuple[str, str, str]] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for rows in merged.rows.values():
        for one, other in pairwise(rows):
            if one.table != other.table:
                both[one.table, other.table] += 1
                for what in ("class", "part"):
                    said = {one.says(what), other.says(what)} - {None}
                    differ[one.table, other.table, what] += len(said) > 1
    for (first, second, what), n in differ.items():
        # A few rows that differ are mistakes and are listed; many are two ways to label the set.
        if n > OFTEN * both[first, second]:
            also = ", or --no-parts" if what == "part" else ""
            raise AmbiguousError(
                f"{first} and {second} put {n} of {both[first, second]} images into different"
                f" {'classes' if what == 'class' else 'parts'}",
                f"give one of the tables as the source, such as {first}{also}",
            )


def _check_folders(merged: _Merged, where: Path) -> None:
    """Ask where labels were told by their values alone and folders would divide otherwise."""
    labels = {file: rows[0].label for file, rows in merged.rows.items() if rows}
    folders = dict(zip(labels, paths.folder_labels(list(labels), None), strict=True))
    pairs = {(labels[file], folder) for file, folder in folders.items() if folder}
    names = sorted({folder for _, folder in pairs if folder})
    # One folder for each label and the other way round is the same split under other names.
    alike = len(pairs) == len(names) == len(set(labels.values()))
    if len(names) > 1 and not alike:
        raise AmbiguousError(
            f"{where} has labels in a table, {_some(sorted(filter(None, set(labels.values()))))},"
            f" and in its folders, {_some(names)}",
            "say which count: --as manifest or --as folder",
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + ", …" * (len(names) > 3)


def _members(merged: _Merged, index: ImageIndex, options: LoadRequest) -> list[Member]:
    folders = _part_folders(merged) if options.parts is not False else {}
    found = []
    for file, rows in merged.rows.items():
        labels = {row.label for row in rows if row.label is not None}
        parts = {row.part for row in rows if row.part is not None}
        # Neither is more likely right, and taking the first would be a guess nobody hears of.
        if len(labels) > 1 or len(parts) > 1:
            merged.unreadable.append(_conflict(file, rows))
            continue
        seen: set[str] = set()
        for row in rows:
            if row.table in seen:
                reason = f"names {row.path[:100]!r} a second time"
                merged.unreadable.append(Unreadable(row.where, reason))
            seen.add(row.table)
        if rows:
            part = next(iter(parts), None) or folders.get(file) or "all"
            label = next(iter(labels), None)
            group = next((row.group for row in rows if row.group is not None), None)
            found.append(Member(file, part, label, partial(str, index.files[file]), group))
    return found


def _conflict(file: str, rows: Sequence[paths.Row]) -> Unreadable:
    what = "class" if len({row.label for row in rows} - {None}) > 1 else "part"
    first, *others = (row for row in rows if row.says(what) is not None)
    other = next(row for row in others if row.says(what) != first.says(what))
    said = " and ".join(f"{row.says(what)!r} in {row.where}" for row in (first, other))
    return Unreadable(file, f"has two {'classes' if what == 'class' else 'parts'}: {said}")


def _part_folders(merged: _Merged) -> dict[str, str]:
    """The part each file lies in by its folders, unless that folder is called as its class."""
    found, steps = {}, {}
    for file, rows in merged.rows.items():
        folder = file.rpartition("/")[0]
        if folder not in steps:
            steps[folder] = next((step for step in folder.split("/") if part_name(step)), "")
        step = steps[folder]
        if step and not any(row.label == step for row in rows):
            found[file] = part_name(step) or ""
    return found


def _passed_over(index: ImageIndex, named: set[str]) -> list[PassedOver]:
    left = Counter(one.rpartition("/")[0] or "." for one in index.files if one not in named)
    return [
        PassedOver(f"{folder}/", "no row of a table names them", n) for folder, n in left.items()
    ]


def _nothing(merged: _Merged, where: Path) -> FormatError:
    first = merged.unreadable[0] if merged.unreadable else None
    hint = f"the first of {len(merged.unreadable)}: {first.where} {first.reason}" if first else ""
    if first and "leads out" in first.reason:
        hint += "; give the folder that holds both the table and the images"
    return FormatError(f"{where} names no image that can be read", hint or "add images")
