"""What a result depends on: names of modules go in, a digest of all code behind them comes out.

A step of a study is carried out again when the code that computes it changes, and which code that
is nobody keeps a list of: it is read from the imports, and the imports of what is imported. Code
is read, never run, so asking costs no library. Too much may be in the closure (a result is then
computed once more than it must), never too little.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata, util
from pathlib import Path

from hangtag.lazily import stubbed

PACKAGE = "hangtag"
BY_NAME = "import_module"
"""Who calls this may import any module beside it or below, and is taken to import all."""
KERNELS = "hangtag_kernels"
ENVIRONMENT = ("HANGTAG_NATIVE", "HANGTAG_NATIVE_ISA")
"""What chooses, besides the options, between kernels that round differently."""


@dataclass(frozen=True)
class Imports:
    """What one file imports.

    Attributes:
        names: Module and what is taken of it; of ``import a.b`` that is nothing. What is taken is
            a module where there is one of that name, and otherwise something that the first has.
        by_name: Whether it imports modules whose names are worked out.
    """

    names: frozenset[tuple[str, str]]
    by_name: bool


def closure(modules: Iterable[str], root: Path | None = None) -> frozenset[str]:
    """All modules of Hangtag behind `modules`, these among them.

    Imports inside functions count; those that only a type checker sees do not.

    Args:
        modules: Dotted names.
        root: Folder of the package; None for the one that runs.
    """
    place = root or here()
    found: set[str] = set()
    waiting = {name for name in modules if _file(place, name) is not None}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {one for one in _needs(place, name) if one not in found}
    parents = {parent for name in found for parent in _parents(name)}
    return frozenset(found | parents)


def imported(module: str, root: Path | None = None) -> frozenset[str]:
    """The modules of Hangtag that one file names itself."""
    place = root or here()
    return frozenset(_named(place, _imports_of(place, module)))


def files(modules: Iterable[str], root: Path | None = None) -> Iterator[Path]:
    """The files of modules, and what lies beside them that is no code: templates, spaces, sets."""
    place = root or here()
    folders = set()
    for name in sorted(modules):
        file = _file(place, name)
        if file is not None:
            folders.add(file.parent)
            yield file
    for folder in sorted(folders - {place}):  # the package's own folder has no data but rooms'
        for file in sorted(folder.iterdir()):
            if file.is_file() and file.suffix not in {".py", ".pyi", ".pyc"}:
                yield file


def digest(modules: Iterable[str], root: Path | None = None) -> str:
    """A digest of the files of `modules`, by their names and every byte."""
    place = root or here()
    seen = hashlib.sha256()
    for file in files(modules, place):
        seen.update(f"{file.relative_to(place).as_posix()}\0".encode())
        seen.update(hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()


def libraries(modules: Iterable[str], root: Path | None = None) -> dict[str, str]:
    """Distributions that `modules` import, with their versions; the kernels with a digest.

    The version of the kernels says too little: they are built where they run, for what is there.
    """
    place = root or here()
    tops = {
        name.partition(".")[0] for module in modules for name, _ in _imports_of(place, module).names
    }
    known = _distributions()
    found = {one: metadata.version(one) for top in sorted(tops & set(known)) for one in known[top]}
    if KERNELS in tops:
        found[KERNELS] = _kernels()
    return found


def here() -> Path:
    """The folder of the package that runs."""
    return Path(__file__).parent


def _needs(place: Path, name: str) -> Iterator[str]:
    file = _file(place, name)
    assert file is not None
    imports = _imports_of(place, name)
    yield from _named(place, imports)
    # Who takes a package whole may use any of its names.
    for taken, home in _stub(place, name).items():
        yield from _homes(place, home, taken)
    # A package's own file is asked for its parts by name only when it was itself imported by name;
    # as a parent it is no more than a door, which `closure` adds at the end.
    if imports.by_name and file.parent != place:
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for part in file.parent.rglob("[!_]*.py"):
            inside = part.relative_to(file.parent).with_suffix("").parts
            yield ".".join((package, *inside))


def _named(place: Path, imports: Imports) -> Iterator[str]:
    for module, taken in imports.names:
        yield from _homes(place, module, taken)


def _homes(place: Path, module: str, taken: str) -> Iterator[str]:
    """Where what is taken of a module is; of a package with a stub, the stub says it."""
    part = f"{module}.{taken}"
    if _file(place, part) is not None:
        yield part
    elif (home := _stub(place, module).get(taken)) is not None:
        yield from _homes(place, home, taken)
    elif _file(place, module) is not None:
        yield module


def _stub(place: Path, name: str) -> dict[str, str]:
    file = _file(place, name)
    stub = None if file is None else file.with_suffix(".pyi")
    return {} if stub is None or not stub.is_file() else _homes_of(stub, stub.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _homes_of(stub: Path, _: int) -> dict[str, str]:
    return stubbed(stub)


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _file(place: Path, name: str) -> Path | None:
    """The file of a module of the package; None for anything else, such as a function."""
    head, _, rest = name.partition(".")
    if head != PACKAGE:
        return None
    at = place.joinpath(*rest.split(".")) if rest else place
    for file in (at / "__init__.py", at.with_suffix(".py")):
        if file.is_file() and (rest or file.name == "__init__.py"):
            return file
    return None


def _imports_of(place: Path, name: str) -> Imports:
    file = _file(place, name)
    return Imports(frozenset(), False) if file is None else _read(file.read_bytes())


@lru_cache(maxsize=2048)
def _read(code: bytes) -> Imports:
    names: set[tuple[str, str]] = set()
    by_name = False
    for node in _run(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {(one.name, "") for one in node.names}
        elif isinstance(node, ast.ImportFrom):  # the package has no relative imports: ruff's rule
            names |= {(str(node.module), one.name) for one in node.names}
        elif isinstance(node, ast.Name | ast.Attribute):
            by_name |= BY_NAME in {getattr(node, "id", ""), getattr(node, "attr", "")}
    return Imports(frozenset(names), by_name)


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that can be run: what only a type checker sees is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _run(node)


@cache
def _distributions() -> dict[str, list[str]]:
    return {
        name: [one for one in who if one != PACKAGE]
        for name, who in metadata.packages_distributions().items()
    }


@cache
def _kernels() -> str:
    spec = util.find_spec(KERNELS)
    chosen = " ".join(f"{name}={os.environ.get(name, '')}" for name in ENVIRONMENT)
    if spec is None or spec.origin is None:
        return f"none {chosen}"
    seen = hashlib.sha256()
    for file in sorted(Path(spec.origin).parent.glob("*")):
        if file.suffix in {".py", ".so", ".dylib", ".pyd"}:
            seen.update(file.name.encode() + file.read_bytes())
    return f"{seen.hexdigest()} {chosen}"
