"""What each level of a tree of folders is: parts, classes, neither, or a question.

The stated rules, for the folders that hold images at any depth:

* a level with one folder that is called ``images``, ``data`` and the like says nothing and is
  passed through; so is one folder around the whole tree.
* folders called train, val, test, … on the first level (or on the second, below classes) are
  parts if all of them are, or if two of them hold the same classes. Beside other folders
  ``train`` may as well be a class: a question.
* below the parts, the folders are the classes. Where every image lies two levels deep (men/shirt,
  women/shirt), either level may be the classes: a question, settled by ``--label folder:1``.
* images beside class folders have no class and are passed over; a single folder beside more
  images than it holds is no class.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hangtag.errors import AmbiguousError, OptionError
from hangtag.records import LoadOptions
from hangtag.rooms.load import classes
from hangtag.rooms.load.parts import SILENT_WORDS, part_in, part_name, words_of

LEVEL = re.compile(r"folder:([1-9]\d?)")
"""What ``--label`` says to choose a level of folders, counted below the parts."""

NO_LEVEL = 1000
"""A level that no image lies at: they have no classes."""

BESIDE = "lies beside the class folders"
ELSEWHERE = "lies beside the folders of the parts"


@dataclass(frozen=True)
class Place:
    """Where an image of a tree stands.

    Attributes:
        name: Its path inside the tree.
        folders: The folders on the way that have not been explained, outermost first.
        part: Its part.
        label: Its class, or None.
        passed_over: Why it is not used; empty when it is.
    """

    name: str
    folders: tuple[str, ...]
    part: str = "all"
    label: str | None = None
    passed_over: str = ""


def arrange(names: Sequence[str], options: LoadOptions, where: str) -> list[Place]:
    """Say part and class of every image of a tree.

    Args:
        names: Paths of the images inside the tree, with forward slashes.
        options: What was said about parts and about the level of the classes.
        where: The tree, for the sentences.

    Raises:
        AmbiguousError: There are two ways to read it.
        OptionError: There is no such level, or there are no parts though they were asked for.
    """
    places = [Place(name, tuple(name.split("/")[:-1])) for name in names]
    places = _without_silent(places)
    if options.parts is not False:
        places = _with_parts(places, options, where)
    divided: dict[str, list[Place]] = defaultdict(list)
    for one in places:
        divided[one.part].append(one)
    inner = [one for part in divided.values() for one in _without_silent(part)]
    return _with_classes(inner, options, where)


def level_of(options: LoadOptions) -> int | None:
    """The level of folders that ``--label folder:N`` chooses; None without."""
    found = LEVEL.fullmatch(options.label or "")
    return int(found[1]) if found else None


def _is_silent(folder: str) -> bool:
    words = words_of(folder)
    silent = [word in SILENT_WORDS or word.isdigit() for word in words]
    return bool(words) and all(silent) and not all(map(str.isdigit, words))


def _without_silent(places: list[Place]) -> list[Place]:
    """Pass through folders called ``images`` or like the part that all images lie in."""
    while used := [one for one in places if not one.passed_over]:
        first = {one.folders[0] if one.folders else "" for one in used}
        name = next(iter(first))
        undivided = used[0].part == "all"
        # seg_train/seg_train/…; and one folder around the tree, as archives have it.
        # Archives of some sets hold the folder of a part in a folder of the same name.
        repeated = not undivided and part_name(name) == used[0].part
        around = undivided and not part_name(name) and all(len(one.folders) > 1 for one in used)
        if len(first) != 1 or not name or not (_is_silent(name) or repeated or around):
            break
        places = [_inside(one) for one in places]
    return places


def _inside(one: Place) -> Place:
    return one if one.passed_over else replace(one, folders=one.folders[1:])


def _with_parts(places: list[Place], options: LoadOptions, where: str) -> list[Place]:
    first = _by_first(places)
    if (named := {name for name in first if part_name(name)}) and (
        options.parts or _are_parts(first, named, where)
    ):
        return [_in_part(one, named) for one in places]
    if not named and _have_parts_in_names(first, where):
        return [_in_part(one, set(first)) for one in places]
    below = {one.folders[1] if len(one.folders) > 1 else "" for one in places if one.folders}
    if not named and len(first) > 0 and below and all(map(part_name, below)):
        return [_in_inner_part(one) for one in places]
    if options.parts:
        raise OptionError(
            f"{where} has no folders called train, validation or test",
            f"leave out --parts; its folders are {_named(first)}",
        )
    return places


def _by_first(places: Sequence[Place]) -> dict[str, list[Place]]:
    """Images by the folder of the first level that they lie in."""
    first: dict[str, list[Place]] = defaultdict(list)
    for one in places:
        if one.folders:
            first[one.folders[0]].append(one)
    return dict(sorted(first.items()))


def _are_parts(first: Mapping[str, list[Place]], named: set[str], where: str) -> bool:
    """Whether folders with a part's name are parts: yes, or a question."""
    # What speaks for parts is that the same classes lie inside them; that they are called train and
    # test alone also fits classes of a set of images of trains.
    inside = {name: _classes_in(first[name]) for name in sorted(named)}
    filled = [found for found in inside.values() if found]
    shared = bool(filled) and all(found & filled[0] for found in filled)
    others = {name: _classes_in(first[name]) for name in first if name not in named}
    # A folder of another name with the same classes inside may be a part with a name nobody knows.
    alike = any(found & filled[0] for found in others.values()) if filled else False
    different_parts = len({part_name(name) for name in named}) > 1
    if not others and (shared or (not filled and different_parts) or len(named) == 1):
        return True
    if different_parts and shared and not alike:
        return True
    n_parts = {name: len(first[name]) for name in sorted(named)}
    in_parts = ", ".join(f"'{name}' of {n} images" for name, n in n_parts.items())
    left = sum(map(len, first.values())) - sum(n_parts.values())
    also = f", which passes over the other {left}" if left else ""
    raise AmbiguousError(
        f"{where} holds {len(first)} classes {_named(first)} of"
        f" {sum(map(len, first.values()))} images, or {_plural(n_parts, 'part')} {in_parts}{also}",
        "say which it is: --no-parts if all folders are classes, --parts if these are parts",
    )


