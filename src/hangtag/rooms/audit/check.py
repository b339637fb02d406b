"""What every check gets and gives.

A check is a file in this folder with a function ``check(context: Context) -> Checked`` and a line
in :data:`hangtag.rooms.audit.CHECKS`. What several checks need (which images are copies, what the
groups are) the context computes once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import Seen
from hangtag.progress import Progress, silent
from hangtag.records import Finding, ImageSet
from hangtag.rooms.audit.copies import Copies, find_copies
from hangtag.rooms.audit.likeness import Likeness, View
from hangtag.rooms.audit.sight import Sight


@dataclass(frozen=True)
class Checked:
    """What one check found.

    Attributes:
        facts: What was measured: counts, thresholds, how they were chosen. JSON-ready.
        findings: Worst first.
        cautions: Sentences that must stand beside any score on this data.
    """

    facts: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    cautions: tuple[str, ...] = field(default=())


@dataclass(eq=False)
class Context:
    """The images under audit, and what more than one check needs to know of them.

    Attributes:
        images: The set.
        seed: Draws every sample.
        progress: Told how far it is.
        seen: What is seen of the images beside their pixels; None for pixels alone.
    """

    images: ImageSet
    seed: int = 0
    progress: Progress = silent
    seen: Seen | None = None

    @cached_property
    def likeness(self) -> Likeness:
        """The images made comparable."""
        return Likeness(self.images.images, seed=self.seed)

    @cached_property
    def sight(self) -> Sight | None:
        """The images as features; None where pixels are all that is seen."""
        if self.seen is None:
            return None
        return Sight(self.seen, self.images.images, seed=self.seed)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """In what images are far from each other: in features, or in both ways of pixels."""
        if self.sight is not None:
            return (self.sight.view,)
        return (self.likeness.plain, self.likeness.corrected)

    @cached_property
    def copies(self) -> Copies:
        """Which images are copies or near-copies of each other."""
        return find_copies(self.images.images, self.likeness, self.sight, progress=self.progress)

    @cached_property
    def _by_group(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.copies.groups, kind="stable")
        return order, self.copies.groups[order]

    def together(self, index: int) -> NDArray[np.int64]:
        """The images in one group of copies with an image, and itself."""
        # Looked up and not compared with all: there may be as many questions as images.
        order, groups = self._by_group
        ends = np.searchsorted(groups, self.copies.groups[index] + np.arange(2))
        return order[slice(*ends)]

    def finding(
        self,
        check: str,
        severity: str,
        indices: tuple[int, ...],
        message: str,
        *,
        value: float | None = None,
        kind: str = "",
        suggestion: str = "",
    ) -> Finding:
        """A finding with the names of its images."""
        ids = tuple(self.images.id_of(index) for index in indices)
        return Finding(check, severity, indices, message, value, ids, kind, suggestion)
