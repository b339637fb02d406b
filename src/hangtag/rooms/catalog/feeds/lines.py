"""JSON lines whose every byte is kept: an object a line goes in, values come out and go in.

It is asked as a table is (``cells.py``): columns are the keys of the objects. A value is written
into its own place of the line, so that nothing else of it is written anew.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from hangtag.errors import FormatError
from hangtag.rooms.catalog.feeds.cells import BOM, Cells, Row, decoded

SUFFIXES = (".jsonl", ".ndjson")
BETWEEN = "|"
"""What stands between the texts of a list where it is asked for as one cell."""

_BLANKS = " \t"


@dataclass(eq=False)
class Lines(Cells):
    """A feed of JSON lines; each row has one cell, the line as it stands."""

    objects: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What each line says, and which keys there are, in the order they come."""
        for row in self.rows:
            found = _object(row.cells[0])
            if found is not None:
                self.objects[row.number] = found
                for key in found:
                    self.places.setdefault(key, len(self.places))
        self.header.cells = list(self.places)

    def get(self, row: Row, name: str) -> str:
        """What a key says; empty where the line has none, or is no object."""
        return _text(self.objects.get(row.number, {}).get(name))

    def put(self, row: Row, name: str, value: str) -> None:
        """Write a text in the place of the key's value, or as a further key at the end."""
        line = row.cells[0]
        spans = _spans(line)
        written = json.dumps(value, ensure_ascii=False)
        # Cut into the line itself: written anew by json, spaces and escapes would be others.
        if name in spans:
            start, end = spans[name]
            row.cells[0] = line[:start] + written + line[end:]
        else:
            at = line.rindex("}")
            before = ", " if spans else ""
            key = json.dumps(name, ensure_ascii=False)
            row.cells[0] = f"{line[:at]}{before}{key}: {written}{line[at:]}"
        self.objects[row.number][name] = value

    def add(self, name: str) -> None:
        """A further key, which only lines get that something is written into."""
        self.places[name] = len(self.header.cells)
        self.header.cells.append(name)

    @property
    def text(self) -> str:
        """The file."""
        return BOM * self.bom + "".join(row.cells[0] + row.end for row in self.rows)


def parse_lines(name: str, data: bytes) -> Lines:
    """Read JSON lines.

    Raises:
        FormatError: It is not UTF-8, or no line is an object.
    """
    text = decoded(name, data)
    rows = []
    # By line feeds alone: what Unicode calls a line's end may stand within a text.
    for number, whole in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text.removeprefix(BOM)), 1):
        line = whole.rstrip("\r\n")
        rows.append(Row([line], whole[len(line) :], number))
    found = Lines(Row([], "", 0), rows, "", text.startswith(BOM))
    if not found.objects:
        raise FormatError(f"no line of {name} is a JSON object", "an object with an id a line")
    return found


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return BETWEEN.join(value)
    return json.dumps(value, ensure_ascii=False)


def _spans(line: str) -> dict[str, tuple[int, int]]:
    """Where the value of each key of an object stands; of one that is there twice, the last one."""
    decoder = json.JSONDecoder()
    found: dict[str, tuple[int, int]] = {}
    at = _past(line, line.index("{") + 1)
    while line[at] != "}":
        key, at = decoder.raw_decode(line, at)
        start = _past(line, _past(line, at) + 1)
        _, end = decoder.raw_decode(line, start)
        found[key] = (start, end)
        at = _past(line, end)
        if line[at] == ",":
            at = _past(line, at + 1)
    return found


def _past(line: str, at: int) -> int:
    while line[at] in _BLANKS:
        at += 1
    return at
