"""The page of an audit: every finding counted, the images concerned shown, nothing invented."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import UsageError
from hangtag.records import Finding, Findings, ImageSet
from hangtag.rooms.report import audit_page
from hangtag.rooms.report.images import data_uri


@pytest.fixture(scope="module")
def html(faulty, findings) -> str:
    return audit_page(faulty, findings, everything="page.findings.json")


def test_the_page_is_sound_and_the_same_every_time(html, sound, faulty, findings):
    sound(html)
    assert audit_page(faulty, findings, everything="page.findings.json") == html


def test_the_verdict_is_one_sentence_about_the_worst(html):
    (verdict,) = re.findall(r'<p class="verdict">(.*?)</p>', html)
    assert verdict.startswith("In the 400 images of faulty, 1 of 100 test images (1.00")
    assert verdict.endswith(".")


def test_cautions_come_first_and_every_check_is_named(html, findings):
    anchors = re.findall(r'<section id="(\w+)"', html)
    assert anchors[0] == "cautions"
    assert f"{len(findings.cautions)} cautions</a> to read before" in html
    assert html.count('<th scope="row">Blank images</th>') == 1
    assert "Not looked for in this audit: Random against grouped split" in html


def test_the_images_of_a_leak_stand_beside_each_other_with_their_names(html, faulty):
    start = html.index('data-check="leaks"')
    leak = html[start : html.index("</li>", start)]
    images = re.findall(r'<img src="([^"]+)"', leak)
    assert images == [data_uri(faulty.images[310]), data_uri(faulty.images[10])]
    assert re.findall(r'class="id">([^<]+)<', leak) == ["test/00010", "train/00010"]


def test_a_doubted_label_stands_beside_the_likely_one(html, findings):
    doubted = findings.of("labels")
    assert doubted
    start = html.index('data-check="labels"')
    assert html.count("likely ", start) >= len(doubted)
    shown = re.findall(r'class="id">([^<]+)<', html[start:])
    assert set(doubted[0].ids) <= set(shown)


def test_findings_are_bounded_and_the_page_says_so(faulty, findings, sound):
    many = tuple(
        Finding("outliers", "info", (number % 400,), f"far off {number}", 1.0)
        for number in range(812)
    )
    html = audit_page(faulty, replace(findings, findings=many, checks={"outliers": {}}))
    sound(html)
    assert "Showing 40 of 812 findings" in html
    assert "showing 40 of 812" in html
    assert "<code>findings.json</code>" in html
    assert "far off 39<" in html
    assert "far off 40<" not in html


def test_a_group_of_many_copies_shows_some_and_counts_the_rest(faulty, findings):
    group = Finding("duplicates", "info", tuple(range(30)), "30 images are copies")
    html = audit_page(faulty, replace(findings, findings=(group,), checks={"duplicates": {}}))
    assert html.count('<div class="concerned">') == 1
    assert "and 22 more" in html


def test_nothing_found_is_said_plainly(faulty, findings, sound):
    facts = {**findings.checks["blanks"], "found": 0}
    calm = Findings(findings.fingerprint, {"blanks": facts}, ())
    html = audit_page(faulty, calm)
    sound(html)
    assert "1 check found nothing wrong with the 400 images of faulty." in html
    assert '<section id="findings"' not in html
    assert "None of the checks fired" in html


def test_a_check_nobody_has_words_for_is_shown_under_its_name(faulty, findings):
    found = Finding("shadow_casts", "warning", (3,), "a shadow falls on it")
    strange = Findings(findings.fingerprint, {"shadow_casts": {"limit": 3}}, (found,))
    html = audit_page(faulty, strange)
    assert '<h3 id="check-1">Shadow casts</h3>' in html
    assert "a shadow falls on it" in html


def test_findings_of_another_set_are_refused(faulty, findings):
    with pytest.raises(UsageError, match="the findings are of set"):
        audit_page(faulty.take(np.arange(10)), findings)


def test_large_images_are_made_smaller_before_they_are_left_out(findings):
    noise = np.random.default_rng(0).integers(0, 256, (60, 200, 300, 3), dtype=np.uint8)
    images = ImageSet("noise", noise, np.zeros(60, np.int64), ("one",), (0,), {"all": range(60)})
    found = tuple(
        Finding("duplicates", severity, tuple(range(8)), "8 images")
        for severity in ("serious", "warning", "info")
        for _ in range(50)
    )
    html = audit_page(images, Findings(images.fingerprint, {"duplicates": {}}, found))
    assert 2e6 < len(html.encode()) <= 10e6
    assert "Showing 120 of 150 findings" in html
