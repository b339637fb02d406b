"""``hangtag audit``: a source in, what is wrong with it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.advice import after_looking
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import advising, answered, bars, next_step, note, say
from hangtag.records import Findings
from hangtag.requests import AuditRequest, CleanRequest, Source, command_line
from hangtag.rooms.report.results.audit import lines
from hangtag.workbench.audit import findings_beside


@asks
def audit(
    source: Source,
    asked: AuditRequest,
    clean: CleanRequest,
    out: Annotated[Path | None, out_file("a page with the images found (HTML)")] = None,
) -> None:
    """Look for what is wrong, and say it."""
    kept = clean.write_split
    with bars() as progress:
        images = hangtag.load(source, limit=asked.limit, progress=progress)
        findings = hangtag.audit(images, asked, progress=progress)
        if kept is not None:
            split = hangtag.clean_split(
                images,
                findings,
                recipe=clean.split,
                because=clean.because,
                seed=asked.seed,
                out=kept,
            )
        if out is not None:
            hangtag.audit_page(images, findings, out, progress=progress)
    if answered(lambda: {"source": source.place, **_facts(findings)}):
        return
    for line in lines(findings):
        say(line)
    if out is not None:
        say(f"page   {out}")
        say(f"all    {findings_beside(out)}")
    if kept is not None:
        sizes = (len(split.train), len(split.validation), len(split.test))
        say("split  {}: {} training, {} validation, {} test".format(kept, *sizes))
        note(f"the split is '{split.recipe}'")
        next_step(command_line("train", source, split=f"saved:{kept}", limit=asked.limit))
    elif advising():  # finding out what works divides the images, which takes its time
        next_step(*after_looking(images, source, asked.limit))


def _facts(findings: Findings) -> dict[str, object]:
    return {key: value for key, value in findings.to_dict().items() if key != "groups"}
