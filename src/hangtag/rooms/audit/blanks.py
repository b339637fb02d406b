"""Blanks: images that show one grey level, or hardly more."""

from __future__ import annotations

import numpy as np

from hangtag.rooms.audit.check import Checked, Context
from hangtag.rooms.audit.likeness import FLAT


def check(context: Context) -> Checked:
    """Find images whose pixels deviate by less than two grey levels."""
    contrasts = context.likeness.contrasts
    findings = []
    for index in np.flatnonzero(contrasts < FLAT).tolist():
        pixels = context.likeness.pixels[index]
        constant = int(pixels.min()) == int(pixels.max())
        message = (
            f"every pixel is {int(pixels[0])}"
            if constant
            else f"pixels deviate by only {contrasts[index]:.1f} grey levels"
        )
        kind, severity = ("constant", "serious") if constant else ("flat", "warning")
        found = context.finding(
            "blanks", severity, (index,), message, value=float(contrasts[index]), kind=kind
        )
        findings.append(found)
    facts = {"threshold": FLAT, "found": len(findings), "lowest": float(contrasts.min())}
    return Checked(facts, tuple(findings))
