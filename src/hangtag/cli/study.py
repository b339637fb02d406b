"""``hangtag study``: a recipe in, a report beside a document's figures out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.options import Json, Limit, OutFile, OutFolder, Quiet

if TYPE_CHECKING:
    from hangtag.records import Compared, Outcome
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
def run(
    place: Place,
    changes: Changes = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a study; what is done already is not done again."""
    from hangtag import study

    recipe = study.open_recipe(place, changes=changes or (), quick=limit is not None)
    with bars(quiet=quiet or as_json) as progress:

        def told(name: str, outcome: Outcome, done: bool) -> None:
            how = f"{outcome.seconds:8.1f} s" if done else "    as it was"
            note(f"{how}  {name}: {outcome.title}", quiet=quiet or as_json)

        found = study.run(recipe, out=out, limit=limit, on_step=told, progress=progress)
    if as_json:
        say_json(found.to_dict())
        return
    _tell(found)
    next_step(f"open {found.report}", quiet=quiet)


@study.command("list")
def list_(as_json: Json = False) -> None:
    """List the studies that come with Hangtag."""
    from hangtag import study

    known = study.named()
    if as_json:
        say_json(known)
        return
    longest = max(map(len, known))
    for name, title in known.items():
        say(f"{name:<{longest}}  {title}")
    next_step(f"hangtag study run {next(iter(known))}", quiet=False)


@study.command("show")
def show(place: Place, changes: Changes = None) -> None:
    """Print a recipe as YAML, to copy and change: hangtag study show NAME > mine.yaml."""
    from hangtag import study

    say(study.as_yaml(study.open_recipe(place, changes=changes or ())).rstrip())


@study.command("schema")
def schema(
    out: OutFile = None,
) -> None:
    """Print the JSON schema of recipes, for editors that check and complete YAML."""
    from hangtag import atomic, study

    if out is None:
        say_json(study.schema())
        return
    atomic.write_text(out, json.dumps(study.schema(), indent=2) + "\n")
    say(str(out))


def _tell(found: Study) -> None:
    if found.compared:
        say(f"{'figure':<44} {'reported':>12} {'ours':>12}  inside?")
        for one in found.compared:
            say(
                f"{one.figure[:44]:<44} {_short(one.reported, one.digits):>12} {_ours(one):>12}"
                f"  {_inside(one)}"
            )
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
    if one.inside is None:
        return "not comparable"
    if one.exact:
        return "exact" if one.inside else "NOT REACHED"
    return "yes" if one.inside else "NOT REACHED"
