"""Which column of a table of paths holds the labels, decided by all of its rows.

The order of evidence: the column that was asked for; columns called label, class, … ; one-hot
columns; the only column of words that repeat; the only column of numbers that count classes from
0 or 1. Never a column in which every row differs, as ids and prices do, nor a measure. Two columns
that divide the images differently are a question.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from hangtag.errors import AmbiguousError, FormatError, UsageError
from hangtag.rooms.load import tables
from hangtag.rooms.load.labels import is_missing

MEASURES = frozenset(
    {"width", "height", "w", "h", "x", "y", "xmin", "xmax", "ymin", "ymax", "left", "top", "right"}
    | {"bottom", "area", "depth", "channels", "bytes", "size", "weight", "price", "stock", "count"}
    | {"quantity", "qty", "age", "year", "month", "day", "time", "date", "rating", "score", "index"}
    | {"latitude", "longitude", "lat", "lon", "lng", "seed", "epoch", "loss", "accuracy"}
    | {"confidence", "probability"}
)
"""Words in the names of columns whose numbers measure or count, and name no class."""

FEWEST_DIFFERENT = 6
"""In fewer rows, labels that all differ are no sign of an id."""

ONE_HOT = "one-hot"
"""What a person calls the columns of 0 and 1 where other columns could be labels too."""

_WHOLE = re.compile(r"-?\d+(\.0*)?", re.ASCII)
_LIST = re.compile(r"\[.*\]|\{.*\}|\(.*,.*\)", re.DOTALL)
_YES = frozenset({"1", "1.0", "true"})
_NO = frozenset({"0", "0.0", "false"})


@dataclass(frozen=True)
class Columns:
    """Columns that could hold labels: name (or ``column 2``) and cells of each.

    Attributes:
        table: Name of the table, for the sentences.
        cells: Name of a column to its cells, one a row; without columns of paths and parts.
        named: Whether the table has a header.
    """

    table: str
    cells: Mapping[str, Sequence[str]]
    named: bool


@dataclass(frozen=True)
class Labels:
    """What was found.

    Attributes:
        labels: One per row, None without one; None as a whole if no column holds labels.
        problems: Rows that cannot have one label, and why.
        class_names: Name of each code, where another column says it.
        notes: How the column was told, if its name does not say it.
        certain: Whether a name, a person or one-hot columns say it, and not values alone.
    """

    labels: list[str | None] | None
    problems: Mapping[int, str] = field(default_factory=dict)
    class_names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    certain: bool = True


def choose(columns: Columns, asked: str | None) -> Labels:
    """Take the labels out of the columns of a table.

    Raises:
        FormatError: There is no column `asked`, or labels are lists.
        AmbiguousError: Several columns could be the labels.
    """
    hot = _hot(columns)
    if asked is not None:
        if asked == ONE_HOT and asked not in columns.cells and len(hot) > 1:
            return _one_hot(columns, hot)
        return _column(columns, _asked(columns, asked))
    # What a person called label is the label, whatever other columns look like.
    by_name = [name for name in columns.cells if plain(name) in LABEL_NAMES]
    if "y" in by_name and "x" in map(plain, columns.cells):  # a place in an image
        by_name.remove("y")
    if by_name:
        named = _one_of(columns, [*by_name, *_relatives(columns, by_name)], certain=True)
        return replace(named, notes=(*named.notes, *_not_taken(columns, by_name)))
    several = hot if len(hot) > 1 else []
    words = [name for name in columns.cells if name not in several and _is_words(columns, name)]
    if several and words:
        raise _question(columns, words, f"or the {len(hot)} columns of 0 and 1")
    if several:
        return _one_hot(columns, hot)
    # Whole numbers may be codes as well as words may be names: with both, nobody can tell.
    codes = [name for name in columns.cells if name not in words and _is_codes(columns, name)]
    either = [name for name in columns.cells if name in words or name in codes]
    return _one_of(columns, either, certain=False) if either else Labels(None)


def plain(name: str) -> str:
    """A column's name in lower case and without marks: ``Class_ID`` is ``classid``."""
    return re.sub(r"[\W_]", "", name.lower())


