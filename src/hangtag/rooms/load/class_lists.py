"""Names of classes for labels that are numbers: ``labels.txt``, ``id2label.json``, ``--classes``.

A list names the codes by their place (from 0, or from 1 where the codes say so), a mapping by
itself, in either direction. A list that does not fit all codes is passed over, and said.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from hangtag.errors import AmbiguousError, FormatError, OptionError
from hangtag.records import ImageSet, LoadOptions
from hangtag.rooms.load import trees
from hangtag.rooms.load.parts import SILENT_WORDS, words_of
from hangtag.rooms.load.raw import Raw

NAMES = frozenset(
    {"class", "classes", "label", "labels", "category", "categories", "cat", "names", "name"}
    | {"index", "indices", "idx", "map", "mapping", "synset", "synsets", "id2label", "label2id"}
)
"""Words in the names of files with the names of classes: ``classes.txt``, ``cat_to_name.json``."""

SUFFIXES = (".txt", ".json", ".csv", ".names")
MOST_BYTES = 1 << 22
_NUMBERED = re.compile(r"(\d+|n\d{8})\s*[:,;=\t ]\s*(\S.*)", re.ASCII)


def named(images: ImageSet, places: Sequence[Path], options: LoadOptions) -> ImageSet:
    """Give classes their names: those a person said, else those of a file beside the images.

    Args:
        images: What was read.
        places: Folders, or files in them, that may hold a list; the first that has one counts.
        options: Its `class_names` count before any file; a single one may be the path of a file.

    Raises:
        OptionError: The names that were said do not fit the classes.
        AmbiguousError: Two files fit and differ, or a list fits in two ways.
    """
    if options.class_names is not None:
        return _said(images, options.class_names)
    codes = images.class_codes
    if not codes or images.class_names != tuple(map(str, codes)):
        return images
    found = next(filter(None, map(_about(codes), places)), {})
    fitting = {file: names for file, names in found.items() if names}
    others = [file.name for file in found if file not in fitting]
    note = f"passed over: {', '.join(others)}, which does not name every class"
    images = replace(images, notes=(*images.notes, *[note] * bool(others)))
    return _named_by(images, fitting) if fitting else images


def _about(codes: Sequence[int | str]) -> Callable[[Path], dict[Path, dict[Any, str] | None]]:
    """What gives the files of a place that speak of these classes, and the names in them."""

    def look(place: Path) -> dict[Path, dict[Any, str] | None]:
        there = {file: of_file(file) for file in files_beside(place)}
        return {
            file: fit(names, codes, file.name)
            for file, names in there.items()
            if names and _speaks_of(codes, names) and _is_about(file, names, codes)
        }

    return look


def _is_about(file: Path, names: Sequence[str] | Mapping[str, str], codes: Sequence[Any]) -> bool:
    """Whether a list has as many lines as there are codes, unless its name says what it is.

    ``classes.txt`` may name classes without images; ``about the labels.txt`` is prose.
    """
    words = set(words_of(file.stem)) - SILENT_WORDS
    return (
        words <= NAMES or isinstance(names, Mapping) or max(codes) in (len(names), len(names) - 1)
    )


def _named_by(images: ImageSet, fitting: Mapping[Path, Mapping[Any, str]]) -> ImageSet:
    """Take the names that all fitting files agree on."""
    first, *others = fitting
    for other in others:
        if fitting[other] != fitting[first]:
            raise AmbiguousError(
                f"{first.name} and {other.name} name the classes differently",
                f"say which: --classes {first} or --classes {other}",
            )
    note = f"names of the classes are those of {first.name}"
    return _with(images, fitting[first], note)


def _with(images: ImageSet, names: Mapping[Any, str], *notes: str) -> ImageSet:
    said = tuple(names[code] for code in images.class_codes)
    if len(set(said)) < len(said):
        twice = next(one for one in said if said.count(one) > 1)
        raise OptionError(
            f"two classes would both be called '{twice}'", "give each class a name of its own"
        )
    return replace(images, class_names=said, notes=(*images.notes, *notes))


def with_names(raw: Raw, names: Mapping[str, str]) -> Raw:
    """Give codes the names that a source itself says, by codes as they are written."""
    if raw.codes is None or not names:
        return raw
    return replace(raw, class_names=_by_code(names, codes_of(raw)))


def is_list(file: Path) -> bool:
    """Whether a file holds names of classes and nothing about single images."""
    return _may_be(file) and of_file(file) is not None


def n_lines(file: Path) -> int:
    """Lines of a text file called as class lists are, where they repeat as labels do; else 0."""
    if file.suffix.lower() != ".txt" or not _may_be(file) or file.stat().st_size > MOST_BYTES:
        return 0
    lines = [line for line in file.read_bytes().splitlines() if line.strip()]
    return len(lines) if len(set(lines)) < len(lines) else 0


def files_beside(place: Path) -> list[Path]:
    """The files with class names in a folder, or in the folder of a file."""
    folder = place if place.is_dir() else place.parent
    found = [name for name in os.listdir(folder) if name.lower().endswith(SUFFIXES)]  # noqa: PTH208
    return [file for name in sorted(found) if _may_be(file := folder / name) and file.is_file()]


def _may_be(file: Path) -> bool:
    words = set(words_of(file.stem)) | {file.stem.lower()}
    suffix = file.suffix.lower()
    return suffix in SUFFIXES and (suffix == ".names" or bool(NAMES & words))


def of_file(file: Path) -> list[str] | dict[str, str] | None:
    """The names in a file: a list, or code to name; None when it holds something else.

    Raises:
        FormatError: It cannot be opened.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise FormatError(f"{file} cannot be read ({error.strerror})", "check the path") from None
    if len(text) > MOST_BYTES:
        return None
    readers = {".json": _of_json, ".csv": _of_table}
    found = readers.get(file.suffix.lower(), _of_lines)(text)
    # Numbers alone count something or are labels of images; names have letters.
    said = [*found, *found.values()] if isinstance(found, dict) else found or []
    return None if all(one.isdigit() for one in said) else found


