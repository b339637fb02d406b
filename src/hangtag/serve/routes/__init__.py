"""What can be asked, a file per group. To add a group: a file with ``ROUTES`` and a line in GROUPS.

A route says who may (its scope) where it says what runs; one without a scope is not served.
"""

from __future__ import annotations

from hangtag.serve.routes import (
    about,
    attributes,
    browser,
    changes,
    data,
    decisions,
    duplicates,
    exchange,
    heads,
    inference,
    items,
    jobs,
    mapped,
    models,
    pages,
    runs,
    searching,
    tagging,
    webhooks,
)
from hangtag.serve.table import Route

GROUPS = (
    about,
    tagging,
    searching,
    items,
    duplicates,
    mapped,
    exchange,
    decisions,
    attributes,
    heads,
    changes,
    webhooks,
    models,
    runs,
    data,
    jobs,
    inference,
    browser,
    pages,
)
"""Every group, in the order of the page of the API."""

ROUTES: tuple[Route, ...] = tuple(route for group in GROUPS for route in group.ROUTES)
