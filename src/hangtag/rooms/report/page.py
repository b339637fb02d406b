"""Sections in, one HTML page out.

A page is a heading, a verdict and sections; :func:`sections_of` gives those of one model, and
another kind of page (a study of several) composes its own list and hands it to :func:`compose`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hangtag.records import ReportFacts
from hangtag.rooms.report import words
from hangtag.rooms.report.check import check
from hangtag.rooms.report.sections import SECTIONS, Section


@dataclass(frozen=True)
class Block:
    """A section as it stands on a page.

    Attributes:
        anchor: Its id on the page.
        title: Its heading.
        html: What is under the heading.
    """

    anchor: str
    title: str
    html: Markup


def sections_of(facts: ReportFacts) -> tuple[Block, ...]:
    """All sections that these facts have something for, in order.

    Raises:
        UsageError: The facts do not fit each other.
    """
    check(facts)
    made = (section(one, facts) for one in SECTIONS)
    return tuple(block for block in made if block is not None)


def section(one: Section, facts: ReportFacts) -> Block | None:
    """One section of these facts; None when they have nothing for it."""
    content = one.content(facts)
    if content is None:
        return None
    template = _environment().get_template(f"sections/{one.name}.html")
    return Block(one.name, one.title, Markup(template.render(**content)))  # noqa: S704 autoescaped


def compose(facts: ReportFacts, blocks: Sequence[Block], *, verdict: str = "") -> str:
    """One page of these sections.

    Args:
        facts: For the heading, the verdict, the scores beside it, and the confusion pictures.
        blocks: The sections, in order.
        verdict: The sentence under the heading; made from the facts when empty.
    """
    from hangtag.rooms.report.sprites import sprites

    style, script = _asset("style.css"), _asset("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = (
        _environment()
        .get_template("page.html")
        .render(
            title=facts.title,
            verdict=verdict or words.verdict(facts),
            scores=headline(facts),
            cautions=len(facts.cautions),
            blocks=blocks,
            sprites=sprites(facts),
            style=Markup(style),  # noqa: S704 our own file
            script=Markup(script),  # noqa: S704 our own file
            script_digest=digest,
            version=version("hangtag"),
        )
    )
    # File names that are no Unicode reach Python as lone surrogates, which cannot be written.
    return page.encode("utf-8", "replace").decode("utf-8")


_HEADLINE = (
    ("accuracy", "Accuracy", "percent"),
    ("top_3", "Right class in top 3", "percent"),
    ("macro", "Macro F1", "decimal"),
    ("auc", "AUC", "decimal"),
    ("loss", "Log loss", "decimal"),
)


def headline(facts: ReportFacts) -> list[dict[str, Any]]:
    """The few scores that stand at the top, with how each is to be written."""
    found = facts.evaluation
    if found is None:
        return []
    known = dict(found.scores)
    known |= {row.name.split()[0]: row.intervals["f1"] for row in found.averages if row.intervals}
    return [
        {"title": title, "score": known[key], "style": style}
        for key, title, style in _HEADLINE
        if key in known
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hangtag.rooms.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words.FILTERS)
    return environment


def _asset(name: str) -> str:
    where = resources.files("hangtag.rooms.report") / "templates" / name
    return where.read_text(encoding="utf-8").strip()
