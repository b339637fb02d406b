"""``hangtag summary``: a network's name in, its layers and parameters out."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from hangtag.cli.console import next_step, say, say_json
from hangtag.cli.options import Json, OutFile, Quiet
from hangtag.errors import OptionError


def summary(
    network: Annotated[str | None, typer.Argument(help="A network; none lists them all.")] = None,
    shape: Annotated[
        str | None, typer.Option(help="Input as HEIGHTxWIDTHxCHANNELS (default: its study's).")
    ] = None,
    classes: Annotated[
        int | None, typer.Option(min=2, help="How many classes (default: its study's).")
    ] = None,
    out: OutFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show a network's layers, shapes and parameters; --out FILE.svg draws it."""
    import hangtag
    from hangtag import atomic

    if network is None:
        _list_all(as_json=as_json, quiet=quiet)
        return
    wanted = None if shape is None else _shape(shape)
    facts = hangtag.summary(network, shape=wanted, classes=classes)
    if out is not None:
        atomic.write_text(out, hangtag.diagram(network, shape=wanted, classes=classes))
    if as_json:
        say_json(facts)
        return
    _tell(facts)
    if out is not None:
        say(f"drawing       {out}")
    next_step(f"hangtag train fashion-mnist --network {network}", quiet=quiet)


def _list_all(*, as_json: bool, quiet: bool) -> None:
    import hangtag

    found = hangtag.networks()
    if as_json:
        rows = [{"name": one.name, "about": one.about, "split": one.split} for one in found]
        say_json({"networks": rows})
        return
    for one in found:
        say(f"{one.name:<14} {one.parameters:>9,}  {one.about}")
    next_step("hangtag summary s0-cnn", quiet=quiet)


def _shape(text: str) -> tuple[int, int, int]:
    numbers = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})x([13])", text)
    if numbers is None:
        raise OptionError(
            f"'{text}' is no picture shape", "give HEIGHTxWIDTHxCHANNELS, such as 28x28x1"
        )
    height, width, channels = (int(number) for number in numbers.groups())
    return height, width, channels


def _tell(facts: dict[str, Any]) -> None:
    say(f"{'layer':<24} {'type':<22} {'output':<14} {'parameters':>10}  options")
    shape = " × ".join(str(size) for size in facts["input_shape"])
    say(f"{'pictures':<24} {'':<22} {shape:<14}")
    for row in facts["layers"]:
        shape = " × ".join(str(size) for size in row["output_shape"])
        options = ", ".join(f"{name} {value}" for name, value in row["options"].items())
        say(f"{row['name']:<24} {row['type']:<22} {shape:<14} {row['parameters']:>10,}  {options}")
    for name in ("parameters", "trainable", "non_trainable", "biases"):
        say(f"{name.replace('_', '-'):<14}{facts[name]:,}")
