"""The guide's tables of options say what can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from hangtag.requests import guide

PAGES = sorted((Path(__file__).parents[2] / "docs" / "guide").glob("*.md"))
TABLES = [page for page in PAGES if "<!-- options of " in page.read_text()]


@pytest.mark.parametrize("page", TABLES, ids=lambda page: page.stem)
def test_tables_are_up_to_date(page):
    text = page.read_text()
    assert guide.renewed(text) == text, f"python -m hangtag.requests.guide {page}"


def test_the_verbs_that_have_requests_have_their_table():
    assert {"load", "explore", "audit", "compare", "evaluate", "ablate", "tag"} <= {
        page.stem for page in TABLES
    }


def test_a_table_names_flag_keyword_and_meaning():
    row = next(
        line for line in guide.table(guide.requests.LoadOptions).split("\n") if "gray" in line
    )
    assert row == (
        "| `--gray`, `--color` | `gray=None` | Make images gray, or of three channels. |"
    )