def _plural(some: Mapping[str, int], noun: str) -> str:
    return noun if len(some) == 1 else f"{noun}s"


def _classes_in(places: Sequence[Place]) -> set[str]:
    """Folders one level further in, by names that can be compared."""
    inner = _without_silent([_inside(one) for one in places])
    inner = _without_repeated(inner)
    return {classes.alike(one.folders[0]) for one in inner if one.folders}


def _without_repeated(places: list[Place]) -> list[Place]:
    """Pass through a folder in a part's folder that is called like a part again."""
    first = {one.folders[0] if one.folders else "" for one in places}
    if len(first) == 1 and part_name(next(iter(first))):
        return [_inside(one) for one in places]
    return places


def _in_part(one: Place, named: set[str]) -> Place:
    if not one.folders or one.folders[0] not in named:
        return replace(one, passed_over=ELSEWHERE)
    part = part_name(one.folders[0]) or part_in(one.folders[0]) or ""
    return replace(one, part=part, folders=one.folders[1:])


def _have_parts_in_names(first: Mapping[str, list[Place]], where: str) -> bool:
    """Whether each folder is a part, such as ``public_train``, or a question (``train_cat``)."""
    parts = [part_in(name) for name in first]
    if None in parts or len(set(parts)) < 2:
        return False
    inside = [_classes_in(some) for some in first.values()]
    shared = all(found & inside[0] for found in inside)
    if shared and len(set(parts)) == len(parts):
        return True
    raise AmbiguousError(
        f"{where} holds {_named(first)}: {len(first)} classes, or parts of a set",
        "if they are classes: --no-parts; else make folders train, validation and test with a"
        " folder for each class in them",
    )


def _in_inner_part(one: Place) -> Place:
    if not one.folders:
        return replace(one, passed_over=BESIDE)
    rest = (one.folders[0], *one.folders[2:])
    return replace(one, part=part_name(one.folders[1]) or "", folders=rest)


def _with_classes(places: list[Place], options: LoadOptions, where: str) -> list[Place]:
    used = [one for one in places if not one.passed_over]
    level = level_of(options)
    deepest = max((len(one.folders) for one in used), default=0)
    if level is not None and level > deepest:
        raise OptionError(
            f"{where} has {deepest} levels of folders with images; level {level} was asked for",
            f"give --label folder:1 to folder:{deepest}" if deepest else "leave out --label",
        )
    if level is None:
        level = _level_of_classes(used, where)
    by_part: dict[str, bool] = defaultdict(bool)
    for one in used:
        by_part[one.part] |= len(one.folders) >= level
    return [_labelled(one, level, by_part[one.part]) for one in places]


def _labelled(one: Place, level: int, part_has_classes: bool) -> Place:
    if one.passed_over or not part_has_classes:
        return one
    if len(one.folders) < level:
        return replace(one, passed_over=BESIDE)
    return replace(one, label=one.folders[level - 1])


def _level_of_classes(used: Sequence[Place], where: str) -> int:
    """1, a level that has no other, or a question where two levels could be the classes."""
    inside = [one for one in used if one.folders]
    first = Counter(one.folders[0] for one in inside)
    beside = Counter(one.part for one in used if not one.folders)
    with_classes = {one.part for one in inside}
    strays = sum(n for part, n in beside.items() if part in with_classes)
    if strays > len(inside):
        if len(first) == 1:
            return NO_LEVEL  # one folder beside more images than it holds divides nothing
        raise AmbiguousError(
            f"{where} holds {strays} images in no folder and {len(inside)} in {len(first)} class"
            f" folders {_named(first)}",
            "to read only those in the folders: --label folder:1; else move them apart",
        )
    second = Counter(one.folders[1] for one in inside if len(one.folders) > 1)
    deep = sum(second.values()) == len(inside) and len(second) > 1
    if not deep or all(map(_is_silent, second)) or len(first) < 2:
        return 1
    raise AmbiguousError(
        f"{where} can be read as {len(first)} classes {_named(first)} or as {len(second)} classes"
        f" {_named(second)}, the folders inside them",
        "say which: --label folder:1 or --label folder:2",
    )


def _named(names: Mapping[str, object]) -> str:
    shown = sorted(names)[:4]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{', '.join(shown)}{more}"
