"""Install the system packages the tests use, or say which tests will be skipped for want of them.

Run by ``make test``. Needs root and apt to install; without them it names the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = {"chromium": ("chromium", "the tests that open a page in a browser")}
"""Program looked for: (Debian package, what is skipped without it)."""


def main() -> None:
    missing = {name: row for name, row in PACKAGES.items() if shutil.which(name) is None}
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install([package for package, _ in missing.values()])
    for name, (package, skipped) in missing.items():
        if shutil.which(name) is None:
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
