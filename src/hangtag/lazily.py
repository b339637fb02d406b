"""Packages whose names are imported when they are used: a package in, its ``__getattr__`` out.

The stub beside the package's ``__init__`` is the one list of its names. Type checkers and editors
read it, and so does this: a command then makes the records and requests that it needs, and not
all of them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def on_demand(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """What a package has as ``__getattr__`` and ``__dir__``.

    Args:
        package: Its ``__name__``.
        file: Its ``__file__``; the stub has the same name and ends in ``.pyi``.
    """
    homes = stubbed(Path(file).with_suffix(".pyi"))

    def named(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        found = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, found)  # found at once the next time
        return found

    return named, lambda: sorted(homes)


def stubbed(stub: Path) -> dict[str, str]:
    """The module that each name of a stub is imported from."""
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    froms = (one for one in tree.body if type(one) is ast.ImportFrom)
    return {name.name: str(one.module) for one in froms for name in one.names}
