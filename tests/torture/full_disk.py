"""A small disk of its own, in memory, that can be filled to the last page; needs root on Linux."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Disk:
    """A mounted disk."""

    place: Path

    @property
    def used(self) -> int:
        """Bytes in use."""
        facts = os.statvfs(self.place)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize

    def fill(self, *, leave: int) -> None:
        """Take all room but `leave` bytes."""
        facts = os.statvfs(self.place)
        with (self.place / "filling").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, facts.f_bfree * facts.f_frsize - leave)

    def free(self) -> None:
        """Give the room back."""
        (self.place / "filling").unlink()


@contextmanager
def disk_of(size: int, place: Path) -> Iterator[Disk]:
    """Mount a disk of `size` bytes at `place`; skip the test where that is not allowed."""
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "hangtag-test", str(place)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
