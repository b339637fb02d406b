"""The findings with their images, by check and severity: as many as fit, and how many there are.

Of each check and severity the first :data:`SHOWN` are on the page, the worst first as the audit
orders them; of a group of copies the first :data:`IN_GROUP` images. To show a check's findings in
another way: one line in :data:`LINES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hangtag.records import Finding, ImageSet
from hangtag.records.findings import SEVERITIES
from hangtag.rooms.report.about import part_beside
from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.audit.checks import words_of
from hangtag.rooms.report.images import data_uri, shrunk
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.words import decimal

SHOWN = 40  # of each check and severity
IN_GROUP = 8
_BUDGET = 6_500_000  # characters of the 10 MB page; the rest of it never took more than 2 million
# Side of an image and findings of each kind, tried in turn: better smaller than fewer.
_SIZES = ((96, SHOWN), (64, SHOWN), (48, SHOWN), (48, 20), (32, 20), (32, 8), (16, 4), (16, 1))
_TITLES = {"serious": "Serious", "warning": "Warnings", "info": "For information"}


def block(audited: Audited) -> Block | None:
    """All findings that fit; None when there are none."""
    if not len(audited.findings):
        return None
    for side, shown in _SIZES:
        checks = [_check(audited, name, side, shown) for name in audited.findings.checks]
        if _characters(checks) <= _BUDGET:
            break
    checks = [one for one in checks if one["groups"]]
    checks.sort(key=lambda one: SEVERITIES.index(one["groups"][0]["severity"]))
    drawn = sum(len(group["cards"]) for one in checks for group in one["groups"])
    html = render(
        "audit/findings.html",
        checks=checks,
        severities=[(name, title) for name, title in _TITLES.items() if _any(checks, name)],
        drawn=drawn,
        total=len(audited.findings),
        everything=audited.everything,
    )
    scripts, styles = ("audit/audit.js",), ("audit/audit.css",)
    return Block("findings", "Findings", html, styles=styles, scripts=scripts)


def _any(checks: list[dict[str, Any]], severity: str) -> bool:
    return any(group["severity"] == severity for one in checks for group in one["groups"])


def _characters(checks: list[dict[str, Any]]) -> int:
    groups = (group for one in checks for group in one["groups"])
    return sum(
        len(image["uri"]) for group in groups for card in group["cards"] for image in card["images"]
    )


def _check(audited: Audited, name: str, side: int, shown: int) -> dict[str, Any]:
    found = audited.findings.of(name)
    groups = []
    for severity in SEVERITIES:
        inside = [one for one in found if one.severity == severity]
        if inside:
            cards = [_card(audited.images, one, side) for one in inside[:shown]]
            groups.append(
                {
                    "severity": severity,
                    "title": _TITLES[severity],
                    "total": len(inside),
                    "cards": cards,
                    "wide": max(len(card["images"]) for card in cards),
                }
            )
    return {"name": name, "words": words_of(name), "total": len(found), "groups": groups}


def _card(images: ImageSet, finding: Finding, side: int) -> dict[str, Any]:
    shown = finding.indices[:IN_GROUP]
    line = LINES.get(finding.check, _message)(finding)
    return {
        "line": line,
        "wrong": f"likely {finding.suggestion}" if finding.suggestion else "",
        "images": [_image(images, index, side) for index in shown],
        "more": len(finding.indices) - len(shown),
    }


def _image(images: ImageSet, index: int, side: int) -> dict[str, Any]:
    label = int(images.labels[index])
    return {
        "uri": data_uri(shrunk(images.images[index : index + 1], side)[0]),
        "id": images.id_of(index),
        "part": part_beside(images, index),
        "label": images.class_names[label] if label >= 0 else "no label",
    }


def _message(finding: Finding) -> str:
    return finding.message


def _leak(finding: Finding) -> str:
    """The message without the names, which stand under the images."""
    if finding.kind == "exact":
        return "equal in every pixel"
    _, _, measured = finding.message.rpartition(": ")
    return measured


def _doubt(finding: Finding) -> str:
    """How strong the evidence is; what copies say stands in the message."""
    return finding.message if finding.value is None else f"evidence {decimal(finding.value, 1)}"


LINES: Mapping[str, Callable[[Finding], str]] = {"leaks": _leak, "labels": _doubt}
"""What stands above a finding's images, where it is not its message."""
