"""What every check measured, even where it found nothing: a table, and all facts folded below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hangtag.records.findings import SEVERITIES
from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.audit.checks import WORDS, told, words_of
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.words import number


def block(audited: Audited) -> Block:
    """The table."""
    found = audited.findings
    rows = [
        {
            "words": words_of(name),
            "told": told(name, facts),
            "counts": [
                sum(one.severity == severity for one in found.of(name)) for severity in SEVERITIES
            ],
            "seconds": facts.get("seconds"),
            "facts": list(_flat(facts)),
        }
        for name, facts in found.checks.items()
    ]
    absent = [one.title for name, one in WORDS.items() if name not in found.checks]
    html = render("audit/measured.html", rows=rows, absent=absent)
    return Block("measured", "What each check measured", html, styles=("audit/audit.css",))


def _flat(facts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Label and value of every fact, those inside others with the outer label before theirs."""
    for key, value in facts.items():
        label = f"{before}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping) and _several(value):
            yield from _flat(value, f"{label}: ")
        else:
            yield label, _written(value)


def _several(values: Mapping[str, Any]) -> bool:
    """Whether these are facts of several kinds, not one measured several times."""
    kinds = {type(one) for one in values.values()}
    return len(kinds) > 1 or any(issubclass(kind, Mapping) for kind in kinds)


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_written(one)}" for key, one in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_written(one) for one in value) or "none"
    return number(value)
