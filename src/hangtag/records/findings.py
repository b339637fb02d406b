"""What an audit found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEVERITIES = ("serious", "warning", "info")
"""Most severe first: the order findings are in."""


@dataclass(frozen=True)
class Finding:
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

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return vars(self) | {"indices": list(self.indices), "ids": list(self.ids)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """From what :meth:`to_dict` gave."""
        many = {"indices": tuple(values["indices"]), "ids": tuple(values["ids"])}
        return cls(**{**values, **many})


@dataclass(frozen=True, eq=False)
class Findings:
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
    groups: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.findings)

    def of(self, check: str, kind: str | None = None) -> tuple[Finding, ...]:
        """The findings of one check, or of one kind of it."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check == check and kind in (None, finding.kind)
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return {
            "fingerprint": self.fingerprint,
            "checks": {name: dict(facts) for name, facts in self.checks.items()},
            "findings": [finding.to_dict() for finding in self.findings],
            "cautions": list(self.cautions),
            "groups": None if self.groups is None else self.groups.tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Findings:
        """From what :meth:`to_dict` gave."""
        groups = values["groups"]
        return cls(
            fingerprint=values["fingerprint"],
            checks={name: dict(facts) for name, facts in values["checks"].items()},
            findings=tuple(Finding.from_dict(row) for row in values["findings"]),
            cautions=tuple(values["cautions"]),
            groups=None if groups is None else np.asarray(groups, np.int64),
        )
