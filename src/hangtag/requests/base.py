"""A request: what a verb can be asked, each option written once and all else derived from it.

A verb's request is a frozen dataclass whose fields say what they are::

    @dataclass(frozen=True)
    class Explore(Request):
        per_class: Annotated[int, Option("Samples shown of each class.", low=1)] = 3

Its check, its dictionary, its JSON schema and its words on a command line are here; flags are made
of it in ``cli/asking.py``, keywords in ``requests/keywords.py``, a study step's fields in
``study/step.py``, the guide's tables in ``requests/guide.py``. To add an option: one field.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from importlib import import_module
from types import NoneType
from typing import Annotated, Any, Self, get_args, get_origin, get_type_hints

from hangtag.errors import OptionError, nearest
from hangtag.requests.values import PLAIN, TEXT, TEXTS, TRUTH, WORDS, Value

BRITISH = {
    "gray": "grey",
    "color": "colour",
    "ization": "isation",
    "neighbor": "neighbour",
    "centered": "centred",
    "license": "licence",
}
"""American pieces of flags and their British spelling, which is understood, too."""


@dataclass(frozen=True)
class Option:
    """What is to be known of an option besides its name, type and default.

    Attributes:
        help: One sentence.
        value: How it is read and written; None where the type says it.
        low: The least it can be.
        high: The most it can be.
        choices: What it can be, or a function that gives the names when they are needed.
        flags: On a command line; made of the name when empty. ``--yes/--no`` for a truth.
        also: Other flags that are understood and never printed.
        pinned: Gives the value that holds when none was said, where repeating must say it.
        panel: Heading over it in help.
    """

    help: str
    value: Value | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | Callable[[], Iterable[str]] = ()
    flags: str = ""
    also: tuple[str, ...] = ()
    pinned: Callable[[], Any] | None = None
    panel: str | None = None


@dataclass(frozen=True)
class Described:
    """A field of a request with all that its annotation says."""

    name: str
    option: Option
    kind: Value
    type: type
    default: Any
    optional: bool

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flags, the one to print first; of a truth each is ``--yes/--no``."""
        plain = "--" + self.name.replace("_", "-")
        first = self.option.flags or (f"{plain}/--no-{plain[2:]}" if self.kind is TRUTH else plain)
        british = first
        for piece, other in BRITISH.items():
            british = british.replace(piece, other)
        return tuple(dict.fromkeys((first, british, *self.option.also)))

    @property
    def names(self) -> tuple[str, ...]:
        """What it can be, where that is a list of names."""
        known = self.option.choices
        return tuple(known() if callable(known) else known)

    @property
    def sentence(self) -> str:
        """Its help, with the names that can be given."""
        names = self.names
        return f"{self.option.help.rstrip('.')}: {', '.join(names)}." if names else self.option.help

    def read(self, given: Any, called: str = "") -> Any:  # noqa: ANN401 - a value of any kind
        """The value that was given, checked.

        Args:
            given: Text, or the value itself.
            called: Its name, for the error.

        Raises:
            OptionError: It cannot be that.
        """
        name = called or self.name
        if self.optional and (given is None or (self.kind.none and given == self.kind.none)):
            return None
        try:
            value = self.kind.read(given)
        except (ValueError, TypeError, OverflowError):
            raise OptionError(f"{name} cannot be {_shown(given)}", self.kind.hint) from None
        several = self.kind in (WORDS, TEXTS)
        names = self.names
        for one in value if several else (value,):
            if names and one not in names:
                raise OptionError(f"{name} cannot be '{one}'", nearest(str(one), names))
        self._check_bounds(value, name)
        return value

    def _check_bounds(self, value: Any, name: str) -> None:  # noqa: ANN401
        low, high = self.option.low, self.option.high
        for one in value if isinstance(value, tuple) else (value,):
            if low is not None and one < low:
                raise OptionError(f"{name} cannot be {one}", f"{low:g} at least")
            if high is not None and one > high:
                raise OptionError(f"{name} cannot be {one}", f"{high:g} at most")

    def write(self, value: Any) -> str:  # noqa: ANN401
        """The text that reads as this value."""
        return self.kind.none if value is None else self.kind.write(value)

    def plain(self, value: Any) -> Any:  # noqa: ANN401
        """The value as JSON has it."""
        if isinstance(value, tuple):
            return list(value)
        return (
            value
            if isinstance(value, bool | int | float | str | dict | None)
            else str(self.write(value))
        )

    def words(self, value: Any) -> list[str]:  # noqa: ANN401
        """What gives it this value on a command line."""
        if self.kind is TRUTH:
            yes, _, no = self.flags[0].partition("/")
            return [said for said in (yes if value else no,) if said]
        several: Iterable[Any] = (value,)
        if self.kind.many:
            several = value.items() if isinstance(value, Mapping) else value
        return [word for one in several for word in (self.flags[0], self.write(one))]

    def schema(self) -> dict[str, Any]:
        """JSON schema of its value."""
        found = dict(self.kind.schema)
        bounds = {"minimum": self.option.low, "maximum": self.option.high}
        if "type" in found:
            found |= {key: bound for key, bound in bounds.items() if bound is not None}
        if self.names and self.kind is TEXT:
            found["enum"] = list(self.names)
        if self.optional:
            found = {"anyOf": [found, {"type": "null"}]}
        plain = None if self.default is MISSING else self.plain(self.default)
        return {**found, "default": plain, "description": self.option.help}