LABEL_NAMES = frozenset(map(plain, tables.LABEL_NAMES)) | {"groundtruth"}
"""Names of columns with labels, as :func:`plain` writes them."""


def without(columns: Columns, asked: str | None) -> Columns:
    """The columns but one, which is known to be no label."""
    gone = (asked or "").lower()
    kept = {name: cells for name, cells in columns.cells.items() if name.lower() != gone}
    return replace(columns, cells=kept)


def has(columns: Columns, asked: str) -> bool:
    """Whether a table has the column that was asked for."""
    return asked == ONE_HOT or asked.lower() in (name.lower() for name in columns.cells)


def all_differ(columns: Columns) -> bool:
    """Whether the columns called as labels are have another value in each row, as lists do."""
    cells = [cells for name, cells in columns.cells.items() if plain(name) in LABEL_NAMES]
    return bool(cells) and all(len(set(one)) == len(one) > 1 for one in cells)


def may_be_chosen(columns: Columns, asked: str | None) -> bool:
    """Whether :func:`choose` gives labels or has a question about them."""
    try:
        return choose(columns, asked).labels is not None
    except UsageError:
        return True


def _asked(columns: Columns, asked: str) -> str:
    found = [name for name in columns.cells if name.lower() == asked.lower()]
    if not found:
        there = ", ".join(columns.cells) if columns.named else "without names"
        raise FormatError(
            f"{columns.table} has no column '{asked}'", f"its columns are {there or 'paths alone'}"
        )
    return found[0]


def _one_of(columns: Columns, names: list[str], *, certain: bool) -> Labels:
    """The only one of `names`, or of those that say the same; else a question."""
    # Columns that divide the rows alike say the same in other words, so the first of them is
    # enough.
    kinds = [_kind(columns.cells[name]) for name in names]
    names = [name for at, name in enumerate(names) if kinds[at] not in kinds[:at]]
    if len(names) > 1:
        raise _question(columns, names)
    name = names[0]
    # A list of paths with one other column and no header is what lists of labels look like.
    certain = certain or (len(columns.cells) == 1 and not columns.named)
    _check(columns, name, certain)
    same = [
        other
        for other in columns.cells
        if other != name
        and (plain(other) in LABEL_NAMES or "name" in plain(other))
        and _kind(columns.cells[other]) == _kind(columns.cells[name])
    ]
    note = f"labels are taken from column '{name}', the only one whose values repeat as classes do"
    told = () if certain or not columns.named else (note,)
    titles = next((one for one in same if _text(columns, one)), None)
    found = _column(columns, name, told, None if _text(columns, name) else titles)
    return replace(found, certain=certain and len(set(columns.cells[name])) > 1)


def _not_taken(columns: Columns, taken: list[str]) -> list[str]:
    """A note on columns of words that could be labels as well, but are not called so."""
    divided = {_kind(columns.cells[name]) for name in taken}
    others = [
        repr(name)
        for name in columns.cells
        if name not in taken
        and _is_words(columns, name)
        # The same classes in other words, as `label_name` beside `label`, are nothing else.
        and _kind(columns.cells[name]) not in divided
    ]
    return [
        f"labels are taken from column '{taken[0]}', for its name; --label takes another, such as"
        f" {', '.join(others[:3])}"
    ][: len(others)]


def _relatives(columns: Columns, named: list[str]) -> list[str]:
    """Columns such as ``subcategory`` beside ``category``: they are no less likely."""
    return [
        name
        for name in columns.cells
        if name not in named
        and any(plain(name).endswith(plain(one)) for one in named if len(plain(one)) > 1)
        and _repeats(columns, name)
    ]


