"""A tag is released only where every file names its version and the changelog tells of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "released.py"


@pytest.fixture(scope="module")
def released():
    spec = util.spec_from_file_location("released", SCRIPT)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path, released):
    """A copy of the files that name the version, with a section for it in the changelog."""
    (version,) = set(released.named(ROOT).values())
    (tmp_path / "kernels").mkdir()
    for file in ("pyproject.toml", "kernels/pyproject.toml", "CITATION.cff"):
        shutil.copy(ROOT / file, tmp_path / file)
    sections = ("Unreleased\n\n- soon", f"{version} (2026-12-01)\n\n- this", "0.0.1\n\n- old")
    text = "".join(f"## {section}\n\n" for section in sections)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{text}")
    return tmp_path, version


def test_every_file_names_the_same_version(released):
    assert len(set(released.named(ROOT).values())) == 1, released.named(ROOT)


def test_a_tag_that_fits_is_released_with_its_own_notes(released, tree):
    root, version = tree
    assert released.wrong(root, f"v{version}") == []
    assert released.notes(root, version) == "- this"


def test_a_version_that_a_file_does_not_name_is_refused(released, tree):
    root, version = tree
    said = released.wrong(root, "v9.9.9")
    assert f"kernels/pyproject.toml says {version}" in said
    assert 'CHANGELOG.md has no "## 9.9.9"' in said


def test_what_is_unreleased_is_no_release(released, tree):
    root, version = tree
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- soon\n")
    assert released.wrong(root, f"v{version}") == [f'CHANGELOG.md has no "## {version}"']


def test_a_tag_that_is_no_version_is_refused_in_a_sentence():
    done = subprocess.run([sys.executable, SCRIPT, "main"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "a release's tag is v and three numbers, not 'main'\n"
