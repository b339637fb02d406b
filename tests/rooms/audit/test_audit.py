"""The audit as a whole: which checks run, what travels on, what is said of a set."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import OptionError, UsageError
from hangtag.records import Findings
from hangtag.records.findings import SEVERITIES
from hangtag.rooms.audit import CHECKS, OPTIONAL, audit
from hangtag.rooms.audit.check import Checked, Context


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_has_a_file_that_checks(name, digits):
    from importlib import import_module

    checked = import_module(f"hangtag.rooms.audit.{name}").check(
        Context(digits.take(np.arange(600)))
    )
    assert isinstance(checked, Checked)
    assert checked.facts
    assert all(found.check == name for found in checked.findings)
    json.dumps(checked.facts, allow_nan=False)


def test_runs_all_but_the_optional_checks_and_says_how_long_each_took(digits):
    findings = audit(digits.take(np.arange(300)))
    assert set(findings.checks) == set(CHECKS) - set(OPTIONAL)
    assert all(facts["seconds"] >= 0 for facts in findings.checks.values())


def test_findings_are_sorted_by_severity_and_survive_json(planted):
    findings = audit(planted, checks=["leaks", "duplicates", "classes"])
    order = [SEVERITIES.index(found.severity) for found in findings.findings]
    assert order == sorted(order)
    back = Findings.from_dict(json.loads(json.dumps(findings.to_dict(), allow_nan=False)))
    assert back.findings == findings.findings
    assert back.cautions == findings.cautions
    np.testing.assert_array_equal(back.groups, findings.groups)


def test_finds_the_same_again_with_the_same_seed(digits):
    few = digits.take(np.arange(250))
    one, again = (audit(few, seed=5) for _ in range(2))
    assert one.findings == again.findings


def test_tells_how_far_it_is(digits):
    heard = []
    audit(digits.take(np.arange(100)), progress=lambda *told: heard.append(told))
    stages = {told[0] for told in heard}
    assert {"audit", "pairs", "labels"} <= stages
    assert heard[-1][:3] == ("audit", 6, 6)


def test_groups_are_only_given_when_copies_were_looked_for(digits):
    assert audit(digits, checks=["classes"]).groups is None


def test_says_which_checks_there_are():
    with pytest.raises(OptionError, match="no check called 'duplicate'") as caught:
        audit(None, checks=["duplicate"])
    assert "did you mean 'duplicates'" in caught.value.hint


@pytest.mark.parametrize("shape", [(1, 1, 1), (6, 6, 1), (2, 30, 1), (7, 6, 3)])
def test_images_of_any_size_are_audited(digits, shape):
    images = np.random.default_rng(0).integers(0, 256, (80, *shape), dtype=np.uint8)
    images[1] = images[0]
    parts = {"train": range(40), "test": range(40, 80)}
    odd = replace(digits, images=images, labels=np.arange(80) % 10, parts=parts, ids=None)
    groups = audit(odd).groups
    assert groups[0] == groups[1]


def test_one_image_is_not_audited(digits):
    with pytest.raises(UsageError, match="compares images; digits has 1"):
        audit(digits.take(np.arange(1)))


def test_classes_that_are_rare_empty_or_shifted_are_found(clothes):
    zero, others = np.flatnonzero(clothes.labels == 0), np.flatnonzero(clothes.labels != 0)
    chosen = np.concatenate([others[:1500], zero[:100], others[1500:]])
    images = replace(
        clothes.take(chosen), parts={"train": range(1600), "test": range(1600, len(chosen))}
    )
    findings = audit(images, checks=["classes"])
    assert {found.kind for found in findings.of("classes")} >= {"empty", "shift"}
    rare = clothes.take(np.concatenate([others, zero[:10]]))
    found = audit(rare, checks=["classes"]).of("classes", "imbalance")[0]
    assert found.severity == "serious"
    assert "T-shirt/top (" in found.message or "times the images of T-shirt/top" in found.message


def test_a_gap_in_the_label_codes_is_named(sign):
    facts = audit(sign, checks=["classes"]).checks["classes"]
    assert facts["label_gaps"] == [9]


def test_unlabelled_images_are_audited_too(digits):
    some = digits.take(np.arange(400))
    labels = np.where(np.arange(len(some)) < 100, -1, some.labels)
    findings = audit(replace(some, labels=labels))
    assert findings.of("classes", "unlabelled")[0].indices == tuple(range(100))


def test_a_random_split_over_copies_is_shown_to_flatter(digits):
    """Three noisy copies of each of 250 hard images: only the grouped split tells the truth."""
    random = np.random.default_rng(0)
    images = digits.images[:250].repeat(4, axis=0).astype(int)
    images += random.integers(-60, 61, (250, *digits.shape)).repeat(4, axis=0)
    images += random.integers(-4, 5, images.shape)
    copied = replace(
        digits,
        images=np.clip(images, 0, 255).astype(np.uint8),
        labels=random.integers(0, 10, 250).repeat(4),
        parts={"all": range(1000)},
    )
    findings = audit(copied, checks=["overstatement"])
    facts = findings.checks["overstatement"]
    assert facts["overstatement"]["low"] > 0.5
    assert facts["accuracy"]["grouped"]["value"] < 0.3  # labels are random: 0.1 is the truth
    assert "overstates" in findings.cautions[0]


def test_no_copies_no_overstatement(digits):
    facts = audit(digits, checks=["overstatement"]).checks["overstatement"]
    assert facts["overstatement"]["low"] <= 0 <= facts["overstatement"]["high"]
