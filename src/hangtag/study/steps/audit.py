"""The step ``audit``: copies, leaks into the test part, and what else spoils a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Findings, Outcome, Split, StudyFigure, StudyTable
from hangtag.requests import AuditRequest, command_line
from hangtag.rooms.audit import seen_before
from hangtag.rooms.report.figures import beside
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, percent
from hangtag.workbench.audit import audit


@asking(AuditRequest, without=("limit",), checks=("duplicates", "leaks"))
class AuditStep(Step):
    """Look for what is wrong with the pictures before any score is believed."""

    verb: Literal["audit"]
    shown: int = Field(8, ge=1, description="Pairs of near-copies shown.")

    def carry_out(self, at: Setting) -> Outcome:
        """Look."""
        images, division = at.images, at.split(self.split, self.chosen_seed(at))
        asked = asked_by(self, AuditRequest, seed=self.chosen_seed(at), limit=at.limit)
        found = audit(images, asked, progress=at.progress)
        atomic.write_json(at.folder / "findings.json", found.to_dict())
        test = seen_before(images, division, progress=at.progress)
        chosen = seen_before(images, _validation_as_test(division), progress=at.progress)
        figure = beside.copies(images, found, self.shown)
        if figure is not None:
            atomic.write_bytes(at.folder / "pairs.png", figure)
        caption = "Pictures of the test part and their nearest pictures elsewhere in the set."
        shown = StudyFigure("pairs.png", "Near-copies", caption)
        return Outcome(
            name=at.name,
            verb="audit",
            title=self.title or "Can scores on these pictures be believed?",
            values={
                "leaked_test": test["leaked"],
                "test": test["test"],
                "leaked_validation": chosen["leaked"],
                "validation": chosen["test"],
                "findings": len(found),
            },
            words=_words(test, chosen),
            figures=() if figure is None else (shown,),
            tables=(_table(found),),
            cautions=tuple(found.cautions),
            commands=(command_line("audit", at.source, asked),),
        )


def _validation_as_test(division: Split) -> Split:
    """The same training images, the validation images in the test's place."""
    nobody = division.validation[:0]
    return replace(division, validation=nobody, test=division.validation)


def _words(test: Mapping[str, Any], chosen: Mapping[str, Any]) -> tuple[str, ...]:
    said = []
    for what, one in (("test", test), ("validation", chosen)):
        if not one["test"]:
            continue
        share = one["leaked"] / one["test"]
        seen = "training saw" if what == "validation" else "training or validation saw"
        said.append(
            f"Of {count(one['test'], f'{what} picture')}, {one['leaked']:,} ({percent(share)}) "
            f"are copies or near-copies of pictures that {seen}, or of near-copies of these."
        )
    why = test.get("why") or chosen.get("why")
    if why:
        said.append(f"What counts as a near-copy: {why}.")
    return tuple(said)


def _table(found: Findings) -> StudyTable:
    kinds: dict[tuple[str, str, str], int] = {}
    for one in found.findings:
        key = (one.check, one.kind or "", one.severity)
        kinds[key] = kinds.get(key, 0) + 1
    rows = tuple((*key, number) for key, number in kinds.items())
    silent = tuple((name, "", "nothing found", 0) for name in found.checks if not found.of(name))
    return StudyTable(
        "findings", "What was found", ("check", "kind", "severity", "findings"), rows + silent
    )
