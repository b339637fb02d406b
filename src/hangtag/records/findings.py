"""What an audit found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hangtag.records.stored import Ints, Stored
from hangtag.records.upstairs import Carded

SEVERITIES = ("serious", "warning", "info")
"""Most severe first: the order findings are in."""


@dataclass(frozen=True)
class Finding(Stored):
    """One thing that is wrong, or may be, with the data.

    Attributes:
        check: Which check found it: ``duplicates``, ``leaks``, ``labels``, ``outliers``…
        severity: ``info``, ``warning`` or ``serious``.
        indices: The images concerned, into the audited set.
        message: One sentence for people.
        value: What was measured, such as a distance; None where nothing is.
        ids: The images' names, in the order of `indices`.
        kind: What exactly, where a check finds several things, such as ``near`` or ``exact``.
        suggestion: What to write instead, such as the likely class; empty where there is none.
    """

    check: str
    severity: str
    indices: tuple[int, ...]
    message: str
    value: float | None = None
    ids: tuple[str, ...] = ()
    kind: str = ""
    suggestion: str = ""


@dataclass(frozen=True, eq=False)
class Findings(Stored, Carded):
    """All findings of an audit, with what was checked even where nothing was found.

    Attributes:
        fingerprint: Of the audited image set.
        checks: For each check that ran, what it measured (counts, thresholds, seconds).
        findings: The findings, most severe first.
        cautions: Sentences that must stand beside any score on this data.
        groups: ``(n,)`` int64, one number per image, equal for images that are copies or
            near-copies of each other: what a grouped split keeps together. None when duplicates
            were not looked for.
    """

    fingerprint: str
    checks: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    cautions: tuple[str, ...] = field(default=())
    groups: Ints | None = None

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        counts = Counter(one.severity for one in self.findings)
        said = ", ".join(f"{counts[one]} {one}" for one in SEVERITIES if counts[one])
        return f"<Findings: {len(self)} of {len(self.checks)} checks{said and f' ({said})'}>"

    def of(self, check: str, kind: str | None = None) -> tuple[Finding, ...]:
        """The findings of one check, or of one kind of it."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check == check and kind in (None, finding.kind)
        )
