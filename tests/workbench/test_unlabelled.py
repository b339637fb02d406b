"""What needs no classes works on images without any, page and all; the rest says so."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.errors import UsageError


@pytest.fixture(scope="module")
def unlabelled():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 12, 12, 3), dtype=np.uint8)
    return hangtag.from_arrays(pixels)


def test_explores_and_draws_the_page(unlabelled, tmp_path):
    summary = hangtag.explore(unlabelled)
    assert summary.classes.class_names == ()
    page = hangtag.explore_page(unlabelled, summary, tmp_path / "look.html").read_text()
    assert "30 images of 12 × 12 colour pixels without classes" in page


def test_audits_and_draws_the_page(unlabelled, tmp_path):
    findings = hangtag.audit(unlabelled)
    page = hangtag.audit_page(unlabelled, findings, tmp_path / "audit.html").read_text()
    assert "30 images without a label" in page


def test_maps_and_clusters(unlabelled, tmp_path):
    one = hangtag.reduce(unlabelled, method="pca")
    assert hangtag.map_page(unlabelled, [one], tmp_path / "map.html").is_file()
    found = hangtag.cluster(unlabelled, k=3, n_init=2)
    assert found.agreement is None
    assert hangtag.write_clusters(found, tmp_path / "clusters")


@pytest.mark.parametrize("verb", ["split", "forest", "mixture"])
def test_what_needs_classes_says_that_there_are_none(verb, unlabelled):
    with pytest.raises(UsageError, match="no labelled image"):
        getattr(hangtag, verb)(unlabelled)
