"""Damages files of a finished run in every way, one at a time, and reads it with every command.

A run is made once; each mutation changes one of its files, runs one command on it, and puts the
file back. What must not happen: a traceback, or a command that ends well and says something else
than it said of the whole run.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.stores import command

from hangtag import atomic

TIMES = re.compile(r'"[a-z_]*seconds": [-+.0-9e]+')
COMMANDS = ("evaluate", "report", "tag", "tag bundle", "compare", "resume")
STRANGE = (
    None, True, -1, 0, 10**400, 1e308, float("nan"), float("inf"), "", "x", "\ud800", [], [[]], {},
    {"a": 1},
)  # fmt: skip


@dataclass
class Mutated:
    """What came of the mutations."""

    runs: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    tracebacks: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    cpu: float = 0.0


def flipped(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << draw.randrange(8)]) + data[place + 1 :]


def cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def grown(data: bytes, draw: random.Random) -> bytes:
    return data + draw.randbytes(draw.randrange(1, 200))


def zeroed(data: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(data))
    size = min(len(data) - start, draw.randrange(1, 600))
    return data[:start] + bytes(size) + data[start + size :]


def recoded(data: bytes, draw: random.Random) -> bytes:
    return data.decode("latin-1").encode(draw.choice(["utf-16", "utf-8-sig", "utf-32", "cp037"]))


def edited(data: bytes, draw: random.Random) -> bytes:
    """One value of a JSON object is another, or of another type, or gone; written as ours is."""
    try:
        values = json.loads(data)
    except ValueError:
        return flipped(data, draw)
    places: list[tuple[Any, Any]] = []
    _places(values, places)
    holder, key = draw.choice(places)
    if draw.random() < 0.2:
        del holder[key]
    else:
        holder[key] = draw.choice(STRANGE)
    text = json.dumps(values, indent=2, ensure_ascii=draw.random() < 0.5) + "\n"
    return text.encode(errors="surrogatepass")


def unsealed(data: bytes, draw: random.Random) -> bytes:
    """The same, passed off as a file from before there were checksums."""
    try:
        values = json.loads(edited(data, draw))
        values.pop("sha256", None)
        if "schema" in values:
            values["schema"] = 1
        return json.dumps(values, indent=2).encode()
    except (ValueError, AttributeError):
        return flipped(data, draw)


def _places(values: Any, found: list[tuple[Any, Any]]) -> None:
    keys = values.keys() if isinstance(values, dict) else range(len(values))
    for key in list(keys):
        found.append((values, key))
        if isinstance(values[key], dict | list):
            _places(values[key], found)


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped, flipped, cut, grown, zeroed, recoded, edited, edited, edited, unsealed,
)  # fmt: skip


def prepare(place: Path) -> None:
    """A network's run that is evaluated, one that was ended early, and images to tag."""
    from PIL import Image

    import hangtag

    words = ("digits", "--network", "s2-mlp", "--limit", 120, "--epochs", 2, "-q")
    for name in ("run", "other"):
        command("train", *words, "--out", place / name)
        command("evaluate", place / name, "-q")
    atomic.hook = _end_before_the_history
    with suppress(InterruptedError, SystemExit):
        command("train", *words, "--out", place / "stopped")
    atomic.hook = None
    assert (place / "stopped" / "checkpoint.safetensors").is_file()
    (place / "pictures").mkdir()
    for number, pixels in enumerate(hangtag.load("digits", limit=120).images[:3]):
        Image.fromarray(pixels.squeeze()).save(place / "pictures" / f"{number}.png")


def _end_before_the_history(step: str, path: Path) -> None:
    if path.name == "history.json":
        raise InterruptedError


def words_of(name: str, place: Path) -> tuple[object, ...]:
    run = place / "run"
    return {
        "evaluate": ("evaluate", run, "--json"),
        "report": ("report", run, "--out", place / "page.html"),
        "tag": ("tag", run, place / "pictures"),
        "tag bundle": ("tag", run / "bundle", place / "pictures"),
        "compare": ("compare", run, place / "other", "--json"),
        "resume": ("train", "--resume", place / "stopped", "--json"),
    }[name]


def said(words: tuple[object, ...]) -> tuple[int, str, str]:
    """Exit code, output and errors of a command in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            command(*words)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException:  # noqa: BLE001 - what is looked for
            err.write(traceback.format_exc())
            code = 99
    # How long a command took is new each time, whatever it read.
    return code, TIMES.sub("", out.getvalue()), err.getvalue()


def mutated(place: Path, count: int, seed: int = 0) -> Mutated:
    """Mutate and read, so many times.

    Args:
        place: Where :func:`prepare` worked.
        count: Mutations.
        seed: Of what is changed.
    """
    draw, found, began = random.Random(seed), Mutated(), time.process_time()
    whole = {}
    shutil.copytree(place / "stopped", place / "kept")
    for name in COMMANDS:
        whole[name] = said(words_of(name, place))
        assert whole[name][0] == 0, whole[name]
    for number in range(count):
        name = COMMANDS[number % len(COMMANDS)]
        if name == "resume":
            shutil.rmtree(place / "stopped")
            shutil.copytree(place / "kept", place / "stopped")
        _one(place, name, draw, found, whole[name])
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number + 1} of {count}")
    found.cpu = time.process_time() - began
    return found


def _one(
    place: Path, name: str, draw: random.Random, found: Mutated, whole: tuple[int, str, str]
) -> None:
    run = place / ("stopped" if name == "resume" else "run")
    read = run / "bundle" if name == "tag bundle" else run
    file = draw.choice(sorted(one for one in read.rglob("*") if one.is_file()))
    data = file.read_bytes()
    way = draw.choice(WAYS)
    if draw.random() < 0.04:
        way_name = "deleted"
        file.unlink()
    else:
        way_name = way.__name__
        file.write_bytes(way(data, draw))
    code, out, err = said(words_of(name, place))
    found.runs += 1
    found.codes[code] += 1
    told = f"{name}: {file.relative_to(place)} {way_name}: exit code {code}"
    if "Traceback" in err or code not in {0, 1, 2}:
        found.tracebacks.append(f"{told}: {err.strip().splitlines()[-1] if err else ''}")
    elif code == 0 and name not in {"report", "resume"} and out != whole[1]:
        found.silent.append(told)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
