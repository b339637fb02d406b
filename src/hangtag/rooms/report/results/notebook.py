"""Records that are told, in a notebook: a card of sentences and tables, the first table as a frame.

To show another record so: a line in ``plain.TOLD``, and ``Told`` among the bases of its class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.rooms.report.results.plain import TOLD
from hangtag.rooms.report.shell import render
from hangtag.rooms.report.study.tables import shown

if TYPE_CHECKING:
    from polars import DataFrame

ROWS = 20
"""Of a table on a card; its frame has all."""


def card(record: object) -> str:
    """HTML of a record; everything that comes from data is escaped."""
    told = TOLD[type(record)](record)
    tables = [shown(one, ROWS) for one in told.tables]
    return str(render("study/card.html", outcome=told, tables=tables))


def frame(record: object) -> DataFrame:
    """The first table of a record, which has a row for each thing that it is about."""
    import polars

    table = TOLD[type(record)](record).tables[0]
    return polars.DataFrame(table.rows, schema=list(table.header), orient="row", strict=False)
