"""The site has every page and no link that leads nowhere; read here, built by `make docs`."""

from __future__ import annotations

import ast
import posixpath
import re
from importlib import util
from pathlib import Path

import pytest
import yaml

import hangtag
from hangtag.workbench import VERBS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def site():
    spec = util.spec_from_file_location("site_pages", ROOT / "deploy" / "site.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def settings():
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text())


def named(nav) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [page for one in (nav.values() if isinstance(nav, dict) else nav) for page in named(one)]


def prose(path: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path: Path) -> set[str]:
    """Headings as they are linked to."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings]
    return {re.sub(r"[-\s]+", "-", one.strip()) for one in plain}


def test_the_menu_names_every_page_once(settings, site):
    pages = named(settings["nav"])
    assert len(pages) == len(set(pages))
    assert set(pages) == {*PAGES, *site.PROJECT.values()}


def test_every_guide_page_is_in_the_guides_own_table():
    table = (DOCS / "guide" / "README.md").read_text()
    pages = {path.name for path in (DOCS / "guide").glob("*.md")} - {"README.md"}
    assert [page for page in pages if f"({page}" not in table] == []


@pytest.mark.parametrize("page", [*PAGES, "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
                                  "SECURITY.md", "deploy/README.md", "tests/README.md",
                                  "benchmarks/README.md", "kernels/README.md"])  # fmt: skip
def test_every_relative_link_of_a_page_leads_somewhere(page):
    path = DOCS / page if page in PAGES and not (ROOT / page).exists() else ROOT / page
    for target in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES)
def test_links_hold_on_the_site_where_they_lead_out_of_its_folder(page, site):
    known = {*PAGES, *site.PROJECT.values()}
    text = site.relinked((DOCS / page).read_text(), page)
    for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s#]+)", text):
        if not re.match(r"[a-z]+:", target) and target.endswith(".md"):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) in known


def test_a_link_of_a_page_outside_docs_leads_to_the_same_page_of_the_site(site):
    def relinked(text):
        return site.relinked(text, "project/architecture.md")

    assert relinked("[a](docs/concepts/truth.md)") == "[a](../concepts/truth.md)"
    assert relinked("[a](CHANGELOG.md#x)") == "[a](changelog.md#x)"
    assert relinked("[a](README.md)") == "[a](../index.md)"
    assert relinked("[a](src/hangtag)") == "a"
    assert relinked("![a](docs/images/report.png)") == "![a](../images/report.png)"
    assert relinked("```\n[a](src)\n```\n") == "```\n[a](src)\n```\n"


def test_the_page_of_the_examples_shows_the_code_of_each(site):
    shown = site.scripts()
    names = re.findall(r"^## (\w+\.py)$", shown, re.MULTILINE)
    assert len(names) == 8
    assert (ROOT / "examples" / names[0]).read_text() in shown


def test_the_reference_has_every_verb_and_noun_of_the_package():
    text = "".join(path.read_text() for path in (DOCS / "reference").glob("*.md"))
    shown = [one.rpartition(".")[2] for one in re.findall(r"^::: (\S+)", text, re.MULTILINE)]
    assert len(shown) == len(set(shown))
    assert [name for name in (*VERBS, *hangtag.NOUNS) if name not in shown] == []


def test_what_the_reference_names_is_defined_where_it_says():
    text = "".join(path.read_text() for path in (DOCS / "reference").glob("*.md"))
    for named_place in re.findall(r"^::: (\S+)", text, re.MULTILINE):
        file = ROOT / "src" / (named_place.replace(".", "/") + ".py")
        if file.is_file():
            continue  # a module
        module, _, name = named_place.rpartition(".")
        base = ROOT / "src" / module.replace(".", "/")
        file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        nodes = ast.walk(ast.parse(file.read_text()))
        assert name in {defined for node in nodes for defined in names_of(node)}, named_place


def names_of(node: ast.AST) -> list[str]:
    """What a node defines or brings in."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ImportFrom):
        return [one.asname or one.name for one in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def test_nothing_of_the_site_comes_from_elsewhere(settings):
    theme = settings["theme"]
    assert theme["font"] is False
    assert settings["strict"] is True
    # The plugin `offline` loads a script from elsewhere, `privacy` fetches while building.
    plugins = {one if isinstance(one, str) else next(iter(one)) for one in settings["plugins"]}
    assert plugins == {"search", "mkdocstrings"}
    listed = [*settings.get("extra_css", []), *settings.get("extra_javascript", [])]
    assert all((DOCS / one).is_file() for one in listed)
