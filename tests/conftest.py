"""What every test can use: the real data sets, and a place for caches that is not the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Caches and runs go to a temporary folder; the user's own are never touched."""
    base = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("HANGTAG_CACHE", str(base / "cache"))
    monkeypatch.setenv("HANGTAG_RUNS", str(base / "runs"))
    monkeypatch.delenv("HANGTAG_SEED", raising=False)


def _known(name: str, folder: str):
    data = os.environ.get("HANGTAG_DATA", "")
    if not data or not (Path(data) / folder).is_dir():
        pytest.skip(f"needs {name}: set HANGTAG_DATA to a folder that has {folder}/")
    import hangtag

    return hangtag.load(name)


@pytest.fixture(scope="session")
def fashion():
    """The 70,000 pictures of Fashion-MNIST."""
    return _known("fashion-mnist", "fashion-mnist")


@pytest.fixture(scope="session")
def sign():
    """The 34,627 pictures of Sign-Language-MNIST."""
    return _known("sign-mnist", "sign-mnist")


@pytest.fixture(scope="session")
def digits():
    """The 1,797 digits that come with scikit-learn."""
    import hangtag

    return hangtag.load("digits")
