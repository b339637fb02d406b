"""A report that is handed in: a document and a notebook that have what the page has."""

from __future__ import annotations

import json
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType

import docx
import nbformat
import pytest
from PIL import Image

import hangtag
from hangtag.errors import MissingError, OptionError
from hangtag.rooms import report as room
from hangtag.rooms.report.paper import document


@pytest.fixture(autouse=True, scope="module")
def drawn_once():
    """The same drawing makes the same picture, in a tenth of a second: each is made once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(document, "as_png", cache(document.as_png))
        yield


class Shown:
    """What IPython shows, for a notebook that is run without it."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def module(self, folder: Path) -> ModuleType:
        made = ModuleType("IPython.display")
        made.HTML = lambda text: ("html", text)
        made.SVG = lambda file: ("svg", (folder / file).read_text())
        made.Image = lambda file, **_: ("png", (folder / file).read_bytes())
        made.display = self.all.append
        return made


def carried_out(notebook: Path, monkeypatch) -> list[tuple[str, str]]:
    """Run every code cell, as a notebook does; what was shown."""
    shown = Shown()
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", shown.module(notebook.parent))
    monkeypatch.chdir(notebook.parent)
    names: dict[str, object] = {}
    for cell in nbformat.read(notebook, 4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    return shown.all


def texts(document: Path) -> str:
    found = docx.Document(str(document))
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in found.paragraphs), *cells])


@pytest.fixture(scope="module")
def handed_in(study, tmp_path_factory):
    """The page, the document and the notebook of a study."""
    page = study.folder / "report.html"
    page.write_text(room.study_page(study))
    written = room.hand_in(study, page)
    assert [one.name for one in written] == ["report.docx", "report.ipynb"]
    return written


def test_the_document_has_every_step_with_its_figures_tables_and_commands(handed_in, study):
    said = texts(handed_in[0])
    found = docx.Document(str(handed_in[0]))
    figures = sum(len(one.figures) for one in study.outcomes)
    assert len(found.inline_shapes) == figures
    for place, one in enumerate(study.outcomes, start=1):
        assert f"{place}. {one.title}" in said
        assert all(words in said for words in one.words)
        assert all(f". {each.title}" in said for each in (*one.figures, *one.tables))
        assert all(command in said for command in one.commands)
    assert "★" in said
    assert all(one.figure in said for one in study.compared)
    assert "cannot be drawn" not in said
    drawings = [one.blob for one in found.part.package.image_parts]
    assert all(Image.open(BytesIO(one)).width >= 240 for one in drawings)


def test_every_image_of_the_document_is_described(handed_in):
    found = docx.Document(str(handed_in[0]))
    described = [one._inline.docPr.get("descr") for one in found.inline_shapes]
    assert all(described)


def test_the_notebook_is_one_and_shows_when_run_what_it_has_shown(handed_in, study, monkeypatch):
    shown = carried_out(handed_in[1], monkeypatch)
    cells = nbformat.read(handed_in[1], 4).cells
    outputs = [one.outputs[0].data for one in cells if one.cell_type == "code" and one.outputs]
    assert len(shown) == len(outputs)
    for (kind, what), output in zip(shown, outputs, strict=True):
        if kind == "html":
            assert what == output["text/html"]
        elif kind == "svg":
            assert what == output["image/svg+xml"]
        else:
            assert "image/png" in output
    headings = [one.source for one in cells if one.source.startswith("## ")]
    assert len(headings) >= len(study.outcomes)


def test_the_same_study_gives_the_same_notebook(handed_in, study):
    before = handed_in[1].read_text()
    room.hand_in(study, study.folder / "report.html")
    assert handed_in[1].read_text() == before


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("assignment") / "run"
    made = hangtag.train("digits", network="s2-mlp", epochs=2, seed=3, out=place)
    hangtag.evaluate(made)
    return made


def test_a_runs_document_and_notebook_are_found_by_the_fields_own_words(run, monkeypatch):
    page = hangtag.report(run, purpose="assignment")
    said = texts(page.with_suffix(".docx"))
    for words in ("Confusion matrix", "Learning curves", "Classification report", "Training log",
                  "ROC curves", "The network, layer by layer", run.config.command):  # fmt: skip
        assert words in said, words
    accuracy = run.evaluation().scores["accuracy"].value
    assert f"{accuracy:.4f}" in said
    shown = carried_out(page.with_suffix(".ipynb"), monkeypatch)
    assert len([one for one in shown if one[0] == "svg"]) > 6


def test_from_elsewhere_the_notebook_still_finds_its_run(run, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    page = hangtag.report(run, out=tmp_path / "mine" / "essay.html", purpose="assignment")
    assert page.with_suffix(".docx").is_file()
    assert (tmp_path / "mine" / "essay-figures" / "confusion.svg").is_file()
    carried_out(page.with_suffix(".ipynb"), monkeypatch)


def test_names_that_no_xml_or_markdown_has_stay_words(tmp_path, faulty, facts):
    from dataclasses import replace

    odd = ("<b>\x07", "*a*|b", "$x$ `y`", *facts.class_names[3:])
    page = tmp_path / "odd.html"
    handed, notebook, *_ = room.hand_in(replace(facts, title="a\x00 _b_", class_names=odd), page)
    assert docx.Document(str(handed)).paragraphs[0].text == "a\N{REPLACEMENT CHARACTER} _b_"
    first = json.loads(notebook.read_text())["cells"][0]["source"]
    assert first == "# a\x00 \\_b\\_"


def test_what_it_cannot_be_for_is_said_before_any_work(run, hangtag_command, monkeypatch):
    done = hangtag_command("report", run.folder, "--for", "fun")
    assert done.code == 2
    assert "known: assignment" in done.err
    with pytest.raises(OptionError):
        hangtag.report(run, purpose="fun")
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match="not installed"):
        hangtag.report(run, purpose="assignment")


def test_the_command_says_where_they_are(run, hangtag_command):
    done = hangtag_command("report", run.folder, "--for", "assignment", "--json")
    assert done.code == 0
    assert Path(done.json["document"]).is_file()
    assert Path(done.json["notebook"]).is_file()
