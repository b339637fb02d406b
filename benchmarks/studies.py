"""Run the studies and write STUDIES.md: ``python -m benchmarks.studies [NAME …]`` (`make studies`).

It is no benchmark of the others' kind (there is no peer in it), so ``python -m benchmarks`` leaves
it out. A study that was run before is taken as it is, so this can be stopped and started again.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.__main__ import _machine, _memory_gb
from hangtag import atomic, settings, study
from hangtag.cli.console import bars
from hangtag.records import Compared, Outcome
from hangtag.rooms.report.words import duration
from hangtag.study.running import Study
from hangtag.versions import installed

PAGE = Path(__file__).parent.parent / "STUDIES.md"


def main(names: list[str]) -> None:
    made = {}
    for name in names or list(study.named()):
        recipe = study.open_recipe(name)
        sys.stderr.write(f"{name}: {recipe.title}\n")
        with bars(quiet=False) as progress:
            found = study.run(recipe, on_step=_told, progress=progress)
        made[name] = _section(found)
        kept = settings.runs_folder() / f"{name}.section.json"
        total = sum(_seconds(one) for one in found.outcomes.values())
        atomic.write_json(kept, {"text": made[name], "seconds": total})
    known = {}
    for name in study.named():
        kept = settings.runs_folder() / f"{name}.section.json"
        if kept.is_file():
            known[name] = json.loads(kept.read_bytes())
    atomic.write_text(PAGE, _page(known))
    print(PAGE)


def _seconds(one: Outcome) -> float:
    """What a step took; a grid of forests out of the cache counts what it took to grow."""
    grown = one.values.get("seconds", 0.0) if one.verb == "forest" else 0.0
    return max(one.seconds, float(grown))


def _told(name: str, outcome, now: bool) -> None:
    how = f"{outcome.seconds:8.1f} s" if now else "as it was"
    sys.stderr.write(f"  {how:>10}  {name}\n")


def _page(known: dict[str, dict]) -> str:
    total = sum(one["seconds"] for one in known.values())
    versions = ", ".join(f"{name} {version}" for name, version in installed().items())
    opening = f"""# The five studies

What five published reports found, beside what `hangtag study run` finds on the same data.
{_machine()}, {_memory_gb()} GB, no GPU, {datetime.now(UTC):%Y-%m-%d}; {len(known)} of 5 studies,
{duration(total)} together. Seconds are by the clock, whatever else the machine did meanwhile; a
grid of forests counts what it took to grow, also when it came out of the cache.

Versions: {versions}.

*Ours* is the mean over the seeds, *spread* the lowest and the highest. A figure is *exact* when it
is the same to the last digit that the report prints, *yes* when it is inside its band or on its
better side, and **not reached** otherwise. Bands are written in the recipes
(`src/hangtag/studies`); test images are opened once per run, after everything was chosen.

Command: `make studies`, or `hangtag study run NAME` for one, whose own report has the rest."""
    return "\n\n".join([opening, *(one["text"] for one in known.values())]) + "\n"


def _section(found: Study) -> str:
    recipe = found.recipe
    reached = sum(one.inside is True for one in found.compared)
    exact = [one for one in found.compared if one.exact]
    same = sum(bool(one.inside) for one in exact)
    total = sum(_seconds(one) for one in found.outcomes.values())
    lines = [
        f"## {recipe.title}: `hangtag study run {recipe.name}`",
        "",
        f"{reached} of {len(found.compared)} figures reached, {same} of "
        f"{len(exact)} exact ones to the digit. {duration(total)}.",
        "",
        "| figure | reported | ours | spread | seeds | inside? |",
        "|---|---|---|---|---|---|",
        *(_row(one) for one in found.compared),
        "",
    ]
    notes = [f"- {one.figure}: {one.note}" for one in found.compared if one.note]
    lines += [*notes, ""] if notes else []
    lines += ["Where the report is wrong:", "", *(f"- {text}" for text in recipe.differs), ""]
    lines += ["Cautions:", "", *(f"- {text}" for text in found.cautions), ""]
    alone = _one_by_one(found)
    if alone:
        lines += [f"Growing every forest for itself, as the report does: {duration(alone)}.", ""]
    lines += ["| step | seconds |", "|---|---|"]
    lines += [f"| {one.title} | {_seconds(one):,.1f} |" for one in found.outcomes.values()]
    return "\n".join(lines)


def _one_by_one(found: Study) -> float:
    """Sum of what the own trees of every cell of the grids took to grow."""
    grids = [one.tables[0] for one in found.outcomes.values() if one.verb == "forest"]
    return sum(float(row[-1]) for grid in grids for row in grid.rows)


def _row(one: Compared) -> str:
    spread = "" if one.spread is None else " – ".join(_number(end, one) for end in one.spread)
    inside = f"**{one.reached}**" if one.inside is False else one.reached
    ours = one.ours if one.mean is None else one.mean
    cells = [
        one.figure,
        _number(one.reported, one),
        _number(ours, one),
        spread,
        ", ".join(map(str, one.seeds)),
        inside,
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: object, one: Compared) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_number(part, one) for part in value)
    if isinstance(value, float):
        if one.digits == 0:
            return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
        return f"{value:.{max(one.digits, 4) if not one.exact else one.digits}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
