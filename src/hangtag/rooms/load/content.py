"""What the columns of a table of pixels mean, told by the values of all its rows.

Of the columns that are no pixels by their names: which one divides the rows into parts, which one
has the labels (by name, then as the only one with few values that come again and again; never one
in which all differ), or which ones are labels written one-hot. Of a table without a header: which
of its outermost columns is a pixel, told by how much it differs from the pixels beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import columns, predefined_splits, tables
from hangtag.rooms.load.labels import MISSING_AMONG_NUMBERS, is_missing

Texts = Mapping[int, Sequence[str | None]]

LONELY = 20
"""From so many rows on, a column called label in which all values differ is a question."""

FEWEST_NUMBERED = 10
"""From so many rows on, a column of whole numbers that all differ numbers the rows."""


@dataclass(frozen=True)
class Meaning:
    """What the columns besides pixels say of each row.

    Attributes:
        labels: One for each row, as written; None when there are none.
        predefined: The part of each row; None when no column says it.
        class_names: Name of each label where another column says it.
        notes: What was decided.
        groups: What each row belongs to; None when no column was asked for that, or it is not here.
    """

    labels: Sequence[str | None] | None = None
    predefined: predefined_splits.PredefinedSplit | None = None
    class_names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    groups: Sequence[str | None] | None = None


def understand(
    table: tables.Table,
    texts: Texts,
    options: LoadOptions,
    where: str,
    told: int | None = None,
) -> Meaning:
    """Say which of the columns that are no pixels is what.

    Args:
        table: For the names.
        texts: The fields of every row, by column.
        options: What was said about labels and parts.
        where: Name of the file, for the sentences.
        told: The column with the labels, where `ends.py` has told it.

    Raises:
        FormatError: The column that was asked for does not exist.
        AmbiguousError: Several columns could hold the labels.
    """
    notes: list[str] = []
    # What `ends.py` has told by comparing columns with their neighbours outranks names: it has
    # looked at all rows.
    asked = told if told is not None else _asked(table, options, where)
    group_at = None if options.group is None else columns.asked_label(table, options.group)
    groups = texts.get(-1 if group_at is None else group_at)
    if groups is not None and group_at != asked:
        texts = {at: values for at, values in texts.items() if at != group_at}
    # The dividing column goes first; its few words that come again and again would pass for labels
    # otherwise.
    part_at, predefined = _predefined(table, texts, options, asked)
    if predefined is not None and predefined.note:
        notes.append(predefined.note)
    left = {at: values for at, values in texts.items() if at != part_at}
    hot = None if asked is not None else _one_hot_text(table, left)
    names: Mapping[str, str] = {}
    labels: Sequence[str | None] | None
    if hot is not None:
        labels, used = hot
        notes.append(f"columns {_quoted(table, used)} are one label, one-hot")
    else:
        label_at, names, used, said = _label(table, left, asked, where)
        notes += said
        labels = None if label_at is None else texts[label_at]
    notes += _odd_words(labels)
    over = [at for at in left if at not in used]
    if over:
        notes.append(f"columns {_quoted(table, over)} were passed over")
    together = None if groups is None else [_group(one) for one in groups]
    return Meaning(labels, predefined, names, tuple(notes), together)


def _group(said: str | None) -> str | None:
    return None if said is None or is_missing(said) else said.strip()


def _asked(table: tables.Table, options: LoadOptions, where: str) -> int | None:
    if options.label is None:
        return None
    column = columns.asked_label(table, options.label)
    if column is None:
        begin = ", ".join((table.header or ())[:8])
        raise FormatError(
            f"{where} has no column '{options.label}'",
            f"its columns begin with {begin}" if begin else "without a header, give its number",
        )
    return column


def _predefined(
    table: tables.Table, texts: Texts, options: LoadOptions, asked: int | None
) -> tuple[int | None, predefined_splits.PredefinedSplit | None]:
    if options.parts is False:
        return None, None
    others = [at for at in texts if at != asked]
    named = [at for at in others if _name(table, at) in tables.PART_COLUMNS]
    # Words for parts, and nothing else, say it under any name but a label's.
    spoken = [
        at
        for at in others
        if _name(table, at) not in tables.LABEL_NAMES and predefined_splits.only_parts(texts[at])
    ]
    for at in (*named, *spoken):
        predefined = predefined_splits.read(table.name(at), texts[at])
        if predefined is not None:
            return at, predefined
    return None, None


def _label(
    table: tables.Table, texts: Texts, asked: int | None, where: str
) -> tuple[int | None, Mapping[str, str], list[int], list[str]]:
    """The column of the labels, names for them from another, the columns used, and notes."""
    if asked is not None:
        return asked, {}, [asked], []
    named = [at for name in tables.LABEL_NAMES for at in texts if _name(table, at) == name]
    named += [
        at
        for at in texts
        if at not in named and _name(table, at).endswith(("_label", "_class", " label"))
    ]
    # A column that is called label and empty throughout is what test sets have in place of labels.
    named = [at for at in named if any(not is_missing(one) for one in texts[at])]
    if named:
        return _of_named(table, texts, named, where)
    usual = (*tables.ID_NAMES, *tables.PART_COLUMNS)
    fitting = [at for at in texts if table.header is None or _name(table, at) not in usual]
    fitting = [at for at in fitting if looks_like_labels(texts[at])]
    if len(fitting) > 1:
        raise AmbiguousError(
            f"the labels of {where} may be in {_quoted(table, fitting, ' or ')}",
            f"say which column has them, such as --label '{table.name(fitting[0])}'",
        )
    if not fitting:
        few = [at for at, values in texts.items() if _few_words(values)]
        return (few[0], {}, few, []) if len(few) == len(texts) == 1 else (None, {}, [], [])
    if table.header is None:  # the only words in a table of numbers: nothing to say about it
        return fitting[0], {}, fitting, []
    n = len({one for one in texts[fitting[0]] if not is_missing(one)})
    said = f"the labels are the {n} values of {_quoted(table, fitting)}, which come again and again"
    return fitting[0], {}, fitting, [said]


def _of_named(
    table: tables.Table, texts: Texts, named: list[int], where: str
) -> tuple[int, Mapping[str, str], list[int], list[str]]:
    first, *others = named
    if all_differ(texts[first]) and len(texts[first]) >= LONELY:
        raise AmbiguousError(
            f"every value of {_quoted(table, [first])} in {where} is another: it may be a label"
            " of classes with one image each, or the name of each row",
            f"say --label '{table.name(first)}' if it is the label, or name the column that is",
        )
    names: Mapping[str, str] = {}
    for other in others:
        pairs = set(zip(texts[first], texts[other], strict=True))
        # Two columns that map one to one say the same twice, a code and its name; any others divide
        # the images differently.
        if not len(pairs) == len({one for one, _ in pairs}) == len({one for _, one in pairs}):
            raise AmbiguousError(
                f"the labels of {where} may be in {_quoted(table, [first, other], ' or ')}",
                f"say which column has them, such as --label '{table.name(first)}'",
            )
        whole = all(is_missing(code) or _whole(code) for code, _ in pairs)
        if whole and not names and not all(is_missing(name) or _whole(name) for _, name in pairs):
            names = {code: name for code, name in pairs if code is not None and name is not None}
    return first, names, named, []


def looks_like_labels(values: Sequence[str | None]) -> bool:
    """Whether a column has few values that come again and again, none of them a fraction."""
    there = [one for one in values if one is not None and not is_missing(one)]
    distinct = set(there)
    # Each value twice on average at least: ids and prices come once each, classes again and again.
    if len(distinct) < 2 or 2 * len(distinct) > len(there):
        return False
    return not any(tables.NUMBER.fullmatch(one) and not _whole(one) for one in distinct)


def _odd_words(labels: Sequence[str | None] | None) -> list[str]:
    """A note on labels such as ``NA`` among others that are words: a class, or none."""
    distinct = {one for one in labels or () if one is not None and not is_missing(one)}
    odd = sorted(one for one in distinct if one.strip().lower() in MISSING_AMONG_NUMBERS)
    rest = distinct - set(odd)
    if not odd or all(map(_whole, rest)):
        return []
    return [f"the label {', '.join(map(repr, odd))} was taken for a class like the others"]


def _few_words(values: Sequence[str | None]) -> bool:
    """Whether the only column besides pixels has words, too few of them to come again."""
    words = [one for one in values if one is not None and not is_missing(one)]
    return 0 < len(words) < LONELY and not any(map(tables.NUMBER.fullmatch, words))


def all_differ(values: Sequence[str | None]) -> bool:
    """Whether no value of a column comes twice."""
    there = [one for one in values if not is_missing(one)]
    return len(there) > 1 and len(set(there)) == len(there)


def _one_hot_text(
    table: tables.Table, texts: Texts
) -> tuple[Sequence[str | None], list[int]] | None:
    """Labels that several columns of 0 and 1 say together, exactly one of them in each row."""
    hot = [at for at, values in texts.items() if {*values} <= {"0", "1", "0.0", "1.0"}]
    if len(hot) < 2 or any(_name(table, at) in tables.LABEL_NAMES for at in texts):
        return None
    ones = np.array([[one in ("1", "1.0") for one in texts[at]] for at in hot])
    if not (ones.sum(axis=0) == 1).all():
        return None
    names = [table.name(at) for at in hot]
    # class_cat, class_dog: what all have in common is the column's name and not the class's.
    shared = len(_shared_start(names))
    short = [name[shared:] or name for name in names]
    return [short[at] for at in ones.argmax(axis=0)], hot


def _shared_start(names: Sequence[str]) -> str:
    """What all names begin with, up to a sign between words: ``class_`` of class_a and class_b."""
    start = names[0]
    while start and not all(name.startswith(start) for name in names):
        start = start[:-1]
    cut = max(start.rfind(sign) for sign in "_- .:=")
    return start[: cut + 1]


def _name(table: tables.Table, at: int) -> str:
    return table.header[at].strip().lower() if table.header is not None else ""


def _quoted(table: tables.Table, some: Sequence[int], between: str = ", ") -> str:
    names = [f"'{table.name(at)}'" for at in some]
    return between.join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _whole(value: str | None) -> bool:
    return bool(value and tables.NUMBER.fullmatch(value)) and float(value or 0) % 1 == 0


def numbers(values: Sequence[str | None]) -> NDArray[np.float64]:
    """A column as numbers; not-a-number where it holds none."""
    return np.array(
        [
            float(one) if one is not None and tables.NUMBER.fullmatch(one) else np.nan
            for one in values
        ]
    )
