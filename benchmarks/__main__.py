"""Run the benchmarks and write RESULTS.md: ``python -m benchmarks [NAME …]``.

Each benchmark is a file here with ``TITLE`` and ``run() -> str``, which runs ours and the peer on
the same work in one run and gives Markdown. To add one: one file.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import benchmarks
import hangtag
from hangtag import atomic, settings
from hangtag.rooms.load import known, sources
from hangtag.versions import installed

RESULTS = Path(__file__).parent / "RESULTS.md"
CAVEATS = """Ratios are what to read: both sides of each ran in turn, in the same minutes, on the \
same work. Absolute seconds belong to this machine, which is a shared virtual one: its cores' \
speed moves by tens of percent from minute to minute, which is why every figure has its spread."""


def main(names: list[str]) -> None:
    _say_where_data_is()
    there = [found.name for found in pkgutil.iter_modules(benchmarks.__path__)]
    for name in names or sorted(set(there) - {"__main__"}):
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "TITLE"):
            continue  # shared by several benchmarks
        sys.stderr.write(f"{name}: {module.TITLE}\n")
        began = time.perf_counter()
        text = module.run().strip()
        seconds = time.perf_counter() - began
        _keep(
            name, f"## {module.TITLE}\n\n{text}\n\n`python -m benchmarks {name}`, {seconds:.0f} s"
        )


def _say_where_data_is() -> None:
    """Peers read the same files as we do, and know no other way to find them than the variable."""
    if settings.data_folder() is None:
        hangtag.load("fashion-mnist", limit=1)  # fetched first where it lies nowhere
        place = sources.find(known.FASHION_MNIST)
        if place is not None:
            os.environ["HANGTAG_DATA"] = str(place.parent)


def _keep(name: str, section: str) -> None:
    """Put one benchmark's section in its place; the others stay as they are."""
    sections = {name: f"{section}, {datetime.now(UTC):%Y-%m-%d}, {_machine()}."}
    if RESULTS.exists():
        parts = re.split(r"<!-- (\w+) -->\n", RESULTS.read_text())[1:]
        sections = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True)) | sections
    body = "\n\n".join(f"<!-- {key} -->\n{sections[key]}" for key in sorted(sections))
    atomic.write_text(RESULTS, f"{_opening()}\n\n{body}\n")


def _opening() -> str:
    versions = ", ".join(f"{name} {version}" for name, version in installed().items())
    return (
        f"# Benchmark results\n\nMachine of the latest run: {_machine()}, {_memory_gb()} GB, "
        f"{platform.system()}.\n\nVersions: {versions}.\n\n{CAVEATS}\n\n"
        "Command: `make bench`, or `python -m benchmarks NAME` for one of them."
    )


def _machine() -> str:
    found = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    name = re.search(r"Model name:\s*(.+)", found)
    cores = len(os.sched_getaffinity(0))
    return f"{name[1].strip() if name else platform.machine()}, {cores} cores"


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


if __name__ == "__main__":
    main(sys.argv[1:])
