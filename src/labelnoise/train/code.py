"""A key of code: the statements that a run uses, without comments, docstrings and form."""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import labelnoise
from labelnoise.methods import METHODS

ROOT = Path(labelnoise.__file__).parent
LOOP = ("loop", "epoch", "types", "streams", "dynamics", "augmentation", "probes", "steps")
KERNELS = ("__init__", "tiles", "perceptrons", "convolutions")  # and `cache`, which decides no byte
SHARED = [  # modules of which counts what these use
    *(ROOT / "train" / f"{name}.py" for name in LOOP),
    *(ROOT / "kernels" / f"{name}.py" for name in KERNELS),
    *(ROOT / name for name in ("types.py", "losses.py", "draws.py", "methods/base.py", "nets/layers.py")),
]
ALL = "*"  # every name of a module
IMPORTED = ast.Import | ast.ImportFrom


class Statement(NamedTuple):
    """A statement at the top of a module; imports are split, a name each."""

    text: str  # without comments and docstrings
    binds: frozenset[str]  # the names that it defines; none: it counts whatever is used
    reads: frozenset[tuple[str, str]]  # names in it, each with the attribute that is read of it, or ALL
    imports: frozenset[tuple[str, str, str]]  # local name, module, name there ("" for the module itself)


@cache
def code_of(network: str, method: str) -> str:
    """Hash of the code that decides a program's result."""
    return code_key(code_files(network, method), SHARED)


def code_files(network: str, method: str) -> list[Path]:
    """Files of which every statement counts."""
    module = METHODS[method].__module__.removeprefix("labelnoise.").replace(".", "/")
    return [ROOT / name for name in ("train/program.py", "truth.py", f"{module}.py", f"nets/{network}.py")]


def code_key(files: Iterable[Path], shared: Iterable[Path]) -> str:
    """sha256 of the statements of `files` and of those statements of `shared` that they use, also by others.

    Comments, docstrings, formatting, order of imports do not count. `ast.unparse` rather than `ast.dump`, which
    changes with every Python: where a new Python writes a tree in another way, runs are trained again, no more.
    """
    return _hash(used(files, shared))


def used(files: Iterable[Path], shared: Iterable[Path]) -> dict[Path, list[Statement]]:
    """All statements of `files`, and of the modules `shared` those that they need, also through others.

    A module that is neither is not followed, and what only a decorator registers is not seen.
    """
    wanted, before = {path: {ALL} for path in files}, {}
    paths = {_module(path): path for path in [*shared, *wanted]}
    while wanted != before:
        before = {path: set(names) for path, names in wanted.items()}
        found = {path: _closure(_statements(path), names) for path, names in before.items()}
        for statements in found.values():
            for module, name in _asked(statements, paths):
                wanted.setdefault(paths[module], set()).add(name)
    return found


def _hash(found: dict[Path, list[Statement]]) -> str:
    texts = sorted((_module(path), [one.text for one in statements]) for path, statements in found.items())
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _module(path: Path) -> str:
    """Dotted name from the outermost folder that is a package: the same wherever the package lies."""
    name, folder = path.stem, path.parent
    while (folder / "__init__.py").exists():
        name, folder = f"{folder.name}.{name}", folder.parent
    return name.removesuffix(".__init__")


def _closure(statements: list[Statement], names: set[str]) -> list[Statement]:
    """Those that `names` need, in order."""
    chosen, before = [], None
    while chosen != before:
        before = chosen
        chosen = [one for one in statements if not one.binds or ALL in names or one.binds & names]
        names = names | {name for one in chosen for name, _ in one.reads}
    return chosen


def _asked(statements: list[Statement], paths: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """(module, name) of what statements use of the modules `paths`; ALL where it is not plain which names."""
    reads = {read for one in statements for read in one.reads}
    for local, module, name in {imported for one in statements for imported in one.imports}:
        whole = f"{module}.{name}" if name else module
        asked = {(whole, attribute) for read, attribute in reads if read == local}
        if name and whole not in paths:
            asked.add((module, name))
        for outer, inner in asked:
            if f"{outer}.{inner}" in paths:
                yield f"{outer}.{inner}", ALL
            elif outer in paths:
                yield outer, inner


def _statements(path: Path) -> list[Statement]:
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(source: str) -> list[Statement]:
    """The statements of a module; imports come first and sorted."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [part for part in node.body if not _is_docstring(part)] or [ast.Pass()]
    imports = [one for node in tree.body if isinstance(node, IMPORTED) for one in _split(node)]
    rest = [node for node in tree.body if not isinstance(node, IMPORTED)]
    return [_statement(node) for node in [*sorted(imports, key=ast.unparse), *rest]]


def _is_docstring(node: ast.AST) -> bool:
    """A text that stands alone, which does nothing wherever it is."""
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _split(node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    """One import for each name."""
    if isinstance(node, ast.Import):
        return [ast.Import([alias]) for alias in node.names]
    if node.level:
        raise ValueError(f"{ast.unparse(node)}: relative; the package must be named")
    return [ast.ImportFrom(node.module, [alias], 0) for alias in node.names]


def _statement(node: ast.stmt) -> Statement:
    inside = list(ast.walk(node))
    imports = {each for part in inside if isinstance(part, IMPORTED) for each in _imports(part)}
    attributes = {id(part.value): part.attr for part in inside if isinstance(part, ast.Attribute)}
    reads = {(part.id, attributes.get(id(part), ALL)) for part in inside if isinstance(part, ast.Name)}
    return Statement(ast.unparse(node), frozenset(_binds(node)), frozenset(reads), frozenset(imports))


def _binds(node: ast.stmt) -> set[str]:
    """Names that a definition, an import or a plain assignment binds. Other statements may have an effect."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, IMPORTED):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names} - {ALL}
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return set()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in ast.walk(target)]
    plain = not any(isinstance(part, ast.Attribute | ast.Subscript) for part in parts)
    return {part.id for part in parts if isinstance(part, ast.Name)} if plain else set()


def _imports(node: ast.Import | ast.ImportFrom) -> set[tuple[str, str, str]]:
    """(local name, module, name there), as in `Statement`; after `import a.b` all of a.b counts."""
    if isinstance(node, ast.ImportFrom):
        return {(alias.asname or alias.name, node.module, alias.name) for alias in node.names}
    names = {(alias.asname or alias.name).partition(".")[0]: alias for alias in node.names}
    local = {(name, alias.name if alias.asname else name, "") for name, alias in names.items()}
    return local | {("", alias.name, ALL) for alias in node.names}
