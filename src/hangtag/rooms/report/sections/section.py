"""What a section is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.shell import Block


@dataclass(frozen=True)
class Section:
    """A part of a page: what it says is in its file, how it looks in the template of its name.

    Attributes:
        name: Of file and template, and the anchor on the page.
        title: Its heading.
        content: From the facts to the template's variables, or None to be left out.
        dress: Adds to the block what brings it to life: scripts, and data for them.
    """

    name: str
    title: str
    content: Callable[[ReportFacts], dict[str, Any] | None]
    dress: Callable[[Block, ReportFacts], Block] | None = None