def _check(columns: Columns, name: str, certain: bool) -> None:
    cells = _there(columns.cells[name])
    hint = f"say so if it holds them all the same: --label {shlex.quote(name)}"
    # Asked and not refused: a set with one image of each class exists, if seldom.
    if len(set(cells)) == len(cells) >= FEWEST_DIFFERENT:
        raise AmbiguousError(
            f"column '{name}' of {columns.table} could be labels, but each of its {len(cells)} rows"
            " has another one, as ids have",
            hint,
        )
    if _numbers(cells) and not all(map(_WHOLE.fullmatch, cells)):
        raise AmbiguousError(
            f"column '{name}' of {columns.table} could be labels, but it holds numbers with"
            " fractions, as measures do",
            hint,
        )
    if _are_lists_of_words(set(cells)):
        raise AmbiguousError(
            f"column '{name}' of {columns.table} could be labels of {len(set(cells))} classes, or"
            f" lists of words, such as {max(cells, key=len)[:60]!r}",
            hint,
        )
    # Ages and prices are whole numbers that repeat, too; classes are counted from 0 or 1 without
    # gaps.
    if not certain and _numbers(cells) and not _counts(cells):
        raise AmbiguousError(
            f"column '{name}' of {columns.table} could be labels of {len(set(cells))} classes or"
            " a measure",
            f"if it holds the labels: --label {shlex.quote(name)}; if not, leave the column out",
        )


def _are_lists_of_words(labels: Collection[str]) -> bool:
    """Whether cells look like several labels each: few words, in many combinations and lengths."""
    words = [re.split(r"[\s,;|]+", one) for one in labels]
    # Tags combine few words in many ways; names of classes hardly share a word.
    vocabulary = {word for one in words for word in one}
    lengths = {len(one) for one in words}
    return (
        len(labels) >= FEWEST_DIFFERENT and len(lengths) > 1 and len(vocabulary) * 2 <= len(words)
    )


def _column(
    columns: Columns, name: str, notes: tuple[str, ...] = (), names_from: str | None = None
) -> Labels:
    cells = columns.cells[name]
    # One is enough to refuse: the others may be lists of one, whose brackets are not written.
    lists = sum(bool(_LIST.fullmatch(one)) for one in cells)
    if lists:
        raise FormatError(
            f"{columns.table} has a list in '{name}' in {lists} of its {len(cells)} rows, and an"
            " image has one class",
            _another(columns, name),
        )
    labels = [None if is_missing(one) else one for one in cells]
    there = frozenset(labels)
    # Row by row, so that a slip costs one image; where most rows are so, the column is no label at
    # all.
    broken = {at: why for at, one in enumerate(labels) if one and (why := _problem(one, there))}
    if len(broken) * 2 > len(cells):
        first = next(iter(broken))
        raise FormatError(
            f"{columns.table} has no usable label in '{name}' in {len(broken)} of its {len(cells)}"
            f" rows: {cells[first][:60]!r} {broken[first]}",
            _another(columns, name),
        )
    pairs = zip(labels, columns.cells[names_from] if names_from else (), strict=False)
    return Labels(labels, broken, {code: title for code, title in pairs if code and title}, notes)


def _another(columns: Columns, name: str) -> str:
    others = [one for one in columns.cells if one != name and _repeats(columns, one)]
    choice = (
        f", or choose another column, such as --label {shlex.quote(others[0])}" if others else ""
    )
    return f"give each image one label{choice}"


def _problem(label: str, labels: AbstractSet[str | None]) -> str:
    """Why a label is none: several lines, or several of the other labels in one cell."""
    if "\n" in label:
        return f"has a label of {label.count(chr(10)) + 1} lines: is a quote not closed?"
    for mark in ("|", ";", ","):
        # Only if every piece is a label of its own elsewhere: "salt, pepper" may be the name of one
        # class.
        pieces = [one.strip() for one in label.split(mark)]
        if len(pieces) > 1 and all(one in labels for one in pieces):
            return f"has {len(pieces)} classes: {', '.join(pieces[:5])}"
    return ""


