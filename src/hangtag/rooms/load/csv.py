"""Tables with one image a line (``label,pixel1,pixel2,…``), plain, .gz, .xz or .zip.

The pixels are in columns of their own, or all in one (`pixelcolumn.py`).

A file or a folder of them becomes images and labels. Which columns are pixels is told by
`columns.py` from names, what the others mean by `content.py` from all rows, which value is white
by `values.py`, in which order colours stand by `orders.py`. A line that is no image is listed as
unreadable and left out. A folder's tables that hold no pixels are passed over and named.

The file streams through in blocks, once; only one that turns out not to hold bytes is read again.
Memory is the images plus a few megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import (
    columns,
    content,
    ends,
    pixelcolumn,
    rows,
    streams,
    tables,
    trees,
)
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Method
from hangtag.rooms.load.encodings import note as encoding_note
from hangtag.rooms.load.labels import is_missing
from hangtag.rooms.load.parts import part_in, part_rank
from hangtag.rooms.load.plausible import check_pixels
from hangtag.rooms.load.raw import Raw
from hangtag.rooms.load.tabled import Part, join


def look(path: Path, options: LoadOptions) -> Claim | None:
    """Say why `path` is a pixel table or a folder with some, or None when it is not."""
    if path.is_dir():
        found, _ = _files(path, options)
        claims = [(one, claim) for one in found if (claim := _claim(one, options))]
        if not claims:
            return None
        file, claim = claims[0]
        return Claim(f"the folder holds {file.name}, which has pixels in columns", claim.evidence)
    if not streams.packing(path) and not _is_text(path):
        return None
    return _claim(path, options)


def _claim(file: Path, options: LoadOptions) -> Claim | None:
    table = tables.sniff(file, options.header)
    layout = columns.arrange(table, options) if table else None
    if table and layout:
        evidence = Evidence.NAMES if layout.sure else Evidence.CONTENT
        return Claim(f"it is a table with {table.n_columns} columns of numbers", evidence)
    packed = pixelcolumn.find(table) if table else None
    if table is None or packed is None:
        return None
    return Claim(f"its {table.name(packed)} holds all pixels of an image in one field")


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every table of a source into one array.

    Raises:
        FormatError: A table is damaged, or its columns are not an image.
        AmbiguousError: It can be read in two ways.
    """
    found, over = ([path], []) if path.is_file() else _files(path, options)
    files = _by_part(found)
    total = sum(file.stat().st_size for file in files.values())
    unreadable: list[Unreadable] = []
    parts: dict[str, Part] = {}
    done = 0
    for part, file in files.items():
        parts[part] = _read_file(file, options, unreadable, (done, total, part))
        done += file.stat().st_size
    notes = dict.fromkeys(note for one in parts.values() for note in one.notes)
    notes |= {
        f"{file.name} was passed over: it has no columns of pixels": None
        for file in over
        # Said of tables alone.
        if ".txt" not in file.name.lower()  # a note about the set, most often
    }
    return join(parts, list(notes), unreadable, options, str(path))


def _read_file(
    file: Path, options: LoadRequest, unreadable: list[Unreadable], at: tuple[int, int, str]
) -> Part:
    done, total, part = at

    def tell(read_bytes: int) -> None:
        options.progress("load", done + read_bytes, total, part)

    table = tables.sniff(file, options.header)
    packed = None if table is None or columns.arrange(table, options) else pixelcolumn.find(table)
    # Kaggle's faces: one field holds all pixels, separated by blanks.
    if table is not None and packed is not None:
        return pixelcolumn.read(file, table, packed, options, unreadable, tell)
    layout = columns.plan(file, options)
    seen = rows.read(file, layout, tell)
    unreadable += seen.unreadable
    notes = [*encoding_note(file.name, layout.table.encoding), *layout.notes]
    if layout.table.lost_row:
        lost = "its first row was made the names of columns, so one image is lost"
        unreadable.append(Unreadable(f"{file.name} row 1", lost))
    return _understood(file, layout, seen, options, notes)


