"""The five studies in a quick pass over the real images, and what their reports have.

Every figure, table and print-out of the documents is in ``documents.yaml`` with the words by which
a reader finds it in our report; one that is gone from a page is named.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
import yaml

from hangtag import study

LIMIT = 300
SHORT = ("fashion-first-look",)
"""Passed quickly by `make test`; the others by `make torture`, in minutes. Every verb that a study
can have is also a step in `test_running.py`."""

SMALLER = {
    "sign-language": (
        "steps.networks-test.show=[]",
        "steps.forest-axes-test.show=[]",
        "steps.forest-test.show=[]",
    ),
    "clothing-shop": (
        "steps.search.trials=1",
        "steps.winner-test.show=[]",
        "steps.document-winner-test.show=[]",
    ),
}
"""What is left out of a quick pass: drawings and trainings of a kind that it has another of."""

PASS = """
import sys
from pathlib import Path
from hangtag import study
name, out, limit, *changes = sys.argv[1:]
found = study.run(
    study.open_recipe(name, quick=True, changes=changes), limit=int(limit), out=Path(out)
)
print(found.folder, found.report, sep="\\n")
"""

DOCUMENTS = yaml.safe_load(Path(__file__).with_name("documents.yaml").read_text())


def _not_found(name, page):
    """What a study's document has and the report does not, in the section of its step."""
    for what, step, words in DOCUMENTS[name]:
        anchor = step if step == "reported" else f"step-{step}"
        _, _, section = page.partition(f'<section id="{anchor}"')
        seen = unescape(re.sub(r"<[^>]*>", " ", section.partition("</section>")[0]))
        if words not in " ".join(seen.split()):
            yield f"{what}: '{words}' is not in step {step}"


def test_the_five_documents_have_152_figures_tables_and_print_outs():
    assert DOCUMENTS.keys() == set(study.named())
    assert sum(map(len, DOCUMENTS.values())) == 152


@pytest.mark.parametrize(
    "name",
    [
        name if name in SHORT else pytest.param(name, marks=pytest.mark.torture)
        for name in study.named()
    ],
)
def test_a_quick_pass_of_every_study_ends_in_a_report_with_all_that_its_document_has(
    name, request, tmp_path
):
    request.getfixturevalue("sign" if name == "sign-language" else "fashion")
    changes = SMALLER.get(name, ())
    recipe = study.open_recipe(name, quick=True, changes=changes)
    # By a process of its own, so that its memory does not come on top of what other tests left.
    asked = [name, str(tmp_path / name), str(LIMIT), *changes]
    done = subprocess.run([sys.executable, "-c", PASS, *asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder, report = map(Path, done.stdout.splitlines())
    rows = json.loads((folder / "comparison.json").read_text())
    assert len(rows) == len(recipe.reported)
    counted = [one for one in rows if "parameters" in one["figure"] or "trainable" in one["figure"]]
    assert counted or name == "clothing-shop"
    assert all(one["inside"] for one in counted)  # they do not depend on images
    assert all(one["inside"] is not False for one in rows)  # a part is never said to be outside
    page = report.read_text()
    assert len(page) < 10_000_000
    assert re.search(r"(?:src|href)=[\"']https?:", page) is None
    assert "quick pass" in page
    assert list(_not_found(name, page)) == []
