"""`pip install` of the built wheel gives people all of it: templates, scripts of pages, recipes."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_sources_hold_nothing_that_a_wheel_would_leave_out():
    """Hatch leaves out what git ignores: files with such names would be missing where installed."""
    source = ROOT / "src" / "hangtag"
    asked = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", str(source)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if asked.returncode:
        pytest.skip("needs a checkout of git")
    ignored = [one for one in asked.stdout.splitlines() if not one.endswith(".pyc")]
    assert ignored == []


@pytest.mark.torture
def test_an_empty_environment_a_wheel_and_the_demonstration(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "try_wheel.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert str(ROOT) not in said["imported"]
    assert said["demo"]["accuracy"]["low"] > 0.7
    assert said["doctor"]["problems"] == []
    assert said["native"] == said["doctor"]["operations"].startswith("native")
    assert len(json.loads(said["studies"])) == 5
    sys.stderr.write(f"{said['together']} {said['seconds']}\n")


@pytest.mark.torture
def test_a_wheel_holds_every_file_of_the_package(tmp_path):
    command = [
        sys.executable,
        "-m",
        "uv",
        "build",
        "--quiet",
        "--wheel",
        "--out-dir",
        tmp_path,
        ROOT,
    ]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "hangtag").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - inside == set()