def _understood(
    file: Path, layout: columns.Layout, seen: rows.Rows, options: LoadRequest, notes: list[str]
) -> Part:
    """Say which columns are pixels and what the others mean, now that all rows are there."""
    pixels, shape, told = seen.pixels, layout.shape, None
    texts: Mapping[int, Any] = seen.texts
    if layout.doubtful and len(pixels):
        end = ends.tell(pixels, texts, layout.doubtful, options, file.name)
        inside = {*end.front, *end.back}
        pixels = rows.with_columns(pixels, texts, end.front, end.back)
        texts = {at: one for at, one in texts.items() if at not in inside}
        texts = {
            at: one for at, one in texts.items() if at not in layout.doubtful or at == end.label
        }
        shape, told = end.shape, end.label
        notes += end.notes
    hot = None
    # With names of columns a label has one; only without them can several columns be one label.
    if (told is None and layout.table.header is None) or shape is None:
        pixels, shape, hot = _one_hot(file, pixels, shape, texts, options)
    if hot is not None:
        notes.append(f"{seen.pixels.shape[1] - pixels.shape[1]} columns are one label, one-hot")
        meaning = content.Meaning(labels=hot)
    else:
        meaning = content.understand(layout.table, texts, options, file.name, told)
    if len(pixels):
        check_pixels(pixels, layout, file.name)
    shape = shape or (1, pixels.shape[1] if pixels.ndim == 2 else 0, 1)
    return Part(file.name, pixels, shape, layout.interleaved, meaning, (*notes, *meaning.notes))


def _one_hot(
    file: Path,
    pixels: NDArray[Any],
    shape: tuple[int, int, int] | None,
    texts: Mapping[int, Sequence[str | None]],
    options: LoadRequest,
) -> tuple[NDArray[Any], tuple[int, int, int] | None, list[str | None] | None]:
    """Pixels, shape and labels, if some of the columns without names are a label, one-hot.

    Raises:
        AmbiguousError: They are not, and no image without it.
    """
    said = options.label is not None or any(
        not is_missing(one) for at in texts for one in texts[at]
    )
    found = rows.without_one_hot(pixels, options, file.name) if len(pixels) and not said else None
    if found is None and shape is None and len(pixels):
        raise AmbiguousError(
            f"{file.name} has {pixels.shape[1]} columns of numbers without names, no square"
            " image with a label",
            "say the size, such as --size 14x28, or --label and the number of its column",
        )
    return found or (pixels, shape, None)


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4096)
    # UTF-16 is half zeros and text all the same.
    return b"\0" not in start or start[:2] in (b"\xff\xfe", b"\xfe\xff") or start.count(0) > 1000


def _files(folder: Path, options: LoadOptions) -> tuple[list[Path], list[Path]]:
    """The pixel tables in a folder, or one folder deeper, and the tables that hold none.

    A table without a line that is called like a part belongs to them, so that a damaged test part
    is an error and not a set without one.
    """
    for level in ([folder], trees.subfolders(folder)):
        here = {
            file: tables.sniff(file, options.header)
            for place in level
            for file in tables.inside(place)
        }
        pixels = {
            file: table is not None
            and (bool(columns.arrange(table, options)) or pixelcolumn.find(table) is not None)
            for file, table in here.items()
        }
        if any(pixels.values()):
            found = [
                file
                for file, table in here.items()
                if pixels[file] or (not (table and table.first) and part_in(tables.stem(file)))
            ]
            return found, [file for file in here if file not in found]
    return [], []


def _by_part(files: list[Path]) -> dict[str, Path]:
    """Part to file, train first.

    Raises:
        FormatError: Two files claim one part.
    """
    found: dict[str, Path] = {}
    for file in files:
        part = part_in(tables.stem(file))
        if len(files) == 1 and part != "train":
            part = "all"  # a table that lies alone is all there is, whatever it is called
        part = part or tables.stem(file)
        if part in found and tables.stem(found[part]) != tables.stem(file):
            raise FormatError(
                f"{found[part].name} and {file.name} both seem to be the {part} part",
                "give one of the files, or put each set into a folder of its own",
            )
        found.setdefault(part, file)
    return dict(sorted(found.items(), key=lambda item: part_rank(item[0])))


METHOD = Method("csv", look, read)
