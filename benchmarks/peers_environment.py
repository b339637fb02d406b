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
    """The interpreter that has the peers; installs what is wanted and was not yet."""
    complete, wanted = FOLDER / ".complete", WANTED.read_text()
    if not complete.exists() or complete.read_text() != wanted:
        venv.create(FOLDER, with_pip=True)
        install = [PYTHON, "-m", "pip", "install", "--quiet", "-r", WANTED]
        subprocess.run(install, check=True)
        complete.write_text(wanted)
    return PYTHON


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n")
