"""``hangtag audit``: a source in, what is wrong with it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.advice import after_looking
from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.options import Json, Limit, OutFile, Quiet, Seed
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Findings, Source, Split

SHOWN = 20  # findings printed; the rest are in --json and --out
CHECKS_HELP = (
    "Checks, with commas between: duplicates leaks classes blanks outliers labels, and the slow "
    "overstatement (default: all but that)."
)


@reads_source
def audit(
    source: Source,
    checks: Annotated[str | None, typer.Option(help=CHECKS_HELP)] = None,
    write_split: Annotated[
        Path | None, typer.Option(help="Save a split without what was found wrong (.npz).")
    ] = None,
    split: Annotated[str, typer.Option(help="How --write-split divides.")] = "auto",
    because: Annotated[
        str, typer.Option(help="Why --write-split leaves pictures out, with commas between.")
    ] = "leaks,copies,blanks",
    seed: Seed = None,
    limit: Limit = None,
    out: OutFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look for copies, leaks, wrong labels and outliers; --out FILE.html shows their pictures."""
    import hangtag
    from hangtag.workbench.audit import findings_beside

    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, limit=limit, progress=progress)
        wanted = None if checks is None else _words(checks)
        findings = hangtag.audit(images, checks=wanted, seed=seed, progress=progress)
        division = None
        if write_split is not None:
            division = hangtag.clean_split(
                images, findings, recipe=split, because=_words(because), seed=seed, out=write_split
            )
        if out is not None:
            hangtag.audit_page(images, findings, out, progress=progress)
    if as_json:
        say_json({"source": source.place, **_facts(findings)})
        return
    _tell(findings)
    if out is not None:
        say(f"page   {out}")
        say(f"all    {findings_beside(out)}")
    if division is not None:
        _tell_split(division, write_split, quiet=quiet)
    if write_split is not None:
        saved = ("--split", f"saved:{write_split}")
        next_step(command("train", source, saved, ("--limit", limit)), quiet=quiet)
    elif not quiet:  # finding out what works divides the images, which takes its time
        next_step(*after_looking(images, source, limit))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _facts(findings: Findings) -> dict[str, object]:
    return {key: value for key, value in findings.to_dict().items() if key != "groups"}


def _tell(findings: Findings) -> None:
    for name, facts in findings.checks.items():
        plain = {key: value for key, value in facts.items() if isinstance(value, int | float)}
        measured = ", ".join(f"{key.replace('_', ' ')} {value:.6g}" for key, value in plain.items())
        say(f"{name:<14} {measured}")
        for key, value in facts.items():
            if isinstance(value, dict) and "exact" in value:
                say(f"{'':<14} {key}: {value['exact']} copies, {value['near']} near-copies")
        if "note" in facts:
            say(f"{'':<14} {facts['note']}")
    say()
    for finding in findings.findings[:SHOWN]:
        say(f"{finding.severity:<8} {finding.check:<11} {finding.message}")
    if len(findings) > SHOWN:
        say(f"… and {len(findings) - SHOWN} more: --json or --out has them all")
    for caution in findings.cautions:
        say(f"caution: {caution}")


def _tell_split(division: Split, where: Path | None, *, quiet: bool) -> None:
    sizes = (len(division.train), len(division.validation), len(division.test))
    say("split  {}: {} training, {} validation, {} test".format(where, *sizes))
    note(f"the split is '{division.recipe}'", quiet=quiet)
