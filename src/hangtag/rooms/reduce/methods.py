"""The maps there are: a name goes in, the method in the file of that name comes out."""

from __future__ import annotations

from importlib import import_module

from hangtag.families import PROJECTIONS, Family
from hangtag.rooms.reduce.method import Method


def _load(name: str) -> Method:
    found: Method = import_module(f"hangtag.rooms.reduce.{name}").METHOD
    return found


METHODS: Family[Method] = Family(PROJECTIONS, _load)
