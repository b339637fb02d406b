"""How a value is written as text and read again: one :class:`Value` for each kind that occurs.

A value is read wherever it comes from (a flag's text, a study's YAML, a Python keyword), and
written so that reading gives it back. To add a kind: one :class:`Value` here, named in an
``Option`` as ``value=``.
"""

from __future__ import annotations

import csv
import io
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_NUMBERS = 10_000
LARGEST_SIDE = 999_999
_SIZE = re.compile(r"([0-9]{1,6})(?:x([0-9]{1,6}))?")
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?:/(\d+))?")


@dataclass(frozen=True, eq=False)
class Value:
    """A kind of value.

    Attributes:
        read: Gives the value of a text, or of what a study or a caller says; ValueError if none.
        hint: What can be given.
        write: The text that reads as the value.
        metavar: What stands for the value in help.
        schema: Of the value in a study's YAML.
        none: The word for None, where None is a value and not the absence of one.
        many: Whether the flag may be given again and again; the value is a tuple.
    """

    read: Callable[[Any], Any]
    hint: str
    write: Callable[[Any], str] = str
    metavar: str | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    none: str = ""
    many: bool = False


def _whole(given: Any) -> int:  # noqa: ANN401 - whatever was said; so are all below
    if isinstance(given, bool):
        raise ValueError
    if isinstance(given, str):
        return int(given)
    try:
        return operator.index(given)
    except TypeError:
        raise ValueError from None


def _number(given: Any) -> float:  # noqa: ANN401
    if isinstance(given, bool):
        raise ValueError
    try:
        value = float(given)
    except TypeError:
        raise ValueError from None
    if not math.isfinite(value):
        raise ValueError
    return value


def _text(given: Any) -> str:  # noqa: ANN401
    if not isinstance(given, str):
        raise ValueError
    return given


def _truth(given: Any) -> bool:  # noqa: ANN401
    if given not in (True, False):
        raise ValueError
    return bool(given)


def _path(given: Any) -> Path:  # noqa: ANN401
    if not isinstance(given, str | Path):
        raise ValueError
    return Path(given)


def _several(given: Any, one: Callable[[Any], Any]) -> tuple[Any, ...]:  # noqa: ANN401
    """A list, whatever holds it; a single value is a list of one."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return (one(given),)
    return tuple(one(item) for item in given)


def _numbers(given: Any) -> tuple[int, ...]:  # noqa: ANN401
    if not isinstance(given, str):
        return _several(given, _whole)
    found: list[int] = []
    for word in (part.strip() for part in given.split(",")):
        spread = _RANGE.fullmatch(word)
        if spread is None:
            if not (word.isascii() and word.isdigit()):
                raise ValueError
            found.append(int(word))
            continue
        first, last, step = int(spread[1]), int(spread[2]), int(spread[3] or 1)
        if step < 1 or last < first or (last - first) // step >= MOST_NUMBERS:
            raise ValueError
        found += range(first, last + 1, step)
    return tuple(found)


def _numbers_written(numbers: tuple[int, ...]) -> str:
    """A range where there is one, which is how a person would type it."""
    step = numbers[1] - numbers[0] if len(numbers) > 3 else 0
    if step > 0 and numbers == tuple(range(numbers[0], numbers[-1] + 1, step)):
        return f"{numbers[0]}..{numbers[-1]}" + (f"/{step}" if step > 1 else "")
    return ",".join(map(str, numbers))


def _seeds(given: Any) -> tuple[int, ...]:  # noqa: ANN401
    """How many from 0 on, or which: ``3``, ``4,7``, ``5,``."""
    if isinstance(given, str) and "," in given:
        given = [word for word in given.split(",") if word.strip()]
    one = not isinstance(given, Iterable) or isinstance(given, str)
    found = tuple(range(_whole(given))) if one else tuple(map(_whole, given))
    if not found or len(set(found)) < len(found):
        raise ValueError
    return found


def _seeds_written(seeds: tuple[int, ...]) -> str:
    if seeds == tuple(range(len(seeds))):
        return str(len(seeds))
    return ",".join(map(str, seeds)) + "," * (len(seeds) == 1)


def _reals(given: Any) -> tuple[float, ...]:  # noqa: ANN401
    """One number or several, as text with commas between."""
    return _several(given.split(",") if isinstance(given, str) else given, _number)


def _count_or_proportion(given: Any) -> float:  # noqa: ANN401
    """A whole number stays whole; a proportion lies between nothing and all."""
    if isinstance(given, str):
        given = int(given) if given.isdigit() else float(given)
    value = _number(given) if isinstance(given, float) else _whole(given)
    if not value > 0 or (isinstance(value, float) and value >= 1):
        raise ValueError
    return value


def _coordinates(given: Any) -> str | float:  # noqa: ANN401
    """A number, or a word for whoever knows them to check."""
    if not isinstance(given, str):
        return _number(given) if isinstance(given, float) else _whole(given)
    try:
        return int(given) if given.isdigit() else float(given)
    except ValueError:
        return given


def _pair(given: Any, largest: int) -> tuple[int, int]:  # noqa: ANN401
    first, second = (_whole(one) for one in given)
    if not 0 <= first <= largest or not 0 <= second <= largest:
        raise ValueError
    return first, second


def _size(given: Any) -> tuple[int, int]:  # noqa: ANN401
    if isinstance(given, str):
        found = _SIZE.fullmatch(given)
        if found is None:
            raise ValueError
        given = (found[1], found[2] or found[1])
    elif not isinstance(given, Iterable):
        given = (given, given)
    return _pair(given, LARGEST_SIDE)


def _rows(given: Any) -> tuple[int, int]:  # noqa: ANN401
    return _pair(given.split(":") if isinstance(given, str) else given, LARGEST_SIDE)


def _words(given: Any) -> tuple[str, ...]:  # noqa: ANN401
    if isinstance(given, str):
        try:
            rows = [*csv.reader(io.StringIO(given, newline=""), skipinitialspace=True)]
        except csv.Error:
            raise ValueError from None
        return tuple(word.strip() for row in rows for word in row)
    return _several(given, _text)


def _joined(value: Iterable[object]) -> str:
    """With commas between; a word with one inside stands in quotes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(value)
    return text.getvalue().removesuffix("\n")


