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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
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


class _Tree:
    """The package's files and what each imports, every file looked at once."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._seen: dict[str, tuple[str, ...]] = {}
        # Asked thousands of times for names that are no modules, so the folder is listed once.
        self._files: dict[tuple[str, ...], str] = {}
        self._stub_files: list[Path] = []
        for folder, _, names in os.walk(place):
            parts = Path(folder).relative_to(place).parts
            self._files |= {(*parts, one[:-3]): folder for one in names if one.endswith(".py")}
            self._stub_files += [Path(folder, one) for one in names if one.endswith(".pyi")]

    @cached_property
    def _stubs(self) -> dict[Path, dict[str, str]]:
        return {file.with_suffix(".py"): stubbed(file) for file in self._stub_files}

    def file(self, name: str) -> Path | None:
        """The file of a module of the package; None for anything else, such as a function."""
        head, *rest = name.split(".")
        if head != PACKAGE:
            return None
        for parts in ((*rest, "__init__"), tuple(rest)):
            if parts in self._files:
                return Path(self._files[parts], f"{parts[-1]}.py")
        return None

    def imports(self, name: str) -> Imports:
        """What the file of a module imports."""
        file = self.file(name)
        return Imports(frozenset(), False) if file is None else _read(file.read_bytes())

    def needs(self, name: str) -> tuple[str, ...]:
        """The modules that a module of the package needs at once."""
        if name not in self._seen:
            self._seen[name] = tuple(dict.fromkeys(self._needs(name)))
        return self._seen[name]

    def named(self, imports: Imports) -> Iterator[str]:
        """The modules that imports are of."""
        for module, taken in imports.names:
            yield from self._homes(module, taken)

    def _needs(self, name: str) -> Iterator[str]:
        file = self.file(name)
        assert file is not None
        imports = self.imports(name)
        yield from self.named(imports)
        # Who takes a package whole may use any of its names.
        for taken, home in self._stubs.get(file, {}).items():
            yield from self._homes(home, taken)
        # A package's own file is asked for its parts by name only when it was itself imported by
        # name; as a parent it is no more than a door, which `closure` adds at the end.
        if imports.by_name and file.parent != self.place:
            package = name if file.name == "__init__.py" else name.rpartition(".")[0]
            for part in file.parent.rglob("[!_]*.py"):
                inside = part.relative_to(file.parent).with_suffix("").parts
                yield ".".join((package, *inside))

    def _homes(self, module: str, taken: str) -> Iterator[str]:
        """Where what is taken of a module is; of a package with a stub, the stub says it."""
        part, file = f"{module}.{taken}", self.file(module)
        if self.file(part) is not None:
            yield part
        elif file is not None and (home := self._stubs.get(file, {}).get(taken)) is not None:
            yield from self._homes(home, taken)
        elif file is not None:
            yield module


def _tree(root: Path | None) -> _Tree:
    """The package that runs, whose files stay what they are meanwhile, or one as it is now."""
    return _running() if root is None else _Tree(root)


@cache
def _running() -> _Tree:
    return _Tree(here())


def closure(modules: Iterable[str], root: Path | None = None) -> frozenset[str]:
    """All modules of Hangtag behind `modules`, these among them.

    Imports inside functions count; those that only a type checker sees do not.

    Args:
        modules: Dotted names.
        root: Folder of the package; None for the one that runs.
    """
    tree = _tree(root)
    found: set[str] = set()
    waiting = {name for name in modules if tree.file(name) is not None}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting.update(one for one in tree.needs(name) if one not in found)
    parents = {parent for name in found for parent in _parents(name)}
    return frozenset(found | parents)


def imported(module: str, root: Path | None = None) -> frozenset[str]:
    """The modules of Hangtag that one file names itself."""
    tree = _tree(root)
    return frozenset(tree.named(tree.imports(module)))


def files(modules: Iterable[str], root: Path | None = None) -> Iterator[Path]:
    """The files of modules, and what lies beside them that is no code: templates, spaces, sets."""
    tree = _tree(root)
    folders = set()
    for name in sorted(modules):
        file = tree.file(name)
        if file is not None:
            folders.add(file.parent)
            yield file
    for folder in sorted(folders - {tree.place}):  # the package's own folder has no data but rooms'
        for file in sorted(folder.iterdir()):
            if file.is_file() and file.suffix not in {".py", ".pyi", ".pyc"}:
                yield file


def digest(modules: Iterable[str], root: Path | None = None) -> str:
    """A digest of the files of `modules`, by their names and every byte."""
    place = root or here()
    seen = hashlib.sha256()
    for file in files(modules, root):
        seen.update(f"{file.relative_to(place).as_posix()}\0".encode())
        seen.update(hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()


def libraries(modules: Iterable[str], root: Path | None = None) -> dict[str, str]:
    """Distributions that `modules` import, with their versions; the kernels with a digest.

    The version of the kernels says too little: they are built where they run, for what is there.
    """
    tree = _tree(root)
    tops = {name.partition(".")[0] for one in modules for name, _ in tree.imports(one).names}
    known = _distributions()
    found = {one: metadata.version(one) for top in sorted(tops & set(known)) for one in known[top]}
    if KERNELS in tops:
        found[KERNELS] = _kernels()
    return found


def here() -> Path:
    """The folder of the package that runs."""
    return Path(__file__).parent


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


@lru_cache(maxsize=2048)
def _read(code: bytes) -> Imports:
    names: set[tuple[str, str]] = set()
    tree = ast.parse(code)
    # Hundreds of files are read before a study starts, and few of them have either word: what
    # lies inside expressions is looked at where it must.
    guarded = b"TYPE_CHECKING" in code
    for node in _run(tree, _statements, guarded=guarded):
        if isinstance(node, ast.Import):
            names |= {(one.name, "") for one in node.names}
        elif isinstance(node, ast.ImportFrom):  # the package has no relative imports: ruff's rule
            names |= {(str(node.module), one.name) for one in node.names}
    by_name = BY_NAME.encode() in code and any(
        BY_NAME in {getattr(node, "id", ""), getattr(node, "attr", "")}
        for node in _run(tree, ast.iter_child_nodes, guarded=guarded)
    )
    return Imports(frozenset(names), by_name)


def _run(
    tree: ast.AST, inside: Callable[[ast.AST], Iterable[ast.AST]], *, guarded: bool
) -> Iterator[ast.AST]:
    """Every node that can be run: what only a type checker sees is left out, where anything is."""
    waiting = [tree]
    while waiting:
        for node in inside(waiting.pop()):
            if guarded and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            yield node
            waiting.append(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements inside a statement, and what holds more of them."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        yield from getattr(node, block, ())


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
