"""What was found goes in, tables for a page come out."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- made by python -m tests.torture -->", "<!-- end -->"


def of(files: Sequence[Path]) -> str:
    """The tables of what several calls have found."""
    found = _found(files)
    stores = [one for one in found if "store" in one]
    mutations = [one for one in found if "tracebacks" in one]
    parts = []
    if stores:
        parts.append(_stores(stores))
    if mutations:
        parts.append(_mutations(mutations))
    parts.append("".join(f"- {line}\n" for line in wrong(files)))
    return f"{BEGIN}\n\n" + "\n".join(part for part in parts if part) + f"\n{END}\n"


def wrong(files: Sequence[Path]) -> list[str]:
    """A sentence for each thing that was."""
    return [
        f"{one['store']}: {line}" if "store" in one else line
        for one in _found(files)
        for name in ("wrong", "tracebacks", "silent")
        for line in one.get(name, ())
    ]


def _found(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [one for file in files for one in json.loads(file.read_text())]


def put(page: Path, tables: str) -> None:
    """Put the tables where a page has some."""
    text = page.read_text()
    made, times = re.subn(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}\n", lambda _: tables, text, flags=re.DOTALL
    )
    if times != 1:
        raise SystemExit(f"{page} has no place for tables: {BEGIN} and {END}")
    page.write_text(made)


def _stores(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            one["store"],
            f"{one['killed_at']} of {len(one['points'])}",
            f"{one['failed_at']} of {one['failing']}",
            str(one["random_kills"]),
            str(one["rounds"]),
            str(len(one["wrong"])),
            f"{one['cpu']:.0f}",
        ]
        for one in found
    ]
    if len(rows) > 1:
        points = sum(len(one["points"]) for one in found)
        failing = sum(one["failing"] for one in found)
        sums = {
            name: sum(one[name] for one in found)
            for name in ("killed_at", "failed_at", "random_kills", "rounds", "cpu")
        }
        rows.append(
            [
                "**all**",
                f"{sums['killed_at']} of {points}",
                f"{sums['failed_at']} of {failing}",
                str(sums["random_kills"]),
                str(sums["rounds"]),
                str(sum(len(one["wrong"]) for one in found)),
                f"{sums['cpu']:.0f}",
            ]
        )
    heads = [
        "store", "points killed at", "failing steps", "random kills", "rounds", "wrong",
        "seconds of a core",
    ]  # fmt: skip
    where = dict.fromkeys(one.get("machine", machine()) for one in found)
    return _table(heads, rows) + "\n" + "\n".join(where) + "\n"


def _mutations(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            str(one["runs"]),
            str(sum(n for code, n in one["codes"].items() if code in {"1", "2"})),
            str(one["codes"].get("0", 0)),
            str(len(one["tracebacks"])),
            str(len(one["silent"])),
            f"{one['cpu']:.0f}",
        ]
        for one in found
    ]
    heads = [
        "mutations", "refused with a sentence", "without effect on the answer", "tracebacks",
        "wrong in silence", "seconds of a core",
    ]  # fmt: skip
    return _table(heads, rows)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> str:
    """What it was done on, in a line."""
    told = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", told.read_text()) if told.is_file() else []
    name = re.sub(r"\([RT]M?\)", "", names[0]) if names else platform.machine()
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"Python {platform.python_version()}, {system}, {os.cpu_count()} cores of {name}."
