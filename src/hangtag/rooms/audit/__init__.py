"""Audit: images go in, what is wrong with them comes out, before any score is believed.

A check is a file in this folder and a line in :data:`CHECKS`; see ``check.py`` for what it gets
and gives. Nothing here loads a heavy library until a check needs it.
"""

from __future__ import annotations

from hangtag.rooms.audit.auditing import CHECKS, OPTIONAL, audit
from hangtag.rooms.audit.clean import clean_split, indices_to_drop
from hangtag.rooms.audit.seen import seen_before

__all__ = ["CHECKS", "OPTIONAL", "audit", "clean_split", "indices_to_drop", "seen_before"]
