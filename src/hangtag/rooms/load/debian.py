"""A data set that Debian packages: package name in, a folder with the unpacked package out.

``apt-get download`` and ``dpkg-deb -x`` need no root, change nothing on the system, run none of
the package's scripts, and work behind a package mirror where nothing else is reachable. When
the system's package lists are empty (as in most containers) they are fetched into the temporary
folder, not into the system.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag.errors import SourceError
from hangtag.progress import Progress, silent

PATIENCE = 300.0
"""Seconds one apt or dpkg command may take."""


def there() -> bool:
    """Whether this machine has what is needed."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


@contextmanager
def unpacked(package: str, progress: Progress = silent) -> Iterator[Path]:
    """Fetch and unpack `package` into a folder that lasts as long as the block.

    Raises:
        SourceError: This is not Debian or Ubuntu, or apt cannot fetch the package.
    """
    if not there():
        raise SourceError(f"the package {package} needs apt-get and dpkg-deb, which are not here")
    with tempfile.TemporaryDirectory(prefix="hangtag-") as name:
        folder = Path(name)
        progress("download", 0, 0, f"Debian package {package}")
        archive = _download(package, folder)
        _run(["dpkg-deb", "-x", str(archive), str(folder / "root")], folder)
        yield folder / "root"


def _download(package: str, folder: Path) -> Path:
    try:
        _run(["apt-get", "download", package], folder)
    except SourceError:  # its lists may be missing or old: fetch them, into our own folder
        own = [
            f"-oDir::State::lists={folder / 'lists'}",
            f"-oDir::Cache={folder / 'cache'}",
            "-oDebug::NoLocking=1",
        ]
        for place in ("lists/partial", "cache/archives/partial"):
            (folder / place).mkdir(parents=True, exist_ok=True)
        _run(["apt-get", *own, "update"], folder)
        _run(["apt-get", *own, "download", package], folder)
    archives = sorted(folder.glob("*.deb"))
    if not archives:
        raise SourceError(f"apt-get download {package} left no package behind")
    return archives[0]


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{command[0]} did not work ({error})") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        reason = " ".join(lines[:1]) or f"exit code {done.returncode}"
        raise SourceError(f"{' '.join((command[0], *command[-2:]))} failed ({reason})")