class Request:
    """The base of every request; a value that cannot be is refused where it is made."""

    def __post_init__(self) -> None:
        """Check every option, and keep it as it is read."""
        for one in options_of(type(self)).values():
            object.__setattr__(self, one.name, one.read(getattr(self, one.name)))

    @classmethod
    def of(cls, request: Self | None = None, **options: Any) -> Self:  # noqa: ANN401
        """A request with these options in their place.

        Args:
            request: To start from; None starts from the defaults.
            **options: By name.

        Raises:
            OptionError: There is no such option, or it cannot be that.
        """
        known = options_of(cls)
        for name in options:
            if name not in known:
                raise OptionError(f"there is no option '{name}'", nearest(name, known))
        return cls(**options) if request is None else replace(request, **options)  # type: ignore[type-var]

    def to_dict(self) -> dict[str, Any]:
        """What differs from the defaults, JSON-ready."""
        return {
            name: one.plain(getattr(self, name))
            for name, one in options_of(type(self)).items()
            if getattr(self, name) != one.default
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The request that :meth:`to_dict` gave."""
        return cls.of(**values)

    def words(self) -> list[str]:
        """The flags that say the same: what differs from the defaults, and what must be pinned."""
        said: list[str] = []
        for name, one in options_of(type(self)).items():
            value = getattr(self, name)
            if value is None and one.option.pinned is not None:
                value = one.option.pinned()
            if value != one.default:
                said += one.words(value)
        return said


def options_of(request: type) -> dict[str, Described]:
    """The options of a request (a dataclass), by name."""
    if request not in _KNOWN:
        _KNOWN[request] = _described(request)
    return _KNOWN[request]


_KNOWN: dict[type, dict[str, Described]] = {}


def _described(request: type) -> dict[str, Described]:
    hints = get_type_hints(request, include_extras=True)
    found = {}
    for one in fields(request):
        plain, *said = get_args(hints[one.name]) or (hints[one.name],)
        option = next((extra for extra in reversed(said) if isinstance(extra, Option)), None)
        if option is None:
            continue  # what no person says, such as whom to tell of progress
        types = get_args(plain) if get_origin(plain) not in (tuple, dict, Annotated) else (plain,)
        kinds = [kind for kind in types or (plain,) if kind is not NoneType]
        kind = option.value or PLAIN[kinds[0]]
        default = one.default if one.default_factory is MISSING else one.default_factory()
        optional = NoneType in types
        found[one.name] = Described(one.name, option, kind, kinds[0], default, optional)
    return found


def members(module: str, table: str = "METHODS") -> Callable[[], Iterable[str]]:
    """The names of a family, asked for when they are needed: the room is not imported before."""
    return lambda: getattr(import_module(module), table)


def command_line(verb: str, *parts: object, **options: object) -> str:
    """The line to type for a verb: quoted where a shell needs it.

    Args:
        verb: Of ``hangtag``.
        *parts: Data and requests, which give their own words; None gives none, a text is a word.
        **options: Flags besides, such as ``out="map.html"``; None and False give none.
    """
    said = ["hangtag", verb]
    for part in parts:
        words = getattr(part, "words", None)
        said += words() if words is not None else [] if part is None else [str(part)]
    for name, value in options.items():
        if value is not None and value is not False:
            said += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return shlex.join(said)


def schema(request: type) -> dict[str, Any]:
    """JSON schema of a request."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: one.schema() for name, one in options_of(request).items()},
    }


def _shown(given: object) -> str:
    return f"'{given}'" if isinstance(given, str) else repr(given)
