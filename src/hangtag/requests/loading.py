"""What a person says about a source where looking at it is not enough: which format, which column.

Every option is None (or False) as long as nobody has said anything; then loading finds out by
itself, from everything it reads, or asks.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from hangtag.requests.base import Option, Request
from hangtag.requests.values import SIZE, WORDS

PANEL = "Reading the source"
NAMES_IN = ("utf-8", "gbk", "shift-jis", "euc-kr", "big5", "cp437", "cp866", "cp1252")


@dataclass(frozen=True)
class LoadOptions(Request):
    """How a source is to be read."""

    format: Annotated[
        str | None,
        Option(
            "Read it as this format: folder, csv, manifest, npz, parquet, …",
            flags="--as",
            panel=PANEL,
        ),
    ] = None
    label: Annotated[
        str | None,
        Option("Where the labels are: a column, a key, folder:1 or folder:2.", panel=PANEL),
    ] = None
    group: Annotated[
        str | None,
        Option(
            "What images belong together by, a column or folder:1; no split parts them.",
            panel=PANEL,
        ),
    ] = None
    parts: Annotated[
        bool | None,
        Option(
            "Whether what is called train, test, … divides the images, or is a class.", panel=PANEL
        ),
    ] = None
    class_names: Annotated[
        tuple[str, ...] | None,
        Option(
            "Names of the classes: a,b,c in code order, or a file.",
            WORDS,
            flags="--classes",
            panel=PANEL,
        ),
    ] = None
    header: Annotated[
        bool | None, Option("Whether a table's first row names its columns.", panel=PANEL)
    ] = None
    order: Annotated[
        str | None,
        Option(
            "How a row's values are ordered, all red first or pixel by pixel.",
            choices=("planar", "interleaved"),
            panel=PANEL,
        ),
    ] = None
    value_range: Annotated[
        int | None,
        Option(
            "The value of white: 255, 16, 1, …; black is 0.",
            low=1,
            high=65535,
            flags="--range",
            panel=PANEL,
        ),
    ] = None
    names_in: Annotated[
        str | None,
        Option(
            "The encoding of names in an archive that does not say it.",
            choices=NAMES_IN,
            panel=PANEL,
        ),
    ] = None
    transpose: Annotated[
        bool, Option("Exchange rows and columns, as EMNIST needs.", panel=PANEL)
    ] = False
    size: Annotated[
        tuple[int, int] | None,
        Option(
            "Make images so large: 28, or 28x40 (height first).",
            SIZE,
            low=1,
            high=4096,
            panel=PANEL,
        ),
    ] = None
    gray: Annotated[
        bool | None,
        Option("Make images gray, or of three channels.", flags="--gray/--color", panel=PANEL),
    ] = None

    decisions: Annotated[
        str | None,
        Option(
            "File of what people decided on images, as the page Data or a page of tags (CSV) "
            "writes it: other labels, and images to leave out; FILE:N takes the first N.",
            panel=PANEL,
        ),
    ] = None

    def overridden(self, said: LoadOptions) -> LoadOptions:
        """These options with what `said` says in their place."""
        return LoadOptions.from_dict({**self.to_dict(), **said.to_dict()})


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
        place = f"./{self.place}" if self.place.startswith("-") else self.place
        return [place, *self.options.words()]

    def __str__(self) -> str:
        return shlex.join(self.words())

    def lasting(self) -> Source:
        """The same source as it can be given again from any folder."""
        path, said = Path(self.place), self.options
        if said.decisions is not None:
            said = replace(said, decisions=pinned(said.decisions))
        return Source(str(path.resolve()) if path.exists() else self.place, said)

    def facts(self) -> dict[str, Any]:
        """``source`` and ``loading`` as a run keeps them, which load it again from any folder."""
        lasting = self.lasting()
        return {"source": lasting.place, "loading": lasting.options.to_dict()}

    @classmethod
    def of(cls, source: str | Path | Source) -> Source:
        """A name or a path as a source that is read as it comes."""
        return source if isinstance(source, Source) else cls(str(source))


def decisions_of(said: str) -> tuple[Path, int | None]:
    """The file of decisions that is meant, and how many of them: ``FILE`` or ``FILE:N``."""
    found = re.fullmatch(r"(.+):(\d+)", said)
    return (Path(found[1]), int(found[2])) if found else (Path(said), None)


def is_table(path: Path) -> bool:
    """Whether a file of decisions is a table, which is written at once and not added to."""
    return path.suffix.lower() == ".csv"


def pinned(said: str) -> str:
    """The same decisions from any folder, and the same ones when more are added to the file."""
    path, count = decisions_of(said)
    if not path.is_file():
        return said  # whoever reads it says what is wrong
    if is_table(path) and count is None:
        return str(path.resolve())
    if count is None:
        with path.open("rb") as file:
            count = sum(1 for line in file if line.endswith(b"\n"))
    return f"{path.resolve()}:{count}"
