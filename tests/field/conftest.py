"""What the situations of the field share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def without_rights():
    """Run Python in a process that rights hold for: root's reads everything otherwise."""
    before: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root passes over rights, and there is no setpriv to make it obey them")
        before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        argv = [*before, sys.executable, *map(str, words)]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)

    return run
