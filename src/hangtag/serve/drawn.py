"""Pages out of templates: everything is escaped, and nothing on them comes from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from hangtag.errors import HangtagError

VERSION = version("hangtag")
"""Looked up once: what tells it parses the package's whole description each time."""

PAGES = (
    ("/", "Try it"),
    ("/catalog", "Catalog"),
    ("/review", "Review"),
    ("/duplicates", "Duplicates"),
    ("/map", "Map"),
    ("/exchange", "Import and export"),
    ("/models", "Models"),
    ("/runs", "Runs"),
    ("/data", "Data"),
    ("/jobs", "Jobs"),
)
"""What stands at the top of every page, in its order."""


def page(template: str, **variables: object) -> str:
    """A page.

    Args:
        template: Its file among the templates.
        **variables: What it shows; everything in it is escaped.
    """
    known = {"pages": PAGES, "version": VERSION, "here": "", **variables}
    return environment().get_template(template).render(known)


def sign_in_page(why: HangtagError) -> bytes:
    """The page that asks for a key."""
    return page("signin.html", why=why, title="Sign in", pages=()).encode()


def problem_page(why: HangtagError, status: int) -> str:
    """The page that says what went wrong."""
    heading = {404: "That is not here", 409: "Not yet"}.get(status, "That did not work")
    return page("problem.html", why=why, title=heading, heading=heading)


def api_page(described: Mapping[str, Any]) -> str:
    """What can be asked, a section a group, made of the OpenAPI document."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            row = {"method": method.upper(), "path": path, **one}
            groups.setdefault(one.get("tags", ["other"])[0], []).append(row)
    return page("docs.html", title="API", here="/docs", groups=groups, described=described)


@cache
def environment() -> Environment:
    """Where the templates are, and their filters."""
    found = Environment(
        loader=PackageLoader("hangtag.serve", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["path"] = lambda text: quote(str(text), safe="")
    found.filters["percent"] = lambda value: f"{100 * value:.1f} %"
    found.filters["count"] = lambda value: f"{value:,}"
    return found
