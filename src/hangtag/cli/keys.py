"""``hangtag keys``: who else may use what is served, for what, and until when."""

from __future__ import annotations

from typing import Annotated

import typer

from hangtag.cli.asking import asks
from hangtag.cli.console import answered, note, say, say_table
from hangtag.cli.serve import Served
from hangtag.requests import KeyRequest
from hangtag.serve.keys import Keys

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whom the key is for.")]

keys = typer.Typer(no_args_is_help=True)


@keys.command("add")
@asks
def add(place: Served, name: Name, asked: KeyRequest) -> None:
    """Make a key, and print it once: only its hash is kept."""
    token = Keys(place).add(name, asked.scope, asked.days)
    if not answered(lambda: {"name": name, "key": token}):
        say(token)
        note("it is shown this once; send it as: Authorization: Bearer KEY")


@keys.command("list")
@asks
def list_(place: Served) -> None:
    """List keys, with what each may do and when it ends."""
    found = Keys(place).all()
    facts = [{"name": k.name, "scopes": k.scopes, "made": k.made, "ends": k.expires} for k in found]
    if not answered(lambda: {"keys": facts}):
        rows = [(k.name, " ".join(k.scopes), k.made[:10], k.expires[:10] or "-") for k in found]
        say_table(("name", "may", "made", "ends"), rows, left=(0, 1, 2, 3))


@keys.command("revoke")
@asks
def revoke(place: Served, name: Name) -> None:
    """End a key; a server that runs refuses it within seconds."""
    Keys(place).revoke(name)
    if not answered(lambda: {"revoked": name}):
        say(f"{name} has no key any more")
