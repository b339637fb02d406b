"""The site's pages that lie outside docs/, and links to them; MkDocs calls what is named ``on_…``.

A page in docs/ links to files of this tree as they lie in it, so that the links work where the
tree is read. On the site a link to a page of PROJECT leads to its copy, and a link to any other
file (a script, a folder) becomes its words.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "STUDIES.md": "project/studies.md",
    "benchmarks/RESULTS.md": "project/results.md",
    "examples/README.md": "examples.md",
    "kernels/README.md": "project/kernels.md",
}
"""Pages of this tree and what they are on the site."""

LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)")
ROLE = re.compile(r":(?:func|class|data|meth|mod|attr):(<code>)")
_OF_SITE = {site: page for page, site in PROJECT.items()}


def relinked(text: str, site: str) -> str:
    """A page's Markdown with links that hold on the site; `site` is its place there."""
    folder = posixpath.dirname(_OF_SITE.get(site, f"docs/{site}"))

    def changed(found: re.Match[str]) -> str:
        target, mark, anchor = found["target"].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        place = posixpath.normpath(posixpath.join(folder, target))
        if place in PROJECT:
            there = PROJECT[place]
        elif place.startswith("docs/") and (ROOT / place).is_file():
            there = place.removeprefix("docs/")
        elif place == "docs/guide":
            there = "guide/README.md"
        elif place == "README.md":
            there = "index.md"
        else:
            return found["words"]
        near = posixpath.relpath(there, posixpath.dirname(site) or ".")
        return f"{found['picture']}[{found['words']}]({near}{mark}{anchor})"

    parts = re.split(r"(^```.*?^```)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else LINK.sub(changed, part) for part in parts)


def on_files(files: Any, config: Any) -> Any:  # noqa: ANN401 - MkDocs is not among the types that are checked
    """Add the pages of PROJECT."""
    from mkdocs.structure.files import File

    for page, site in PROJECT.items():
        files.append(File.generated(config, site, abs_src_path=str(ROOT / page)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:  # noqa: ANN401 - see above
    """Make links hold on the site; the page of the examples shows their code, too."""
    text = relinked(markdown, page.file.src_uri)
    return text + scripts() if page.file.src_uri == PROJECT["examples/README.md"] else text


def scripts() -> str:
    """Every example's code, each under its name."""
    found = sorted((ROOT / "examples").glob("*.py"))
    return "".join(f"\n## {one.name}\n\n```python\n{one.read_text()}```\n" for one in found)


def on_page_content(html: str, **_: Any) -> str:  # noqa: ANN401 - see above
    """What docstrings refer to in the roles of another tool is shown as code."""
    return ROLE.sub(r"\1", html)
