"""``hangtag study``: a recipe in, a report beside a document's figures out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml

from hangtag import atomic
from hangtag import study as room
from hangtag.cli.asking import Purpose, asks, handed_in, out_file, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.records import Compared, Outcome
from hangtag.requests import InfoRequest, command_line
from hangtag.study import Study

Place = Annotated[
    str, typer.Argument(help="A name that `hangtag study list` lists, or a YAML file.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="PATH=VALUE, such as seeds=[0]; may be given again and again."),
]

study = typer.Typer(no_args_is_help=True)


@study.command("run")
@asks
def run(
    place: Place,
    asked: InfoRequest,
    changes: Changes = None,
    out: Annotated[Path | None, out_folder("all steps and the report")] = None,
    purpose: Purpose = None,
) -> None:
    """Run a study; what is done already is not done again."""

    def told(name: str, outcome: Outcome, done: bool) -> None:
        how = f"{outcome.seconds:8.1f} s" if done else "    as it was"
        note(f"{how}  {name}: {outcome.title}")

    recipe = room.open_recipe(place, changes=changes or (), quick=asked.limit is not None)
    with bars() as progress:
        found = room.run(
            recipe,
            out=out,
            limit=asked.limit,
            purpose=purpose,
            on_step=told,
            progress=progress,
        )
    more = handed_in(found.report, purpose)
    if not answered(lambda: found.to_dict() | more):
        _tell(found)
        for what, where in more.items():
            say(f"{what}  {where}")
        next_step(f"open {found.report}")


@study.command("list")
@asks
def list_() -> None:
    """List the studies that come with Hangtag."""
    known = room.named()
    if not answered(lambda: known):
        say_table((), list(known.items()), left=(0, 1))
        next_step(command_line("study", "run", next(iter(known))))


@study.command("show")
@asks
def show(place: Place, changes: Changes = None) -> None:
    """Print a recipe as YAML, to copy and change: hangtag study show NAME > mine.yaml."""
    text = room.as_yaml(room.open_recipe(place, changes=changes or ())).rstrip()
    if not answered(lambda: yaml.safe_load(text)):
        say(text)


@study.command("schema")
@asks
def schema(out: Annotated[Path | None, out_file("the schema (JSON)")] = None) -> None:
    """Print the JSON schema of recipes, for editors that check and complete YAML."""
    if out is not None:
        atomic.write_text(out, json.dumps(room.schema(), indent=2) + "\n")
    if not answered(room.schema):
        say(json.dumps(room.schema(), indent=2) if out is None else str(out))


def _tell(found: Study) -> None:
    if found.compared:
        rows = [
            (one.figure[:44], _short(one.reported, one.digits), _ours(one), _inside(one))
            for one in found.compared
        ]
        say_table(("figure", "reported", "ours", "inside?"), rows, left=(0, 3))
    for sentence in found.cautions:
        say(f"caution: {sentence}")
    say(f"report  {found.report}")
    say(f"figures {found.folder / 'comparison.json'}")


def _ours(one: Compared) -> str:
    return _short(one.ours if one.mean is None else one.mean, one.digits)


def _short(value: object, digits: int) -> str:
    if isinstance(value, float):
        whole = digits == 0 and value == round(value)
        return f"{value:,.0f}" if whole else f"{value:.{max(digits, 4)}f}"
    if isinstance(value, int):
        return f"{value:,}"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 12 else text[:11] + "…"


def _inside(one: Compared) -> str:
    return one.reached.upper() if one.inside is False else one.reached
