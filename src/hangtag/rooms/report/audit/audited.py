"""What every section of an audit's page gets."""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.errors import UsageError
from hangtag.records import Findings, ImageSet


@dataclass(frozen=True, eq=False)
class Audited:
    """An audited set and what was found.

    Attributes:
        images: The set.
        findings: Of an audit of that very set.
        everything: Name of the file beside the page that has all findings.
    """

    images: ImageSet
    findings: Findings
    everything: str

    def check(self) -> None:
        """Raise UsageError unless the findings are of these images."""
        if self.findings.fingerprint != self.images.fingerprint:
            raise UsageError(
                f"the findings are of set {self.findings.fingerprint[:12]}; got images of set "
                f"{self.images.fingerprint[:12]}",
                "give the set that was audited",
            )
