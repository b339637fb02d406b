"""What a person says about a source where looking at it is not enough: which format, which column.

Every field is None (or False) as long as nobody has said anything; then loading finds out by
itself, from everything it reads, or asks.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LoadOptions:
    """How a source is to be read.

    Attributes:
        format: Name of the format, such as ``csv`` or ``folder``; the command line's ``--as``.
        label: Where the labels are: the name of a column or key, or ``folder:1`` for the first
            level of folders, ``folder:2`` for the second.
        parts: True if folders, files or a column called train, test, … divide the images, False
            if such names are classes like any other.
        class_names: Names of the classes in the order of their sorted codes.
        header: Whether the first row of a table names its columns.
        order: Order of the values of a row of a colour image: ``planar`` (all red, all green, all
            blue) or ``interleaved`` (red, green, blue of each pixel).
        value_range: The value of white, such as 255, 16 or 1; black is 0.
        transpose: Whether rows and columns of stored images are exchanged, as in EMNIST.
        size: ``(height, width)`` to make images; None for their own.
        gray: True for one channel, False for three; None for what images have.
    """

    format: str | None = None
    label: str | None = None
    parts: bool | None = None
    class_names: tuple[str, ...] | None = None
    header: bool | None = None
    order: str | None = None
    value_range: int | None = None
    transpose: bool = False
    size: tuple[int, int] | None = None
    gray: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """What was said, JSON-ready; nothing for what was not."""
        said = {one.name: getattr(self, one.name) for one in fields(LoadOptions)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value not in (None, False) or (value is False and name != "transpose")
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> LoadOptions:
        """The options that :meth:`to_dict` gave."""
        given: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one for key, one in said.items()
        }
        return cls(**given)

    def overridden(self, said: LoadOptions) -> LoadOptions:
        """These options with what `said` says in their place."""
        return LoadOptions.from_dict({**self.to_dict(), **said.to_dict()})

    def flags(self) -> list[str]:
        """The words of a command line that say the same, such as ``["--label", "kind"]``."""
        words: list[str] = []
        for name, value in self.to_dict().items():
            yes, no = FLAGS[name]
            if isinstance(value, bool) and no:
                words.append(yes if value else no)
            elif isinstance(value, bool):
                words += [yes] if value else []
            else:
                words += [yes, _written(name, value)]
        return words


def _written(name: str, value: Any) -> str:  # noqa: ANN401 - a field's value
    if name == "size":
        return "x".join(map(str, value))
    return ",".join(value) if name == "class_names" else str(value)


@dataclass(frozen=True)
class Source:
    """What to load and how to read it: whatever takes a name or a path takes one of these too.

    As text it is the words that say it on a command line, so that every printed next step reads
    the source in the same way.

    Attributes:
        place: A known set's name, or a path.
        options: How it is to be read.
    """

    place: str
    options: LoadOptions = field(default_factory=LoadOptions)

    def words(self) -> list[str]:
        """The words of a command line."""
        return [self.place, *self.options.flags()]

    def __str__(self) -> str:
        return shlex.join(self.words())

    def lasting(self) -> Source:
        """The same source as it can be given again from any folder."""
        path = Path(self.place)
        return Source(str(path.resolve()), self.options) if path.exists() else self

    @classmethod
    def of(cls, source: str | Path | Source) -> Source:
        """A name or a path as a source that is read as it comes."""
        return source if isinstance(source, Source) else cls(str(source))


FLAGS = {
    "format": ("--as", ""),
    "label": ("--label", ""),
    "parts": ("--parts", "--no-parts"),
    "class_names": ("--classes", ""),
    "header": ("--header", "--no-header"),
    "order": ("--order", ""),
    "value_range": ("--range", ""),
    "transpose": ("--transpose", ""),
    "size": ("--size", ""),
    "gray": ("--gray", "--color"),
}
"""Each field's flag on the command line, and the one that says no where there is one."""
