"""Trees of images with a folder for each class, with or without parts above them.

What each level of folders is, `levels.py` finds out. Everything below a class folder belongs to
it, at any depth; a part, or a source, with images and no class folder is loaded without labels;
if all classes are called by whole numbers, those are the label codes.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from pathlib import Path

from hangtag.errors import OptionError
from hangtag.records import LoadOptions, PassedOver
from hangtag.rooms.load import groups, labels, levels, tables, trees
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Member, Method
from hangtag.rooms.load.parts import part_name
from hangtag.rooms.load.raw import Raw

WITHOUT_LABELS = frozenset({"unlabelled", "unlabeled", "unsup", "nolabel", "no_label", "no label"})
"""Names of folders with images of no class, in lower case."""

UNLABELLED = "the images have no labels: put each into a folder called by its class, or give a"
UNLABELLED = f"{UNLABELLED} table of file names and labels"


def look(path: Path, options: LoadOptions) -> Claim | None:
    """Say why `path` is a tree of images, or None when it is not."""
    if path.is_file():
        is_image = trees.is_image(path.name) or trees.is_image_file(path)
        return Claim("it is an image", Evidence.SHAPE) if is_image else None
    if not trees.any_below(path):
        return None
    inside = [one for one in trees.subfolders(path) if trees.any_below(one)]
    beside = trees.has_images(path)
    alone = len(trees.subfolders(path)) == 1
    if inside and alone and not beside and _is_around(inside[0]):
        return None  # a folder around the source: what is inside is looked at next
    evidence = Evidence.NAMES if levels.level_of(options) else Evidence.SHAPE
    parts = [one for one in inside if part_name(one.name)]
    if parts and options.parts is not False:
        return Claim(f"the folder holds {_named(parts)} with images", evidence)
    if inside:
        return Claim(f"the folder holds {_named(inside)} with images", evidence)
    return Claim("the folder holds images", evidence)


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every image of a tree.

    Raises:
        FormatError: None can be read.
        AmbiguousError: Its folders can be parts or classes, or two levels can be the classes.
        OptionError: A column was asked for, or a level that there is not.
    """
    from hangtag.rooms.load import gathering

    if options.label is not None and levels.level_of(options) is None:
        raise OptionError(
            f"{path} is a tree of folders and has no column '{options.label}'",
            "choose a level of folders with --label folder:1, or leave out --label",
        )
    files = {path.name: str(path)} if path.is_file() else trees.images(path)
    places = levels.arrange(list(files), options, str(path))
    used = [one for one in places if not one.passed_over]
    named = {one.label for one in used if one.label and not _says_none(one.label)}
    without = sorted({one.label for one in used if one.label and _says_none(one.label)})
    notes = tuple(f"the images in {one}/ have no label, as its name says" for one in without)
    together = groups.of_folders([one.name for one in used], options.group)
    members = [
        Member(
            one.name,
            one.part,
            one.label if one.label in named else None,
            partial(str, files[one.name]),
            group,
        )
        for one, group in zip(used, together, strict=True)
    ]
    beside = _beside(path, {one.name.split("/")[0] for one in used}) if named else ()
    return gathering.gather(
        members,
        options,
        str(path),
        named=named,
        notes=(*notes, *beside) if named else (UNLABELLED,),
        passed_over=_passed_over(places),
    )


def _passed_over(places: list[levels.Place]) -> tuple[PassedOver, ...]:
    """Images that are not used: by name if one lies alone in its folder, else by folder."""
    folders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in places:
        if one.passed_over:
            folder = one.folders[0] if one.folders else one.name.rpartition("/")[0]
            folders[folder, one.passed_over].append(one.name)
    return tuple(
        PassedOver(names[0] if len(names) == 1 else f"{folder or '.'}/", reason, len(names))
        for (folder, reason), names in folders.items()
    )


def _says_none(label: str) -> bool:
    """Whether a folder's name says that what is in it has no class."""
    return labels.is_missing(label) or label.lower() in WITHOUT_LABELS


def _beside(path: Path, used: set[str]) -> tuple[str, ...]:
    """Folders without images, and tables, that are not read: said, because they may be missed."""
    folders = [
        f"{one.name}/"
        for one in trees.subfolders(path)
        if one.name not in used and not trees.any_below(one)
    ]
    files = [one.name for one in tables.inside(path)]
    others = [*folders, *files]
    return (f"passed over: {', '.join(others[:10])}",) if others else ()


def _is_around(folder: Path) -> bool:
    """Whether the only folder of a source is the source itself rather than a class or part."""
    if part_name(folder.name):
        return False
    if sum(trees.any_below(one) for one in trees.subfolders(folder)) > 1:
        return True  # with class folders inside, images beside them do not make it a class
    tables_inside = any(one.suffix in (".json", ".jsonl") for one in folder.iterdir())
    return tables_inside or not trees.has_images(folder) or bool(tables.inside(folder))


def _named(folders: list[Path]) -> str:
    shown = ", ".join(f"{one.name}/" for one in folders[:3])
    return shown if len(folders) <= 3 else f"{shown} and {len(folders) - 3} other folders"


METHOD = Method("folder", look, read)
