"""What an audit found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or may be, with the data.

    Attributes:
        check: Which check found it: ``exact-duplicate``, ``leak``, ``wrong-label``, ``outlier``…
        severity: ``info``, ``warning`` or ``serious``.
        indices: The images concerned, into the audited set.
        message: One sentence for people.
        value: What was measured, such as a distance; None where nothing is.
    """

    check: str
    severity: str
    indices: tuple[int, ...]
    message: str
    value: float | None = None


@dataclass(frozen=True)
class Findings:
    """All findings of an audit, with what was checked even where nothing was found.

    Attributes:
        fingerprint: Of the audited image set.
        checks: For each check that ran, what it measured (counts, thresholds, seconds).
        findings: The findings, most severe first.
        cautions: Sentences that must stand beside any score on this data.
    """

    fingerprint: str
    checks: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    cautions: tuple[str, ...] = field(default=())
