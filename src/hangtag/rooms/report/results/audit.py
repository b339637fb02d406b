"""Findings told: how many of each kind, and how far a split can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hangtag.records import Findings, Outcome, StudyTable
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import percent, plural
from hangtag.sheets import aligned

FIGURES = {
    "pairs": (
        "Near-copies",
        "Images of the test part and their nearest images elsewhere in the set.",
    )
}


def told(
    found: Findings, test: Mapping[str, Any], validation: Mapping[str, Any], *, drawn: bool
) -> Outcome:
    """Tell of an audit.

    Args:
        found: The findings.
        test: Leaks into the test part, as ``workbench.leaks`` counts them.
        validation: The same of the validation part.
        drawn: Whether pairs of near-copies were drawn.
    """
    return Outcome(
        name="",
        verb="audit",
        title="Can scores on these images be believed?",
        values={
            "leaked_test": test["leaked"],
            "test": test["test"],
            "leaked_validation": validation["leaked"],
            "validation": validation["test"],
            "findings": len(found),
        },
        words=_words(test, validation),
        figures=figures(FIGURES, ["pairs.png"] if drawn else []),
        tables=(_table(found),),
        cautions=tuple(found.cautions),
    )


def _words(test: Mapping[str, Any], validation: Mapping[str, Any]) -> tuple[str, ...]:
    said = []
    seen = "training or validation saw", "training saw"
    for what, one, by in zip(("test", "validation"), (test, validation), seen, strict=True):
        if one["test"]:
            said.append(
                f"Of {plural(one['test'], f'{what} image')}, {one['leaked']:,} "
                f"({percent(one['leaked'] / one['test'])}) are copies or near-copies of images "
                f"that {by}, or of near-copies of these."
            )
    why = test.get("why") or validation.get("why")
    return (*said, f"What counts as a near-copy: {why}.") if why else tuple(said)


def _table(found: Findings) -> StudyTable:
    kinds = Counter((one.check, one.kind or "", one.severity) for one in found.findings)
    silent = {(name, "", "nothing found"): 0 for name in found.checks if not found.of(name)}
    rows = [
        {"check": check, "kind": kind, "severity": severity, "findings": number}
        for (check, kind, severity), number in {**kinds, **silent}.items()
    ]
    return table("findings", "What was found", rows)


SHOWN = 20
"""Findings told on a screen; all of them are in what machines and pages get."""


def lines(found: Findings) -> list[str]:
    """What is told on a screen: what each check measured, the first findings, the cautions."""
    told = []
    for name, facts in found.checks.items():
        plain = {key: value for key, value in facts.items() if isinstance(value, int | float)}
        measured = ", ".join(f"{key.replace('_', ' ')} {value:.6g}" for key, value in plain.items())
        told.append(f"{name:<14} {measured}")
        for key, value in facts.items():
            if isinstance(value, dict) and "exact" in value:
                told.append(f"{'':<14} {key}: {value['exact']} copies, {value['near']} near-copies")
        if "note" in facts:
            told.append(f"{'':<14} {facts['note']}")
    shown = [(one.severity, one.check, one.message) for one in found.findings[:SHOWN]]
    told += ["", *aligned((), shown, left=(0, 1, 2))]
    if len(found) > SHOWN:
        told.append(f"… and {len(found) - SHOWN} more: --json or --out has them all")
    return [*told, *(f"caution: {caution}" for caution in found.cautions)]