def codes_of(raw: Raw) -> tuple[int | str, ...]:
    """Every code there can be, as numbers or text, sorted."""
    if raw.all_codes is not None:
        return raw.all_codes
    if raw.codes is None:
        return ()
    there = raw.codes if raw.unlabelled is None else raw.codes[~raw.unlabelled]
    return tuple(np.unique(there).tolist())


def fit(
    names: Sequence[str] | Mapping[str, str], codes: Sequence[int | str], where: str
) -> dict[Any, str] | None:
    """A name for each code; None when some code has none.

    Raises:
        AmbiguousError: A list fits if counted from 0 and if counted from 1.
    """
    if isinstance(names, Mapping):
        found = _by_code(names, codes)
        if set(codes) <= set(found):
            return found
        found = _by_code({code: name for name, code in names.items()}, codes)
        return found if set(codes) <= set(found) else None
    numbers = [one for one in codes if isinstance(one, int)]
    if len(numbers) < len(codes):
        return {code: str(code) for code in codes} if set(codes) <= set(names) else None
    from_0 = min(numbers) >= 0 and max(numbers) < len(names)
    from_1 = min(numbers) >= 1 and max(numbers) <= len(names)
    if from_0 and from_1:
        raise AmbiguousError(
            f"the {len(names)} names in {where} could count from 0 or from 1, since the labels go"
            f" from {min(numbers)} to {max(numbers)}",
            f"say the names of the {len(codes)} classes in the order of their labels: --classes",
        )
    if not from_0 and not from_1:
        return None
    return {code: names[code - from_1] for code in numbers}


def _said(images: ImageSet, said: tuple[str, ...]) -> ImageSet:
    codes = images.class_codes
    names: Sequence[str] | Mapping[str, str] | None = said
    if len(said) == 1 and Path(said[0]).is_file():
        names = of_file(Path(said[0]))
        if not names:
            raise OptionError(f"{said[0]} names no classes", "write one name on each line")
    assert names is not None
    if not isinstance(names, Mapping) and len(names) == len(codes):
        found: dict[Any, str] | None = dict(zip(codes, names, strict=True))
    else:
        found = fit(names, codes, "--classes") if codes else None
    if found is None:
        raise OptionError(
            f"there are {len(names)} class names for {len(codes)} classes",
            f"the labels are {', '.join(map(str, codes[:30])) or 'none'}",
        )
    return _with(images, found)


def _speaks_of(codes: Sequence[int | str], names: Sequence[str] | Mapping[str, str]) -> bool:
    """Whether a file can be about these classes: numbers, or text that a mapping translates."""
    if all(isinstance(code, int) for code in codes):
        return True
    return isinstance(names, Mapping) and any(str(code) in names for code in codes)


def _by_code(names: Mapping[str, str], codes: Sequence[int | str]) -> dict[Any, str]:
    """Names by codes of the kind that these are: ``"7"`` and ``"7.0"`` name the code 7."""
    if not all(isinstance(code, int) for code in codes):
        return dict(names)
    # pandas writes 7.0 where a column also holds gaps.
    whole = {re.sub(r"\.0*$", "", code): name for code, name in names.items()}
    return {int(code): name for code, name in whole.items() if re.fullmatch(r"-?\d{1,18}", code)}


def _of_lines(text: str) -> list[str] | dict[str, str] | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    numbered = [match for line in lines if (match := _NUMBERED.fullmatch(line))]
    if lines and len(numbered) == len(lines):
        found = {match[1]: match[2].strip() for match in numbered}
        return found if len(found) == len(lines) else None
    # Labels of images, one a line, repeat; names of classes do not.
    return lines if len(set(lines)) == len(lines) else None


def _of_table(text: str) -> dict[str, str] | None:
    """Code and name in two columns, under a header, as ``ClassId,Name``."""
    header, *rows = [row for row in csv.reader(StringIO(text)) if row] or [[]]
    if not rows or {len(row) for row in (header, *rows)} != {2}:
        return None
    # "id,label" beside images is the label of each; a list says "class" or "label" of its codes.
    if not (NAMES & set(words_of(header[0])) or "name" in words_of(header[1])):
        return None
    found = {code.strip(): name.strip() for code, name in rows}
    whole = all(map(str.isdigit, found)) and len(set(found.values())) == len(rows)
    return None if not whole or any(map(trees.is_image, found.values())) else found


def _of_json(text: str) -> list[str] | dict[str, str] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and isinstance(found.get("labels"), dict):
        return None  # FiftyOne: classes, and the label of each image
    if isinstance(found, dict):
        # YOLO's and COCO's files have the list one level down, beside paths and licenses.
        inner = next((found[key] for key in ("classes", "names", "labels") if key in found), found)
        found = inner if isinstance(inner, list | dict) else found
    if isinstance(found, list) and all(isinstance(one, str | int) for one in found):
        return [str(one) for one in found] if len(set(found)) == len(found) else None
    if not isinstance(found, dict) or any(map(trees.is_image, found)):
        return None
    # Names to codes or codes to names: both are mappings of one to one, and which way it goes is
    # told by the codes of the set.
    values = list(found.values())
    if all(isinstance(one, str | int) for one in values) and len(set(values)) == len(values):
        return {str(code): str(name) for code, name in found.items()}
    return None
