"""Whether a tag is the version that both packages, the citation and the changelog name.

python deploy/released.py v0.2.0 [--notes]       with --notes, what changed in it
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def named(root: Path) -> dict[str, str]:
    """The version by each file that names one."""
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    found = re.search(r"^version: (\S+)$", citation, re.MULTILINE)
    return {
        **{
            str(file.relative_to(root)): tomllib.loads(file.read_text("utf-8"))["project"][
                "version"
            ]
            for file in (root / "pyproject.toml", root / "kernels" / "pyproject.toml")
        },
        "CITATION.cff": found[1] if found else "",
    }


def notes(root: Path, version: str) -> str:
    """The changelog's section of a version, without its heading; empty when it has none."""
    sections = (root / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1:]
    own = [one for one in sections if one.split("\n")[0].split(" ")[0] == version]
    return own[0].partition("\n")[2].strip() if own else ""


def wrong(root: Path, tag: str) -> list[str]:
    """What speaks against releasing under that tag, a sentence each."""
    version = tag.removeprefix("v")
    said = [f"{file} says {one}" for file, one in named(root).items() if one != version]
    return said if notes(root, version) else [*said, f'CHANGELOG.md has no "## {version}"']


def main() -> None:
    """Print the notes, or say what does not fit and end with exit code 1."""
    tag = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        sys.exit(f"a release's tag is v and three numbers, not {tag!r}")
    problems = wrong(ROOT, tag)
    if problems:
        sys.exit(f"{tag} cannot be released: {'; '.join(problems)}")
    print(notes(ROOT, tag.removeprefix("v")) if "--notes" in sys.argv else f"{tag} fits")


if __name__ == "__main__":
    main()