def _one_hot(columns: Columns, names: list[str]) -> Labels:
    """The column of the only 1 in each row; a row with several has no one label."""
    labels: list[str | None] = []
    problems = {}
    for at, cells in enumerate(zip(*(columns.cells[name] for name in names), strict=True)):
        there = [name for name, cell in zip(names, cells, strict=True) if cell.lower() in _YES]
        if len(there) > 1:
            problems[at] = f"has {len(there)} classes: {', '.join(there[:5])}"
        labels.append(there[0] if len(there) == 1 else None)
    if len(problems) * 2 > len(labels):
        raise FormatError(
            f"{columns.table} has several of its {len(names)} classes in {len(problems)} of"
            f" {len(labels)} rows, and an image has one class",
            f"choose one column and its 0 and 1 are the classes: --label {shlex.quote(names[0])}",
        )
    return Labels(labels, problems)


def _question(columns: Columns, names: list[str], also: str = "") -> AmbiguousError:
    shown = [f"'{name}' ({len(set(_there(columns.cells[name])))} classes)" for name in names]
    answers = [*map(shlex.quote, names[:4]), *[ONE_HOT] * bool(also)]
    return AmbiguousError(
        f"the labels in {columns.table} could be column {' or '.join(shown[:8])} {also}".rstrip(),
        f"say which: {' or '.join(f'--label {one}' for one in answers)}",
    )


def _there(cells: Sequence[str]) -> list[str]:
    return [one for one in cells if not is_missing(one)]


def _kind(cells: Sequence[str]) -> tuple[int, ...]:
    """Equal for columns that divide the rows alike, whatever they call the classes."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(one, len(first)) for one in cells)


def _numbers(cells: Sequence[str]) -> bool:
    return all(map(tables.NUMBER.fullmatch, cells))


def _text(columns: Columns, name: str) -> bool:
    return not _numbers(_there(columns.cells[name]))


def _repeats(columns: Columns, name: str) -> bool:
    """Whether there are classes: at least two, and, of enough rows, not nearly one a row."""
    cells = _there(columns.cells[name])
    n = len(set(cells))
    # A table of two columns has nothing else to be; there a class may have one image.
    alone = len(columns.cells) == 1 and (n < len(cells) or n < FEWEST_DIFFERENT)
    return (n > 1 or (alone and n == 1)) and (alone or n * 2 <= len(cells))


def _is_words(columns: Columns, name: str) -> bool:
    return _text(columns, name) and _repeats(columns, name)


def _is_codes(columns: Columns, name: str) -> bool:
    cells = _there(columns.cells[name])
    steps = [step for step in re.split(r"[\W_\d]+", name.lower()) if step]
    if any(step in MEASURES for step in steps) or not all(map(_WHOLE.fullmatch, cells)):
        return False
    return _repeats(columns, name)


def _counts(cells: Sequence[str]) -> bool:
    """Whether whole numbers run from 0 or 1 without a gap, as codes of classes do."""
    codes = {int(one.partition(".")[0]) for one in cells}
    return min(codes) in (0, 1) and max(codes) - min(codes) + 1 == len(codes)


def _hot(columns: Columns) -> list[str]:
    """Columns of 0 and 1 that together may say the class: two that change, or all there are.

    In the table of a small part a class may have no image, and its column no 1.
    """
    found = [name for name, cells in columns.cells.items() if _is_yes_or_no(cells)]
    changing = sum(len(set(columns.cells[name])) > 1 for name in found)
    return found if changing > 1 or len(found) == len(columns.cells) else []


def _is_yes_or_no(cells: Sequence[str]) -> bool:
    seen = {one.lower() for one in cells}
    return seen <= _YES | _NO
