"""The ways to cluster: a name goes in, the method in the file of that name comes out."""

from __future__ import annotations

from importlib import import_module

from hangtag.families import CLUSTERERS, Family
from hangtag.rooms.cluster.method import Method


def _load(name: str) -> Method:
    found: Method = import_module(f"hangtag.rooms.cluster.{name}").METHOD
    return found


METHODS: Family[Method] = Family(CLUSTERERS, _load)
