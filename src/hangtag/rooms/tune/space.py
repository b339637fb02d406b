"""What a person writes of a space in, a checked Space out; and the cells and draws of one.

To add a kind of parameter: its form in :func:`_dimension`, its draws in :func:`draw`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hangtag.errors import FormatError, OptionError, nearest
from hangtag.records import Dimension, Parameters, Space, Value
from hangtag.requests.changes import scalar

LARGEST_FILE = 1_000_000  # bytes: a space is a page of text
MOST_CELLS = 10_000
FORMS = "NAME=VALUE,VALUE,… or NAME=LOW:HIGH[:STEP][:log], with ; between"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_RANGE = ("low", "high", "step", "log")


def space(given: str | Path | Mapping[str, Any] | Space) -> Space:
    """Read a space.

    Args:
        given: Text such as ``dense.units=64,128;dropout=0:0.5``; a YAML file of the same names,
            each with a list of values or ``{low: …, high: …, step: …, log: …}``; such a mapping;
            or a space that is one already.

    Raises:
        OptionError: The space is empty, or something in it cannot be.
        FormatError: The file is no such YAML.

    Example:
        >>> space("learning_rate=1e-4:1e-2:log").dimensions[0].log
        True
    """
    if isinstance(given, Space):
        made = given
    elif isinstance(given, Mapping):
        made = Space(tuple(_from_mapping(str(name), value) for name, value in given.items()))
    elif isinstance(given, Path) or _names_a_file(given):
        made = Space(tuple(_from_mapping(*one) for one in _opened(Path(given)).items()))
    else:
        made = Space(tuple(_from_text(part) for part in given.split(";") if part.strip()))
    check(made)
    return made


def check(made: Space) -> None:
    """Refuse a space in which nothing can be searched.

    Raises:
        OptionError: It is empty, or something in it cannot be.
    """
    if not made.dimensions:
        raise OptionError("the search space is empty: nothing may vary", f"give {FORMS}")
    for one in made.dimensions:
        if made.names.count(one.name) > 1:
            raise OptionError(f"the search space has {one.name} twice")
        _check_dimension(one)


def check_names(made: Space, known: Iterable[str]) -> None:
    """Refuse a parameter that nothing listens to.

    Raises:
        OptionError: It is none of `known`; the hint names them.
    """
    names = tuple(known)
    for name in made.names:
        if name not in names:
            raise OptionError(f"there is no parameter '{name}' to search", nearest(name, names))


def cells(made: Space) -> Iterator[Parameters]:
    """Every cell of a grid; the last parameter changes fastest.

    Raises:
        OptionError: A parameter has no end of values, or there are too many cells.
    """
    for one in made.dimensions:
        if not one.values:
            raise OptionError(
                f"a grid needs {one.name} as single values or with a step; got {one}",
                f"write {one.name}={one.low}:{one.high}:STEP, or search with --method random",
            )
    size = made.size or 0
    if size > MOST_CELLS:
        raise OptionError(
            f"this grid has {size:,} cells; {MOST_CELLS:,} at most are taken",
            "give fewer values, or --method random with --trials",
        )
    # The last fastest, so that trials which differ in one number alone stand together and can share
    # work.
    for values in itertools.product(*(one.values for one in made.dimensions)):
        yield dict(zip(made.names, values, strict=True))


def draw(made: Space, generator: np.random.Generator) -> dict[str, Value]:
    """One random cell, every parameter by itself."""
    return {one.name: _drawn(one, generator) for one in made.dimensions}


def _drawn(one: Dimension, generator: np.random.Generator) -> Value:
    values = one.values
    if values and not one.log:
        # By place and not by rounding a number: the ends would come half as often.
        return values[int(generator.integers(len(values)))]
    assert one.low is not None
    assert one.high is not None
    if not one.log:
        return float(generator.uniform(one.low, one.high))
    # Half a step beyond each end, or the whole numbers at the ends would come half as often.
    beyond = 0.5 if one.kind == "whole" else 0.0
    low, high = math.log(one.low - beyond), math.log(one.high + beyond)
    drawn = math.exp(generator.uniform(low, high))
    if one.kind == "whole":
        return int(min(max(round(drawn), one.low), one.high))
    return float(min(max(drawn, one.low), one.high))


def _from_text(part: str) -> Dimension:
    name, equals, values = (piece.strip() for piece in part.partition("="))
    if not equals or not values:
        raise OptionError(f"'{part.strip()}' does not say what may vary", f"give {FORMS}")
    # Names of several choices have colons, too, such as pca:50; they begin with a letter, and a
    # range does not.
    words = [word.strip() for word in values.split(",")]
    named = any(":" in word and word[0].isalpha() for word in words)
    if ":" not in values or (len(words) > 1 and named):
        return Dimension(name, tuple(scalar(word) for word in words))
    pieces = [piece.strip() for piece in values.split(":")]
    log = pieces[-1] == "log"
    numbers = [_number(name, piece) for piece in pieces[: len(pieces) - log]]
    if not 2 <= len(numbers) <= 3:
        raise OptionError(f"'{part.strip()}' is no range", f"give {FORMS}")
    return _range(name, *numbers, log=log)


def _range(
    name: str, low: float, high: float, step: float | None = None, *, log: bool
) -> Dimension:
    """Ends and step of one kind: all whole, or all with a point."""
    if any(isinstance(one, float) for one in (low, high, step)):
        low, high, step = float(low), float(high), None if step is None else float(step)
    return Dimension(name, low=low, high=high, step=step, log=log)


def _number(name: str, word: str) -> float:
    value = scalar(word)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OptionError(f"the range of {name} has '{word}', which is no number", f"give {FORMS}")
    return value


def _names_a_file(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) and "=" not in text


def _opened(path: Path) -> Mapping[Any, Any]:
    import yaml

    if not path.is_file():
        raise OptionError(f"there is no file {path} with a search space", f"or give {FORMS}")
    if path.stat().st_size > LARGEST_FILE:
        raise FormatError(f"{path} is larger than a search space is", "give a page of YAML")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{path} is no YAML: {str(error).splitlines()[0]}") from None
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise FormatError(
            f"{path} is no search space", "write one line per parameter: name: [1, 2]"
        )
    return values


def _from_mapping(name: str, value: object) -> Dimension:
    if isinstance(value, str) and re.match(r"[-+.\d].*:", value):
        return _from_text(f"{name}={value}")
    if isinstance(value, list | tuple):
        return Dimension(str(name), tuple(value))
    if not isinstance(value, Mapping):
        return Dimension(str(name), (value,))  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in value if key not in _RANGE)
    if unknown or "low" not in value or "high" not in value:
        raise OptionError(
            f"{name} in the search space is {dict(value)}",
            "give a list of values, or low, high and perhaps step and log",
        )
    low, high = (_number(name, str(value[end])) for end in ("low", "high"))
    step = None if value.get("step") is None else _number(name, str(value["step"]))
    return _range(str(name), low, high, step, log=bool(value.get("log", False)))


def _check_dimension(one: Dimension) -> None:
    if not _NAME.fullmatch(one.name):
        raise OptionError(f"'{one.name}' is no name of a parameter", f"give {FORMS}")
    if one.choices:
        _check_choices(one)
    elif one.low is None or one.high is None:
        raise OptionError(f"{one.name} in the search space has no value", f"give {FORMS}")
    else:
        _check_range(one, one.low, one.high)


def _check_choices(one: Dimension) -> None:
    for value in one.choices:
        if not isinstance(value, str | int | float | bool | None):
            raise OptionError(f"{one.name} may be {value!r}, which is no single value")
        if isinstance(value, float) and not math.isfinite(value):
            raise OptionError(f"{one.name} may be {value}, which is not finite")
    if len(set(map(repr, one.choices))) < len(one.choices):
        raise OptionError(f"{one.name} in the search space has a value twice")


def _check_range(one: Dimension, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise OptionError(f"the range of {one.name} is from {low} to {high}")
    if one.step is not None and not (math.isfinite(one.step) and one.step > 0):
        raise OptionError(f"the range of {one.name} has a step of {one.step}")
    if one.log and low <= 0:
        raise OptionError(f"the range of {one.name} by logarithm starts at {low}, not above 0")
    if one.log and one.step is not None:
        raise OptionError(f"the range of {one.name} has both a step and a logarithm", "give one")
    if one.values and len(one.values) > 1_000_000:
        raise OptionError(f"{one.name} has {len(one.values):,} values", "give a larger step")
