"""``hangtag catalog``: a shop's items in one file, tagged by models and decided on by people."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag import atomic
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.errors import FailedError
from hangtag.requests import ImportRequest, LearnRequest, Source, TagCatalogRequest, command_line
from hangtag.rooms import catalog as room
from hangtag.shop import duplicates as pairs
from hangtag.shop.alike import alike

Place = Annotated[Path, typer.Argument(metavar="CATALOG", help="The catalog's file.")]
Item = Annotated[str, typer.Argument(metavar="ITEM", help="What the shop calls the item.")]
Who = Annotated[str | None, typer.Option("--who", help="Who decides (default: you).")]
Tagger = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A run, a head that was learned (head:pattern), or colors."
    ),
]
SHOWN = 12

catalog = typer.Typer(no_args_is_help=True)


@catalog.command("create")
@asks
def create(place: Place) -> None:
    """Make an empty catalog."""
    hangtag.create_catalog(place).close()
    if not answered(lambda: {"catalog": str(place)}):
        say(f"catalog  {place}")
        next_step(command_line("catalog", "import", place, "photos/"))


@catalog.command("import")
@asks
def import_(
    place: Place,
    source: Source,
    asked: ImportRequest,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Put a folder of photos, a feed or any set into a catalog; twice changes nothing."""
    shop = hangtag.open_catalog(place)
    with bars() as progress:
        planned = hangtag.import_items(
            shop, asked, source=source, write=not dry_run, progress=progress
        )
    problems = [" ".join(one) for one in planned.unreadable]
    if answered(lambda: {**planned.facts, "written": not dry_run, "problems": problems}):
        return
    say_table((), [(f"{n:,}", name) for name, n in planned.facts.items() if n], left=(1,))
    for one in problems[:SHOWN]:
        note(one)
    if len(problems) > SHOWN:
        note(f"… and {len(problems) - SHOWN:,} more that cannot be used: --json names all")
    if dry_run:
        note("nothing was written: leave --dry-run out")
    else:
        next_step(command_line("catalog", "tag", place, "latest"))


@catalog.command("tag")
@asks
def tag(place: Place, model: Tagger, asked: TagCatalogRequest) -> None:
    """Let a model suggest tags for every item; ended at any moment, the same command goes on."""
    shop = hangtag.open_catalog(place)
    with bars() as progress:
        found = hangtag.tag_catalog(shop, asked, model=model, progress=progress)
    changes = [] if found.in_use else room.preview(shop, found.id)
    facts = {"tagging": found.id, "items": found.items, "in_use": found.in_use, "changes": changes}
    if answered(lambda: facts):
        return
    say(f"{found.items:,} items answered by {found.model} (tagging {found.id})")
    if found.threshold is None:
        note("the model has no threshold: all its tags are 'unknown'; --threshold sets one")
    if waiting := room.left(shop, found.id):
        note(f"{waiting:,} wait: nothing has embedded their photos, as tagging by a run does")
    if any(one.attribute == "color" for one in room.taggings(shop)):
        note("colors are named, too: --where color=red finds what is red")
    if found.in_use:
        image = command_line("search", place, "PHOTO")
        next_step(command_line("catalog", "review", place, "--export", "review.csv"), image)
        return
    say(f"{sum(n for _, _, n in changes):,} items would change; not in use yet")
    say_table(("from", "to", "items"), changes[:SHOWN], left=(0, 1))
    next_step(command_line("catalog", "use", place, found.id))


@catalog.command("learn")
@asks
def learn(place: Place, asked: LearnRequest) -> None:
    """Learn a head for an attribute from decisions and the feed: seconds, no photo is opened."""
    with bars() as progress:
        made = hangtag.learn_attribute(place, asked, progress=progress)
    if answered(lambda: {"head": made.model_id, "threshold": made.threshold, **made.facts}):
        return
    for line in room.head_lines(made):
        say(line)
    next_step(command_line("catalog", "tag", place, room.HEAD + made.attribute))


@catalog.command("duplicates")
@asks
def duplicates(
    place: Place, out: Annotated[Path | None, out_file("all pairs (CSV)")] = None
) -> None:
    """Find items that show the same photo or a near copy, and one item in two colors."""
    with bars() as progress:
        found = hangtag.find_duplicates(place, progress=progress)
    if out is not None:
        atomic.write_text(out, pairs.as_table(found))
    if answered(lambda: {"pairs": [vars(one) for one in found]}):
        return
    for line in pairs.in_words(found):
        say(line)
    if found:
        say_table(pairs.COLUMNS, [one.row for one in found[:SHOWN]], left=(0, 1, 2, 4, 5))
        next_step(command_line("catalog", "duplicates", place, "--out", "pairs.csv"))


