r"""Which image file the cells of a column name, found among all files below a folder.

Tables write ``images/000.png``, ``000.png``, ``000``, ``images\000.png``, ``IMAGES/000.PNG`` or
``/home/ann/set/images/000.png`` for one file. A name is taken as it stands if there is such a file;
else it may lack folders in front, or the suffix, or have folders in front that the whole column
shares. What fits several files equally well is not guessed.
"""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from hangtag.rooms.load import trees
from hangtag.rooms.load.parts import part_name

ADDRESS = re.compile(r"(?i)(https?|ftp|s3|gs)://")
"""What the address of a file somewhere else begins with; nothing is fetched."""

LONGEST = 4096


@dataclass(frozen=True)
class Named:
    """The file of each cell of a column.

    Attributes:
        files: Path inside the folder, or None where a cell names no file.
        problems: Why not; empty where there is a file.
        completed: Names that do not stand in the table as they are, and their files.
    """

    files: list[str | None]
    problems: list[str]
    completed: Sequence[tuple[str, str]] = ()

    @property
    def n(self) -> int:
        """Cells that name a file."""
        return sum(one is not None for one in self.files)


class ImageIndex:
    """All image files below a folder, by every tail of their paths.

    Args:
        root: The folder; nothing outside it is ever named.
        files: Path inside the folder to path of each image; None to look for them.
    """

    def __init__(self, root: Path, files: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.files = trees.images(root) if files is None else files
        self._real: dict[str, str] = {}
        self._seen: dict[tuple[str, str], list[str]] = {}

    def resolve(
        self,
        cells: Sequence[str],
        base: str,
        parts: Sequence[str | None],
        *,
        by_number: bool = False,
    ) -> Named:
        """Find the file of each cell.

        Args:
            cells: As written.
            base: Folder of the table inside the root; empty for the root itself.
            parts: The part each row belongs to, as far as the table says it: it tells
                ``train/1.png`` from ``test/1.png`` where the table writes ``1.png``.
            by_number: Whether ``15`` may stand for ``000015.png``: spreadsheets drop zeros.
        """
        written = [_cleaned(cell) for cell in cells]
        candidates = [self._candidates(one, base) if one else [] for one in written]
        if by_number and not any(candidates):
            candidates = [self._numbers.get(_number(one), []) for one in written]
        shared = self._shared_prefix(
            one for one, there in zip(written, candidates, strict=True) if one and not there
        )
        files: list[str | None] = []
        problems = []
        for cell, one, there, part in zip(cells, written, candidates, parts, strict=True):
            beyond = one[len(shared) :] if shared and one.startswith(shared) else ""
            fitting = there or self._folded.get(_fold(beyond), [])
            file, problem = self._chosen(fitting, base, part)
            files.append(file)
            problems.append(problem if fitting else self._why_not(cell, one, base))
        return Named(files, problems, self._completed(written, files, base))

    def leads_out(self, file: str) -> bool:
        """Whether a link on the way to a file leads out of the folder."""
        path = self.files[file]
        folder, name = os.path.split(path)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        real = os.path.realpath(path) if os.path.islink(path) else f"{self._real[folder]}/{name}"  # noqa: PTH114
        return not real.startswith(f"{self._real_root}{os.sep}")

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root).rstrip(os.sep)

    def _candidates(self, written: str, base: str) -> list[str]:
        if (written, base) not in self._seen:
            self._seen[written, base] = self._look_for(written, base)
        return self._seen[written, base]

    def _look_for(self, written: str, base: str) -> list[str]:
        for place in dict.fromkeys((base, "")):
            inside = posixpath.normpath(posixpath.join(place, written)) if place else written
            if inside in self.files:
                return [inside]
            if found := self._folded.get(_fold(inside)):
                return found
        tail = _fold(re.sub(r"^(\.\./)+", "", written) if written.startswith(".") else written)
        if found := self._tails.get(tail):
            return found
        if "%" in tail and (found := self._tails.get(_fold(unquote(tail)))):
            return found
        # Spreadsheets and pandas write an id as 15970.0 once one row of its column is empty.
        stem = tail.removesuffix(".0") if tail[:-2].isdigit() else tail
        return [] if trees.is_image(written) else self._stems.get(stem, [])

    def _chosen(self, there: Sequence[str], base: str, part: str | None) -> tuple[str | None, str]:
        """The one that lies in the row's part, else the one nearest to the table."""
        if part and len(there) > 1:
            there = [one for one in there if part in _part_folders(one)] or there

        def far(one: str) -> tuple[bool, int]:
            return not one.startswith(f"{base}/" if base else ""), one.count("/")

        near = [one for one in there if far(one) == min(map(far, there))]
        if len(near) == 1:
            return near[0], ""
        return None, f"names several files, such as {' and '.join(near[:2])}"

    def _shared_prefix(self, written: Iterator[str]) -> str:
        """Folders before the names that the whole column shares and that are not here.

        Only the most frequent ones count: with several, names of two folders could fall together.
        """
        counts: Counter[str] = Counter()
        for one in written:
            steps = one.split("/")
            for at in range(1, len(steps)):
                if _fold("/".join(steps[at:])) in self._folded:
                    counts["/".join(steps[:at]) + "/"] += 1
                    break
        return max(counts, key=counts.__getitem__, default="")

    def _why_not(self, cell: str, written: str, base: str) -> str:
        if not cell:
            return "names no file"
        if ADDRESS.match(cell):
            return f"names an address, and nothing is fetched: {cell[:100]!r}"
        if not written:
            return "is no path"
        inside = posixpath.normpath(posixpath.join(base, written))
        if inside.startswith(("../", "/")) or inside == ".." or re.match(r"[A-Za-z]:/", inside):
            return f"leads out of the folder of the table: {cell[:100]!r}"
        # What is there and no image by its name is opened all the same, and the reason found then.
        try:
            (self.root / inside).stat()
        except (FileNotFoundError, NotADirectoryError):
            return f"names {cell[:100]!r}, which is not there"
        except OSError as error:
            return f"names {cell[:100]!r}, which {trees.why_closed(error)}"
        return ""

    def _completed(
        self, written: list[str], files: list[str | None], base: str
    ) -> list[tuple[str, str]]:
        """Names that do not stand in the table as they are, and their files."""
        pairs = ((one, file) for one, file in zip(written, files, strict=True) if file)
        return [
            (one, file)
            for one, file in pairs
            if file not in (posixpath.normpath(posixpath.join(base, one)), one)
        ]

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        return _grouped((_fold(one), one) for one in self.files)

    @cached_property
    def _tails(self) -> dict[str, list[str]]:
        return _grouped((tail, one) for one in self.files for tail in _tails(_fold(one)))

    @cached_property
    def _numbers(self) -> dict[str, list[str]]:
        stems = ((one.rpartition("/")[2].rpartition(".")[0], one) for one in self.files)
        return _grouped((number, one) for stem, one in stems if (number := _number(stem)))

    @cached_property
    def _stems(self) -> dict[str, list[str]]:
        return _grouped(
            (tail.rpartition(".")[0], file) for tail, files in self._tails.items() for file in files
        )


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def _number(stem: str) -> str:
    """Digits without the zeros before them; empty for anything else."""
    return stem.lstrip("0") or "0" if stem.isdigit() else ""


def _tails(path: str) -> Iterator[str]:
    yield path
    while "/" in path:
        path = path.partition("/")[2]
        yield path


def _fold(path: str) -> str:
    """A path in one case and one Unicode form: disks of macOS and Windows tell neither apart."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).lower()


def _cleaned(cell: str) -> str:
    """A path with forward slashes and no steps on the spot; empty for what is none."""
    if cell.isalnum():
        return cell if len(cell) <= LONGEST else ""
    if not cell or "\0" in cell or len(cell) > LONGEST or ADDRESS.match(cell):
        return ""
    return posixpath.normpath(cell.removeprefix("file://").replace("\\", "/"))


def _part_folders(file: str) -> list[str | None]:
    return [part_name(step) for step in file.split("/")[:-1]]
