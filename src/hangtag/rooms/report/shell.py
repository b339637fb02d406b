"""Blocks in, one HTML page out: what every kind of page has, whatever it is about.

A page is a heading, a verdict and blocks. A block brings the styles, scripts and data that it
needs, so that any block can stand on any page; each is put on the page once. To add a kind of page:
a file that makes its blocks and calls :func:`assemble`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hangtag.rooms.report import words

_COUNTED = re.compile(r'<i class="counted">(Figure|Table)</i>')


@dataclass(frozen=True, eq=False)
class Block:
    """A section as it stands on a page.

    Attributes:
        anchor: Its id on the page.
        title: Its heading.
        html: What is under the heading.
        styles: Style sheets it needs: files among the templates, or rules themselves.
        scripts: Files among the templates that bring it to life; it can be read without them.
        islands: Data for its scripts: id of the element that holds it to JSON-ready values.
        extras: Templates of what stands once at the end of the page, such as a drawer that opens.
    """

    anchor: str
    title: str
    html: Markup
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    islands: Mapping[str, Any] = field(default_factory=dict)
    extras: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Characters it takes on a page, with its data."""
        return len(self.html) + sum(len(_island(value)) for value in self.islands.values())


@dataclass(frozen=True)
class Figure:
    """A number that stands at the top of a page.

    Attributes:
        title: What it is.
        value: The number, written out.
        note: What stands below it, such as its interval.
    """

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Heading:
    """What a page begins with.

    Attributes:
        title: Heading of the page.
        verdict: The one sentence a reader should take away.
        kind: What kind of page it is: ``report``, ``audit``, ``map``…
        figures: The few numbers that matter most.
        cautions: How many there are in the block ``cautions``.
        believing: What the cautions are to be read before believing.
    """

    title: str
    verdict: str
    kind: str = "report"
    figures: tuple[Figure, ...] = ()
    cautions: int = 0
    believing: str = "anything here"


def assemble(heading: Heading, blocks: Sequence[Block]) -> str:
    """One page of these blocks, which makes no request and forbids itself to.

    Args:
        heading: What it begins with.
        blocks: The sections, in order.
    """
    style = "\n".join(_css(one) for one in _once(["style.css"], *(one.styles for one in blocks)))
    wanted = _once(["page.js", "take.js"], *(one.scripts for one in blocks))
    script = "\n".join(f"(() => {{\n{asset(one)}\n}})();" for one in wanted)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    islands = {name: value for block in blocks for name, value in block.islands.items()}
    page = (
        environment()
        .get_template("page.html")
        .render(
            heading=heading,
            blocks=blocks,
            extras=[render(one) for one in _once(*(one.extras for one in blocks))],
            islands={name: Markup(_island(value)) for name, value in islands.items()},  # noqa: S704 escaped there
            style=Markup(style),  # noqa: S704 our own files
            script=Markup(script),  # noqa: S704 our own files
            script_digest=digest,
            version=version("hangtag"),
        )
    )
    page = _numbered(page)
    # File names that are no Unicode reach Python as lone surrogates, which cannot be written.
    return page.encode("utf-8", "replace").decode("utf-8")


def _numbered(page: str) -> str:
    """The page with its figures and tables numbered in the order in which they stand on it.

    Templates mark where a number goes; what comes from data is escaped and cannot be such a mark.
    """
    counts: Counter[str] = Counter()

    def number(found: re.Match[str]) -> str:
        counts[found[1]] += 1
        return f'<span class="number">{found[1]} {counts[found[1]]}.</span>'

    return _COUNTED.sub(number, page)


def render(template: str, **variables: object) -> Markup:
    """A template with these variables, everything in them escaped."""
    return Markup(environment().get_template(template).render(**variables))  # noqa: S704 autoescaped


@cache
def environment() -> Environment:
    """Where the templates are, and the filters they have."""
    found = Environment(
        loader=PackageLoader("hangtag.rooms.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(words.FILTERS)
    return found


def asset(name: str) -> str:
    """A file among the templates, as it is."""
    where = resources.files("hangtag.rooms.report") / "templates" / name
    return where.read_text(encoding="utf-8").strip()


def _once(*groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for group in groups for one in group))


def _css(one: str) -> str:
    return asset(one) if one.endswith(".css") else one


_AS_CODE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def _island(value: object) -> str:
    """JSON in which nothing can end the element it stands in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign, code in _AS_CODE.items():
        text = text.replace(sign, code)
    return text
