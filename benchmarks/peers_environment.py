"""The peers' own environment: ``benchmarks/peers.txt`` in, the Python of ``.venv-bench`` out.

``python -m benchmarks.peers_environment`` makes it (TensorFlow, PyTorch; a few GB, minutes).
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".venv-bench"
PYTHON = FOLDER / "bin" / "python"
WANTED = Path(__file__).parent / "peers.txt"


def python() -> Path:
    """The interpreter that has the peers; installs them the first time."""
    if not (FOLDER / ".complete").exists() and not _has_peers():
        venv.create(FOLDER, with_pip=True)
        install = [PYTHON, "-m", "pip", "install", "--quiet", "-r", WANTED]
        subprocess.run(install, check=True)
        (FOLDER / ".complete").touch()
    return PYTHON


def _has_peers() -> bool:
    if not PYTHON.exists():
        return False
    found = "import importlib.util as u, sys; sys.exit(not (u.find_spec('tensorflow') and "
    found += "u.find_spec('torch') and u.find_spec('keras')))"
    return subprocess.run([PYTHON, "-c", found], check=False).returncode == 0


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n")
