"""Install the system packages the tests use, or say which tests will be skipped for want of them.

Run by ``make test``. Needs root and apt to install; without them it names the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "chromium": ("chromium", "the tests that open a page in a browser"),
    "initdb": ("postgresql", "the tests that share a search through PostgreSQL"),
    "strace": ("strace", "the tests that nothing leaves the machine"),
}
"""Program looked for: (Debian package, what is skipped without it)."""

ELSEWHERE = {"initdb": "/usr/lib/postgresql"}
"""Programs that Debian keeps off the path: a folder that holds ``VERSION/bin/PROGRAM``."""


def find(name: str) -> str | None:
    """Where a program is; None when it is not installed."""
    kept = sorted(Path(ELSEWHERE[name]).glob(f"*/bin/{name}")) if name in ELSEWHERE else []
    return str(kept[-1]) if kept else shutil.which(name)


def main() -> None:
    missing = {name: row for name, row in PACKAGES.items() if find(name) is None}
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install([package for package, _ in missing.values()])
    for name, (package, skipped) in missing.items():
        if find(name) is None:
            sys.stderr.write(f"skipped: {skipped}; to run them: sudo apt-get install {package}\n")


def _install(packages: list[str]) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    sys.stderr.write(f"installing {' '.join(packages)} for the tests\n")
    subprocess.run(["apt-get", "update"], env=environment, **quiet)
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, **quiet)


if __name__ == "__main__":
    main()
