"""Results as lines for a screen: the tables a page would show, and what stands below them.

What is told of a record is told once, in its file of this folder; a page, a notebook and a terminal
only differ in how they set it. To tell of another record: a line in :data:`TOLD`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from hangtag.records import (
    Ablation,
    Evaluation,
    Outcome,
    RunComparison,
    RunList,
    StudyTable,
    Trials,
)
from hangtag.rooms.report.results import ablate, compare, evaluate, runs, tune
from hangtag.rooms.report.study.numbers import column
from hangtag.sheets import aligned

TOLD: Mapping[type, Callable[[Any], Outcome]] = {
    Ablation: ablate.told,
    Evaluation: evaluate.of_one,
    RunComparison: compare.told,
    RunList: runs.told,
    Trials: tune.told,
}
"""How each record is told."""

WIDE = 80
"""Characters of a line; what does not fit stands in a block below, as pandas prints it."""
_ENDS = ("low", "high")


def lines(record: object) -> Iterator[str]:
    """A record as it is printed: every table under its title, then the sentences.

    Args:
        record: Of a class in :data:`TOLD`.
    """
    told = TOLD[type(record)](record)
    for one in told.tables:
        yield from table_lines(one)
        yield ""
    for words in told.words:
        yield from _wrapped(words)


def table_lines(table: StudyTable) -> Iterator[str]:
    """A table under its title: an interval beside its value, a star at the best of a column.

    A column that is empty in every row is left out, since a screen has 80 columns.
    """
    heads: list[str] = []
    columns: list[list[str]] = []
    left: set[int] = set()
    for at, head in enumerate(table.header):
        if head in _ENDS or all(row[at] is None for row in table.rows):
            continue
        texts, right = _column(table, at)
        if not right:
            left.add(len(heads))
        heads.append(head)
        columns.append(texts)
    yield table.title
    for number, some in enumerate(_blocks(heads, columns)):
        if number:
            yield ""
        rows = zip(*(columns[at] for at in some), strict=True)
        begin = {place for place, at in enumerate(some) if at in left}
        yield from aligned([heads[at] for at in some], rows, left=begin)
    yield from _wrapped(table.note)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDE, break_long_words=False, break_on_hyphens=False)


def _blocks(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Columns that fit side by side on a screen; the first, which names the rows, in each block.

    Columns of one measure, such as ``recall a`` and ``recall b``, are put side by side if they can.
    """
    widths = [2 + max(map(len, (head, *cells))) for head, cells in zip(heads, columns, strict=True)]
    room = WIDE - widths[0] + 2
    block: list[int] = []
    for at in range(1, len(heads)):
        used = sum(widths[one] for one in block)
        of_measure = [at]
        if heads[at].split()[0] != heads[at - 1].split()[0]:
            of_measure = [one for one in range(at, len(heads)) if _alike(heads, at, one)]
        whole = sum(widths[one] for one in of_measure)
        if block and used + (whole if whole <= room else widths[at]) > room:
            yield [0, *block]
            block = []
        block.append(at)
    yield [0, *block]


def _alike(heads: Sequence[str], first: int, last: int) -> bool:
    return len({head.split()[0] for head in heads[first : last + 1]}) == 1


def _column(table: StudyTable, at: int) -> tuple[list[str], bool]:
    """The cells of a column as text, and whether they end under one another."""
    texts, right = column([row[at] for row in table.rows])
    texts = [text or "–" for text in texts]
    if table.header[at + 1 : at + 3] == _ENDS:
        ends = (_interval(row[at + 1 : at + 3]) for row in table.rows)
        texts, right = [f"{text}{end}" for text, end in zip(texts, ends, strict=True)], False
    if any(place == at for _, place in table.best):
        texts = [text + " *"[(row, at) in table.best] for row, text in enumerate(texts)]
    return texts, right


def _interval(ends: Sequence[Any]) -> str:
    """An interval with the digits that scores have; nothing where it was refused."""
    return "" if None in ends else f" [{ends[0]:.4f}, {ends[1]:.4f}]"
