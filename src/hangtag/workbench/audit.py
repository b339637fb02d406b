"""Auditing: a source goes in, what is wrong with it comes out, and a split one can use."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hangtag import atomic
from hangtag.estimators.seeing import seen
from hangtag.progress import Progress, silent
from hangtag.records import Findings, ImageSet, Split
from hangtag.requests import AuditRequest, takes
from hangtag.rooms import audit as room
from hangtag.rooms import load as load_room
from hangtag.rooms import report as report_room
from hangtag.workbench.data import Data, as_images, seed_of


@takes(AuditRequest)
def audit(data: Data, asked: AuditRequest, *, progress: Progress = silent) -> Findings:
    """Look for what is wrong with a set of images before any score on it is believed.

    Args:
        data: What to look at, all its parts: a name, a path, an ImageSet, ``(images, labels)``, or
            a run.
        asked: What is asked; its options can be given by keyword.
        progress: Told how far it is.

    Raises:
        OptionError: A check has no such name, or there are no such features.
        UsageError: There are fewer than two images.

    Example:
        >>> findings = hangtag.audit("digits", checks=["leaks"])
    """
    images = as_images(data, limit=asked.limit, progress=progress)
    looked = None
    if asked.features not in (None, "pixels"):
        looked = seen(images, asked.features, progress=progress)
    return room.audit(
        images, checks=asked.checks, seed=seed_of(asked.seed), seen=looked, progress=progress
    )


def clean_split(
    images: ImageSet,
    findings: Findings,
    *,
    recipe: str = "auto",
    because: Iterable[str] = ("leaks", "copies", "blanks"),
    seed: int | None = None,
    out: Path | None = None,
) -> Split:
    """Split a set so that near-copies stay together, without what the audit found wrong.

    Args:
        images: The set that was audited.
        findings: What the audit found; copies must have been looked for.
        recipe: How to divide.
        because: Why an image may be left out: ``leaks copies near blanks labels outliers``.
        seed: Of a random recipe.
        out: Where to save the split, for ``hangtag train --split saved:PATH``; None saves none.

    Raises:
        OptionError: A cause has no such name.
        SplitError: The set cannot be divided so.
    """
    number = seed_of(seed)
    groups = findings.groups if "grouped" in recipe else None
    split = load_room.split(images, recipe, seed=number, groups=groups)
    cleaned = room.clean_split(findings, split, because=because)
    if out is not None:
        load_room.save_split(cleaned, out)
    return cleaned


def audit_page(
    images: ImageSet, findings: Findings, out: Path, *, progress: Progress = silent
) -> Path:
    """Write what an audit found as one HTML page, and all findings as JSON beside it.

    Args:
        images: The set that was audited.
        findings: What was found.
        out: The page to write; ``NAME.html`` gets ``NAME.findings.json`` beside it.
        progress: Told how far it is.

    Raises:
        UsageError: The findings are of another set.
    """
    beside = findings_beside(out)
    progress("page", 0, 1)
    html = report_room.audit_page(images, findings, everything=beside.name)
    atomic.write_json(beside, findings.to_dict())
    path = atomic.write_text(out, html)
    progress("page", 1, 1)
    return path


def findings_beside(page: Path) -> Path:
    """Where all findings stand that a page shows some of."""
    return page.with_name(f"{page.stem}.findings.json")
