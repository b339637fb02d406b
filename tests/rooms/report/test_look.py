"""The page of what is in a set: its figures are the summary's."""

import re
from html import unescape

import numpy as np
import pytest

from hangtag.errors import UsageError
from hangtag.records import ImageSet
from hangtag.rooms.explore import explore
from hangtag.rooms.report import explore_page


@pytest.fixture(scope="module")
def html(faulty, summary) -> str:
    return explore_page(faulty, summary)


def test_the_page_is_sound_and_the_same_every_time(html, sound, faulty, summary):
    sound(html)
    assert explore_page(faulty, summary) == html


def test_classes_are_sorted_by_name_with_their_counts(html, faulty):
    table = html[html.index('aria-label="Images per class"') :]
    rows = re.findall(r'<th scope="row">([^<]*)</th><td>(\d+)</td><td>(\d+)</td>', table)[:10]
    assert [unescape(name) for name, _, _ in rows] == sorted(faulty.class_names)
    train, test = faulty.counts("train"), faulty.counts("test")
    counts = {name: (int(one), int(other)) for name, one, other in rows}
    assert counts["7"] == (train[7], test[7])


def test_the_pixel_range_is_shown_before_and_after_scaling(html, faulty):
    low, high = faulty.images[:300].min(), faulty.images[:300].max()
    assert f">{low} to {high}</td>" in html
    assert f">{low / 255:.3f} to {high / 255:.3f}</td>" in html


def test_marks_recommendation_and_reason_are_the_summarys(html, summary):
    for proportion, needed in summary.variance.marks.items():
        assert f"{needed} components hold {proportion:.0%}" in html
    assert f"<b>{summary.variance.recommended} components</b>" in html
    assert summary.variance.reason[1:40] in html


def test_every_variant_and_every_reconstruction_is_there(html, summary):
    assert html.count("20 images, ") == len(summary.variants.pictures) == 3
    for count in summary.reconstructions.components:
        assert f"The images from {count} component" in html


def test_a_set_of_equal_images_has_a_page_without_a_curve(sound):
    images = ImageSet(
        "flat",
        np.full((5, 8, 8, 1), 9, np.uint8),
        np.array([0, 0, 0, 1, -1]),
        ("a", "b"),
        (0, 1),
        {"all": range(5)},
    )
    html = explore_page(images, explore(images))
    sound(html)
    assert '<section id="variance"' not in html
    assert "there is no variance." in html


def test_a_summary_of_another_set_is_refused(faulty, summary):
    with pytest.raises(UsageError, match="the summary is of set"):
        explore_page(faulty.take(np.arange(10)), summary)
