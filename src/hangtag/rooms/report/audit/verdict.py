"""What was audited in, the one sentence a reader should take away out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.audit.checks import words_of
from hangtag.rooms.report.words import decimal, number, percent, plural

_SAID = 3  # clauses that fit into one sentence
_MANY = 0.05  # proportion of images with a copy that is worth a clause


def verdict(audited: Audited) -> str:
    """One sentence: the worst of what was found, or that nothing was."""
    images, found = audited.images, audited.findings
    among = f"the {plural(len(images), 'image')} of {images.name}"
    clauses = list(_clauses(audited))
    if clauses:
        return f"In {among}, {_listed(clauses[:_SAID])}."
    checks = plural(len(found.checks), "check")
    if len(found):
        severe = [one for one in found.findings if one.severity != "info"]
        if severe:
            title = words_of(severe[0].check).title.lower()
            return f"In {among}, {plural(len(severe), 'finding')} to look at, {title} first."
        return (
            f"{checks} found nothing serious in {among}; "
            f"{plural(len(found), 'finding')} for information."
        )
    return f"{checks} found nothing wrong with {among}."


def _clauses(audited: Audited) -> Iterator[str]:
    """What is worst, as clauses, the worst first."""
    checks = audited.findings.checks
    for name, one in checks.get("leaks", {}).items():
        if isinstance(one, Mapping) and one.get("share"):
            earlier, _, later = name.partition(" to ")
            yield (
                f"{number(one['exact'] + one['near'])} of {number(one['images'])} {later} images "
                f"({percent(one['share'], 2)}) are copies or near-copies of {earlier} images"
            )
    gap = checks.get("overstatement", {}).get("overstatement")
    if gap and gap["low"] > 0:
        points = decimal(gap["value"] * 100, 1)
        yield f"a random split overstates a forest's accuracy by {points} points"
    yield from _copies(checks.get("duplicates", {}))
    yield from (one.message for one in audited.findings.of("classes", "empty"))
    clear = checks.get("labels", {}).get("clear")
    if clear:
        yield f"{plural(clear, 'label')} {'is' if clear == 1 else 'are'} likely wrong"
    blanks = checks.get("blanks", {}).get("found")
    if blanks:
        yield f"{plural(blanks, 'image')} {'is' if blanks == 1 else 'are'} blank"
    yield from (one.message for one in audited.findings.of("classes", "imbalance"))


def _copies(facts: Mapping[str, object]) -> Iterator[str]:
    proportion, conflicts = facts.get("share_with_a_copy"), facts.get("conflicts")
    if isinstance(proportion, float) and proportion >= _MANY:
        yield f"{percent(proportion)} of all have a copy or near-copy in the set"
    if isinstance(conflicts, int) and conflicts:
        yield f"{plural(conflicts, 'group')} of copies bear labels that disagree"


def _listed(clauses: list[str]) -> str:
    if len(clauses) == 1:
        return clauses[0]
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
