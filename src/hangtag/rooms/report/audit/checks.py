"""What each check is called, what it looks for and what it measured, in words.

To add a check's words: one line in :data:`WORDS`, and in :data:`MEASURED` when its facts make a
sentence; without them the page shows its facts as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hangtag.rooms.report.words import decimal, number, percent, plural

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """How a check is spoken of.

    Attributes:
        title: Its name for people.
        looked_for: What it looks for, as a list entry.
        how: How to read its findings, as a sentence; empty where they speak for themselves.
        slow: Whether it only runs when it is asked for.
    """

    title: str
    looked_for: str
    how: str = ""
    slow: bool = False


WORDS: Mapping[str, Words] = {
    "duplicates": Words(
        "Copies",
        "copies and near-copies anywhere in the set, and whether their labels agree",
        "Groups whose labels disagree come first: at most one label of each is right. Copies in one"
        " part make it smaller than it looks.",
    ),
    "leaks": Words(
        "Leaks between parts",
        "copies and near-copies across parts, and how near the rest come",
        "The image of the later part stands on the left, the nearest one of the earlier part"
        " on the right.",
    ),
    "classes": Words(
        "Classes", "empty and rare classes, gaps in the labels, parts with other class proportions"
    ),
    "blanks": Words("Blank images", "images of one grey level, or nearly"),
    "outliers": Words(
        "Outliers",
        "images far from all others of their class",
        "Unlike the rest of their class, which is no fault by itself: look for images that do not"
        " belong at all.",
    ),
    "labels": Words(
        "Likely wrong labels",
        "labels that the copies of an image or a model of all other images do not believe",
        "In orange what most copies say, or a model that was trained on all images but this one"
        " and its near-copies. It makes mistakes too: this is a list to look through, the strongest"
        " evidence first: how far another class leads, times how rare the label is on images like"
        " this.",
    ),
    "overstatement": Words(
        "Random against grouped split",
        "how optimistic a random split is: a forest's accuracy on it, and on one that keeps "
        "near-copies together",
        slow=True,
    ),
}


def words_of(check: str) -> Words:
    """The words of a check, known here or not."""
    return WORDS.get(check, Words(check.replace("_", " ").capitalize(), check.replace("_", " ")))


def told(check: str, facts: Facts) -> str:
    """What a check measured, in one or two sentences; empty where there are no words for it."""
    if "note" in facts and len(facts) <= 3:
        return f"Not measured: {facts['note']}."
    made = MEASURED.get(check)
    try:
        return made(facts) if made else ""
    except KeyError:  # facts of another version than these words
        return ""


def _duplicates(facts: Facts) -> str:
    conflicts = int(facts["conflicts"])
    disagree = f" The labels disagree in {plural(conflicts, 'group')}." if conflicts else ""
    return (
        f"{plural(facts['exact_groups'], 'group')} of images equal in every pixel, "
        f"{plural(facts['near_groups'], 'group')} of near-copies. "
        f"{plural(facts['images_with_a_copy'], 'image')} of {number(facts['images'])} "
        f"({percent(facts['share_with_a_copy'])}) {_have(facts['images_with_a_copy'])} a copy or "
        f"near-copy; the largest group has {number(facts['largest_group'])}.{disagree}"
    )


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _leaks(facts: Facts) -> str:
    pairs = {name: one for name, one in facts.items() if isinstance(one, Mapping)}
    return " ".join(
        f"{name.partition(' to ')[2]} against {name.partition(' to ')[0]}: "
        f"{plural(one['exact'], 'image')} equal in every pixel, {number(one['near'])} near-copies"
        f" ({percent(one['share'], 2)} of {number(one['images'])})."
        for name, one in pairs.items()
    )


def _classes(facts: Facts) -> str:
    counts = facts["counts"]
    if not counts:
        return f"no classes; {plural(facts['unlabelled'], 'image')} without a label."
    fewest, most = min(counts.values()), max(counts.values())
    said = f"{plural(len(counts), 'class', 'classes')} of {number(fewest)} to {number(most)} images"
    if facts["ratio"]:
        said += f", {decimal(facts['ratio'], 2)} to 1"
    if facts["label_gaps"]:
        said += f"; {plural(len(facts['label_gaps']), 'label code')} missing in between"
    if facts["unlabelled"]:
        said += f"; {plural(facts['unlabelled'], 'image')} without a label"
    return f"{said}."


def _blanks(facts: Facts) -> str:
    return (
        f"{plural(facts['found'], 'image')} whose pixels deviate by less than "
        f"{number(facts['threshold'])} grey levels; the flattest one deviates by "
        f"{decimal(facts['lowest'], 1)}."
    )


def _outliers(facts: Facts) -> str:
    return (
        f"{plural(facts['found'], 'image')} of {number(facts['asked'])} beyond "
        f"{facts['fence']} ({facts['measure']})."
        f"{_sentence(facts.get('note', ''))}"
    )


def _sentence(note: str) -> str:
    return f" {note[:1].upper()}{note[1:]}." if note else ""


def _labels(facts: Facts) -> str:
    planted = facts["planted"]
    return (
        f"{plural(facts['doubted'], 'label')} doubted ({percent(facts['share_doubted'], 2)}), "
        f"{number(facts['clear'])} of them clearly, by a {facts['model']} that names "
        f"{percent(facts['model_accuracy'])} of the labels it has not seen; copies outvote "
        f"{number(facts['outvoted_by_copies'])}. With {plural(planted['flipped'], 'label')} "
        f"flipped on purpose it found {number(planted['found'])} of them, "
        f"{number(planted['found_clearly'])} among {plural(planted['clear'], 'clear doubt')}."
    )


def _overstatement(facts: Facts) -> str:
    scores, gap = facts["accuracy"], facts["overstatement"]
    return (
        f"{percent(scores['random']['value'])} on a random split, "
        f"{percent(scores['grouped']['value'])} on a grouped one: "
        f"{decimal(gap['value'] * 100, 1)} points too many "
        f"({decimal(gap['low'] * 100, 1)} to {decimal(gap['high'] * 100, 1)})."
    )


MEASURED: Mapping[str, Callable[[Facts], str]] = {
    "duplicates": _duplicates,
    "leaks": _leaks,
    "classes": _classes,
    "blanks": _blanks,
    "outliers": _outliers,
    "labels": _labels,
    "overstatement": _overstatement,
}
