"""The page: complete, offline, the same every time, and nothing from data is ever code."""

from hangtag.rooms.report import report
from hangtag.rooms.report.sections import SECTIONS


def test_a_page_has_every_section_in_order(facts):
    page = report(facts)
    places = [page.index(f'<section id="{one.name}"') for one in SECTIONS]
    assert places == sorted(places)


def test_the_same_facts_give_the_same_page(facts):
    assert report(facts) == report(facts)
