"""Class names that are written in two ways: one class where that is certain, else a caution.

File systems and keyboards write one name in several forms: ``é`` as one letter or as two
(Unicode NFC and NFD), ``Shirt`` in one part and ``shirt`` in the other, ``coat `` with a space.
Compared as bytes they are two classes, of which a model never learns the one.

* names that are equal after NFC and without spaces at their ends are one class;
* names that differ in case, in width, in ``_``, ``-`` and spaces, or in zeros before a number,
  are one class if no part has
  both; a part that has both means two classes, and then it is said that they look alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hangtag.records import UNKNOWN

if TYPE_CHECKING:
    from hangtag.rooms.load.raw import Raw


def plain(name: str) -> str:
    """A class name in NFC, without spaces at its ends and with single ones inside."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def alike(name: str) -> str:
    """What two spellings of one class have in common: case, width and separators aside."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    if folded.strip().isdecimal():  # 01 and 1
        return folded.strip().lstrip("0") or "0"
    return " ".join(re.split(r"[\s_-]+", folded)).strip() or name


def own_name(name: str) -> str:
    """The name of a class; one called "unknown" would look like the answer of an unsure model."""
    return f"{name} (a class)" if plain(name).casefold() == UNKNOWN else name


def merge(raw: Raw) -> Raw:
    """Give one class one name, and say what was done; see above for the rules."""
    if raw.codes is None or raw.codes.dtype.kind not in "UO" or raw.class_names:
        return raw
    names = np.array([plain(str(code)) for code in raw.codes.tolist()] or [""])
    names = names[: len(raw.codes)]
    written = set(map(str, raw.codes[_labelled(raw)].tolist())) | set(map(str, raw.all_codes or ()))
    respelled = {one: plain(one) for one in written}
    spelling, notes = _one_spelling(raw, names, sorted(set(respelled.values()) - {""}))
    final = {one: spelling.get(new, new) for one, new in respelled.items()}
    notes = [*_said(final), *notes]
    if all(one == new for one, new in final.items()):
        return replace(raw, notes=(*raw.notes, *notes)) if notes else raw
    codes = np.array([final.get(str(code), str(code)) for code in raw.codes.tolist()])
    every = None if raw.all_codes is None else tuple(sorted(set(final.values()) - {""}))
    unlabelled = raw.unlabelled
    if (codes == "").any():
        unlabelled = (codes == "") | (False if unlabelled is None else unlabelled)
    return replace(
        raw, codes=codes, all_codes=every, unlabelled=unlabelled, notes=(*raw.notes, *notes)
    )


def _labelled(raw: Raw) -> slice | np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return slice(None) if raw.unlabelled is None else ~raw.unlabelled


def _said(final: dict[str, str]) -> list[str]:
    """Which names became one."""
    sources: dict[str, list[str]] = defaultdict(list)
    for one, new in final.items():
        sources[new].append(one)
    together = {new: sorted(ones) for new, ones in sources.items() if len(ones) > 1}
    return [
        f"{', '.join(map(_shown, ones))} are one class, '{new}'"
        for new, ones in sorted(together.items())
    ]


def _shown(name: str) -> str:
    """A name with the letters that cannot be told apart spelled out."""
    decomposed = unicodedata.normalize("NFC", name) != name
    return f"'{name}'{' (letters and accents apart)' if decomposed else ''}"


def _one_spelling(
    raw: Raw, names: np.ndarray[tuple[int], np.dtype[np.str_]], distinct: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The spelling to take for each name that differs from others in case and the like only."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in distinct:
        groups[alike(name)].append(name)
    groups = {key: some for key, some in groups.items() if len(some) > 1}
    if not groups:
        return {}, []
    counts = {
        name: [int((names[part.start : part.stop] == name).sum()) for part in raw.parts.values()]
        for some in groups.values()
        for name in some
    }
    spelling: dict[str, str] = {}
    apart = []
    for some in groups.values():
        in_each_part = zip(*(counts[one] for one in some), strict=True)
        together = any(sum(n > 0 for n in part) > 1 for part in in_each_part)
        # In one part a and A, or b and B, are letters of an alphabet.
        if together:
            apart += [some] if max(map(len, some)) > 1 else []
            continue
        first = min(some, key=lambda one: [-n for n in counts[one]])
        spelling |= dict.fromkeys(some, first)
    return spelling, [
        f"caution: classes {', '.join(map(repr, some))} differ in case, spaces, signs or zeros"
        " only and are kept apart, because one part has both; rename them if they are one"
        for some in apart
    ]
