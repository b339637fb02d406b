"""Addresses of pictures go in, files come out: from public servers alone, with limits."""

from __future__ import annotations

from hangtag.rooms.fetch.addresses import Network
from hangtag.rooms.fetch.files import Limits, fetch

__all__ = ["Limits", "Network", "fetch"]
