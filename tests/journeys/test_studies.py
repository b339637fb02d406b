"""The five studies as they come, every step of each, in a quick pass over the real pictures."""

from __future__ import annotations

import json
import re

import pytest

from hangtag import study

LIMIT = 300
LONG = ("network-ladder",)
"""Has no verb that another study has not, and takes longest: passed quickly by `make torture`."""

SMALLER = {
    "sign-language": (
        "steps.networks-test.show=[]",
        "steps.forest-axes-test.show=[]",
        "steps.look.show=[classes]",
        "steps.forest-test.show=[]",
    ),
    "clothing-shop": (
        "steps.search.trials=1",
        "steps.winner-test.show=[]",
        "steps.document-winner-test.show=[]",
    ),
}
"""What is left out of a quick pass: drawings and trainings of a kind that it has another of."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.torture) if name in LONG else name
        for name in study.named()
    ],
)
def test_a_quick_pass_of_every_study_ends_in_a_report(name, request, tmp_path):
    request.getfixturevalue("sign" if name == "sign-language" else "fashion")
    recipe = study.open_recipe(name, quick=True, changes=SMALLER.get(name, ()))
    found = study.run(recipe, limit=LIMIT, out=tmp_path / name)
    rows = json.loads((found.folder / "comparison.json").read_text())
    assert len(rows) == len(recipe.reported)
    counted = [one for one in rows if "parameters" in one["figure"] or "trainable" in one["figure"]]
    assert counted or name == "clothing-shop"
    assert all(one["inside"] for one in counted)  # they do not depend on pictures
    assert all(one["inside"] is not False for one in rows)  # a part is never said to be outside
    page = found.report.read_text()
    assert len(page) < 10_000_000
    assert re.search(r"(?:src|href)=[\"']https?:", page) is None
    assert "quick pass" in page