@catalog.command("use")
@asks
def use(
    place: Place,
    number: Annotated[int, typer.Argument(metavar="TAGGING", help="Its number, from info.")],
) -> None:
    """Take the suggestions of a tagging for the tags: forward to a new one, or back."""
    changed = hangtag.use_tagging(place, number)
    if not answered(lambda: {"changed": changed}):
        say(f"{changed:,} items have another tag; what people decided stays")
        next_step(command_line("catalog", "export", place, "--out", "tags.csv"))


@catalog.command("review")
@asks
def review(
    place: Place,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write what to look at (CSV).")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Read the table back, decisions filled in.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows at most.")] = 200,
    who: Who = None,
) -> None:
    """List what is most worth a look; decide in a spreadsheet: accept, reject, correct, undo."""
    shop = hangtag.open_catalog(place)
    if import_ is not None:
        asked = room.from_table(import_.name, import_.read_bytes(), who or getpass.getuser())
        kept = hangtag.decide(shop, asked)
        if not answered(lambda: {"decisions": len(asked), "new": kept}):
            say(f"{kept:,} decisions kept of {len(asked):,} in the table")
            next_step(command_line("catalog", "export", place, "--out", "tags.csv"))
        return
    found = alike(shop, room.doubts(shop, limit))
    if export is not None:
        atomic.write_text(export, room.as_table(found))
    if answered(lambda: {"doubts": [vars(one) for one in found]}):
        return
    if export is None:
        rows = [(one.item, one.suggested, f"{one.probability:.4f}", one.picture) for one in found]
        say_table(("item", "suggested", "probability", "photo"), rows, left=(0, 1, 3))
        next_step(command_line("catalog", "review", place, "--export", "review.csv"))
        return
    say(f"{len(found):,} rows  {export}")
    next_step(command_line("catalog", "review", place, "--import", export))


@catalog.command("decide")
@asks
def decide(
    place: Place,
    item: Item,
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="DECISION", help="accept, reject, undo, or the value that is right."
        ),
    ],
    attribute: Annotated[str, typer.Option("--attribute", help="What is decided.")] = "category",
    who: Who = None,
) -> None:
    """Decide on one item."""
    said = room.review.WORDS.get(verdict)
    label = None if said else verdict
    decided = room.Decided(item, attribute, said or "corrected", label, who or getpass.getuser())
    kept = hangtag.decide(place, [decided])
    if not answered(lambda: {"new": kept}):
        say("decided" if kept else "it was decided so before")


@catalog.command("export")
@asks
def export(
    place: Place,
    out: Annotated[Path | None, out_file("the feed, or the table of items (CSV)")] = None,
    feed: Annotated[str | None, typer.Option("--feed", help="Which, if there are several.")] = None,
    since: Annotated[
        int | None, typer.Option("--since", min=0, help="Only what changed after this change.")
    ] = None,
) -> None:
    """Write the tags into the feed that came in, the same byte for byte outside of them."""
    shop = hangtag.open_catalog(place)
    data = hangtag.export_catalog(shop, feed=feed, since=since)
    until = room.counted(shop)["changes"]
    if out is not None:
        atomic.write_bytes(out, data)
    facts = {"out": None if out is None else str(out), "bytes": len(data), "until": until}
    if answered(lambda: facts):
        return
    say(data.decode().rstrip("\n") if out is None else f"tags  {out}")
    note(f"everything up to change {until}: --since {until} gives what comes after")


@catalog.command("info")
@asks
def info(
    place: Place,
    item: Annotated[str | None, typer.Argument(metavar="ITEM", help="One item alone.")] = None,
) -> None:
    """Say what is in a catalog, or all that is known of an item."""
    shop = hangtag.open_catalog(place)
    if item is not None:
        _item(shop, item)
        return
    taggings = room.taggings(shop)
    lists = room.taxonomy.taxonomies(shop)
    facts = room.counted(shop) | {"taggings": [vars(one) for one in taggings]}
    facts["taxonomies"] = [vars(one) for one in lists]
    if answered(lambda: facts):
        return
    rows = [(name, f"{n:,}") for name, n in room.counted(shop).items()]
    say_table((), [*rows, *(("taxonomy", f"{one.name} {one.release}") for one in lists)])
    if taggings:
        say()
        say_table(
            ("tagging", "attribute", "model", "items", ""),
            room.tagging_rows(taggings),
            left=(1, 2, 4),
        )


@catalog.command("check")
@asks
def check(place: Place) -> None:
    """Look at every page and row of a catalog, and say what is wrong with it."""
    wrong = room.check(hangtag.open_catalog(place))
    if not answered(lambda: {"wrong": wrong}):
        for one in wrong or ["all is well"]:
            say(one)
    if wrong:
        raise FailedError(f"{place} has {len(wrong)} faults", "bring a copy back, or import anew")


def _item(shop: room.Catalog, name: str) -> None:
    (one,) = room.items(shop, [room.number_of(shop, name)]).values()
    past = room.history(shop, name)
    if not answered(lambda: one.facts | {"history": [vars(each) for each in past]}):
        facts, said = room.item_rows(one, past)
        say_table((), facts, left=(0, 1))
        for line in said:
            say(line)
