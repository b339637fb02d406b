"""A benchmark's tables into a page of the docs: between two comments, the rest of it stays.

Shared by the benchmarks whose tables readers of the docs should have before them.
"""

from __future__ import annotations

import re
from pathlib import Path

from hangtag import atomic

PAGE = Path(__file__).parent.parent / "docs" / "concepts" / "truth.md"


def into_docs(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->`` of a page.

    Raises:
        ValueError: The page has no such place.
    """
    before = page.read_text()
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not place.search(before):
        raise ValueError(f"{page.name} has no place for {name}")
    atomic.write_text(page, place.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", before))
