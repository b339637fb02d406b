"""The room costs nothing until it is used, and then only what the format needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"keras", "jax", "sklearn", "scipy", "matplotlib", "polars", "PIL", "onnxruntime"}


def imported_by(code: str) -> set[str]:
    listing = f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("what", ["", "rooms.load.known_sets()", "rooms.load.find('digits')"])
def test_looking_at_the_room_imports_nothing_heavy(what):
    assert not HEAVY & imported_by(f"from hangtag import rooms\nimport hangtag.rooms.load\n{what}")


def test_idx_needs_neither_pillow_nor_polars(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    code = f"from hangtag.rooms.load import load; load({str(folder)!r})"
    assert not HEAVY & imported_by(code)


def test_loading_fashion_mnist_stays_under_250_megabytes(fashion):
    """The bar for the whole process; it takes about 100."""
    code = (
        "from hangtag.rooms.load import load\nimages = load('fashion-mnist')\n"
        "assert len(images) == 70_000\n"
        "status = open('/proc/self/status').read().splitlines()\n"
        "print(next(line.split()[1] for line in status if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 250e6
