"""The short form of ``make torture``: some points of the quick stores, in some seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    out = tmp_path_factory.mktemp("torture") / "found.json"
    words = [sys.executable, "-m", "tests.torture", "--short", "--out", str(out)]
    done = subprocess.run(
        words, cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True, check=False
    )
    assert out.exists(), done.stderr
    return json.loads(out.read_text())


def test_stores_that_were_killed_or_met_a_full_disk_go_on_and_end_as_if_nothing_was(found):
    assert [line for store in found for line in store["wrong"]] == []


def test_killing_and_failing_did_happen(found):
    assert {one["store"] for one in found} >= {"bundle", "checkpoint", "search journal", "tags"}
    assert all(one["killed_at"] and one["failed_at"] for one in found)


def test_every_store_has_named_points(found):
    names = [(one["store"], name) for one in found for name in one["points"]]
    assert len(names) >= 60
    assert len(set(names)) == len(names)
