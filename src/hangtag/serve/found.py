"""What jobs found out about a catalogue, kept beside it until it is found out anew.

A file a kind in the door's folder. It says of which state of the catalogue it is, so that a page
can tell that items came or went since; a kill leaves the old file or the new one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hangtag import atomic
from hangtag.rooms.catalog import freshness
from hangtag.serve.door import Door
from hangtag.serve.keys import door_folder


def keep(door: Door, kind: str, facts: Mapping[str, Any], of: list[object]) -> None:
    """Keep what was found of a state of the catalogue; see :func:`state`."""
    folder = door_folder(door.place)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.write_bytes(folder / f"{kind}.json", json.dumps({"of": of, **facts}).encode())


def state(door: Door) -> list[object]:
    """The state of the catalogue's items and embeddings."""
    return list(freshness.stamp(door.catalog))


def kept(door: Door, kind: str) -> tuple[dict[str, Any], bool] | None:
    """What was found, and whether the catalogue is as it was then; None before anything was."""
    path = door_folder(door.place) / f"{kind}.json"
    try:
        facts: dict[str, Any] = json.loads(path.read_bytes())
        same = facts.pop("of") == state(door)
    except (OSError, ValueError, KeyError, AttributeError):
        return None  # not there, or not ours any more: it is found out anew
    return facts, same