WHOLE = Value(_whole, "a whole number", schema={"type": "integer"})
NUMBER = Value(_number, "a number", repr, schema={"type": "number"})
TEXT = Value(_text, "text", schema={"type": "string"})
TRUTH = Value(_truth, "true or false", schema={"type": "boolean"})
PATH = Value(_path, "a path", schema={"type": "string"})
PLAIN = {int: WHOLE, float: NUMBER, str: TEXT, bool: TRUTH, Path: PATH}
"""What needs no ``value=``: the type says how it is read."""

_WHOLE_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_PAIR = {**_WHOLE_NUMBERS, "minItems": 2, "maxItems": 2}
NUMBERS = Value(
    _numbers,
    "such as 10, or 5,10,25, or 5..40/5",
    _numbers_written,
    "NUMBERS",
    {"anyOf": [{"type": "integer"}, {"type": "string"}, _WHOLE_NUMBERS]},
)
SEEDS = Value(
    _seeds,
    "how many from 0 on, such as 3, or which, such as 4,7",
    _seeds_written,
    "SEEDS",
    {"anyOf": [{"type": "integer"}, _WHOLE_NUMBERS]},
)
REALS = Value(
    _reals,
    "a number, or several such as 0.01,0.1,1",
    _joined,
    "NUMBERS",
    {"anyOf": [{"type": ["number", "string"]}, {"type": "array", "items": {"type": "number"}}]},
)
AXES = Value(
    _count_or_proportion,
    "a whole number, a proportion of the variance such as 0.95, or none",
    metavar="AXES",
    schema={"type": "number", "exclusiveMinimum": 0},
    none="none",
)
COORDINATES = Value(
    _coordinates,
    "sqrt, log2, a number such as 30, a proportion such as 0.5, or none",
    metavar="COUNT",
    schema={"type": ["number", "string"]},
    none="none",
)
SIZE = Value(
    _size,
    "such as 28, or 28x40 (height first)",
    lambda value: "x".join(map(str, value)),
    "SIZE",
    {"anyOf": [{"type": ["integer", "string"]}, _PAIR]},
)
ROWS = Value(
    _rows,
    "FIRST:PAST, such as 14:28",
    lambda value: ":".join(map(str, value)),
    "FIRST:PAST",
    {"anyOf": [{"type": "string"}, _PAIR]},
)
WORDS = Value(
    _words,
    "words with commas between",
    _joined,
    "A,B,C",
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
)
TEXTS = Value(
    lambda given: _several(given, _text),
    "texts",
    schema={"type": "array", "items": {"type": "string"}},
    many=True,
)
