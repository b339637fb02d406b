"""Test images that training has as good as seen: images and a split in, their number out.

Looked for before the first score on a set is believed; the answer is kept in the cache, because
it belongs to the images and not to the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, sealed, settings, troubles, versions
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Split
from hangtag.rooms.audit.auditing import audit
from hangtag.rooms.audit.copies import RULE


def seen_before(images: ImageSet, split: Split, *, progress: Progress = silent) -> dict[str, Any]:
    """Count the test images that training or validation has seen as good as.

    Those are counted that are in one group with an image that was seen: its copies, its
    near-copies, and their near-copies in turn. ``hangtag audit`` counts direct pairs only.

    Args:
        images: The whole set.
        split: What trains, validates and tests.
        progress: Told how far it is; the first time takes some seconds per 10,000 images.

    Returns:
        JSON-ready: ``test`` (test images), ``leaked`` (those with a near-copy that training or
        validation saw), ``why`` (what counts as a near-copy).
    """
    why, groups = _groups(images, progress)
    seen = np.union1d(groups[split.train], groups[split.validation])
    leaked = int(np.isin(groups[split.test], seen).sum())
    return {"test": len(split.test), "leaked": leaked, "why": why}


def _groups(images: ImageSet, progress: Progress) -> tuple[str, NDArray[np.int64]]:
    kept = _cache(images)
    try:
        values = sealed.from_json(sealed.read(kept), kept.name)
        groups = np.asarray(values["groups"], np.int64)
        # Groups made by another rule, of an earlier version's, are not those of today.
        if groups.shape == (len(images),) and values["rule"] == RULE:
            return str(values["why"]), groups
    except (ValueError, KeyError, TypeError):
        pass  # not looked for yet, or the cache is damaged: look again
    findings = audit(images, checks=("duplicates",), progress=progress)
    assert findings.groups is not None, "looking for duplicates gives groups"
    why = str(findings.checks["duplicates"].get("why_near", ""))
    values = {"rule": RULE, "why": why, "groups": findings.groups.tolist()}
    with troubles.if_possible():
        atomic.write_bytes(kept, sealed.to_json(values, kept.name))
    return why, findings.groups


def _cache(images: ImageSet) -> Path:
    version = versions.installed(())["hangtag"]
    return settings.cache_folder() / "copies" / f"{version}-{images.fingerprint}.json"
