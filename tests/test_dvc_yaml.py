"""dvc.yaml is a true map: stages depend on what they import, and are told their data set alone."""

import ast
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from labelnoise import artifacts

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "labelnoise"
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
DATASET = "${item.dataset}"
# params.py and sections/ read and check values that DVC tracks as params: a change of how they read these is no
# reason to run everything. artifacts.py has the paths of dvc.yaml, __init__.py is for users.
EXEMPT = {PACKAGE / name for name in ("params.py", "artifacts.py", "__init__.py")}
EXEMPT |= {*(PACKAGE / "sections").glob("*.py")}


def module_file(module: str) -> Path | None:
    path = PACKAGE.parent / module.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists()), None)


def imports(path: Path) -> set[Path]:
    """Files of this project that `path` imports, at its top or within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {module_file(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(PACKAGE.parent).parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (package, node.module) if part)
            found |= {module_file(f"{module}.{alias.name}") or module_file(module) for alias in node.names}
    return found - {None}


def roots(stage: str) -> list[Path]:
    """What a stage runs: its script and notebooks."""
    notebooks = list((ROOT / "notebooks").glob("*.py")) if stage == "figures" else []
    return [ROOT / "stages" / f"{stage}.py", *notebooks]


def closure(paths: list[Path]) -> set[Path]:
    """All files of this project that running `paths` needs, with those that make folders packages."""
    seen, todo = set(), list(paths)
    while todo:
        here = todo.pop()
        if here not in seen and here not in EXEMPT:
            seen.add(here)
            found = imports(here)
            todo += [*found, *(path.parent / "__init__.py" for path in found)]
    return seen


@pytest.mark.parametrize("stage", [stage for stage in STAGES if not STAGES[stage].get("always_changed")])
def test_deps_cover_the_imports(stage):
    """Packages as whole folders, and the files beside them: no one is missing, and none is there for nothing."""
    needed = {path for path in closure(roots(stage)) if ROOT / "notebooks" not in path.parents}
    code = [ROOT / dep for dep in STAGES[stage]["deps"] if dep.startswith(("src/", "stages/"))]
    missing = [f for f in needed if not any(dep == f or dep in f.parents for dep in code)]
    assert not missing, f"dvc.yaml: {stage}: deps lack {[str(f.relative_to(ROOT)) for f in missing]}"
    unused = [d for d in code if not any(d == f or d in f.parents for f in needed)]
    assert not unused, f"dvc.yaml: {stage}: deps need not list {[str(d.relative_to(ROOT)) for d in unused]}"
    assert all(dep.is_dir() or dep.parent in (PACKAGE, ROOT / "stages") for dep in code)


def outs(stage: str) -> set[str]:
    """All that a stage writes for a data set, by dvc.yaml."""
    listed = [out for key in ("outs", "metrics", "plots") for out in STAGES[stage].get(key, [])]
    return {next(iter(out)) if isinstance(out, dict) else out for out in listed}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_told_its_data_set_and_nothing_else(stage):
    axes = "".join(f" --{axis} ${{item.{axis}}}" for axis in STAGES[stage].get("matrix", {}))
    assert STAGES[stage]["cmd"] == f"python stages/{stage}.py{axes}" and STAGES[stage]["desc"]


def test_paths_are_those_that_scripts_use():
    """dvc.yaml and artifacts.py name the same files and folders."""
    paths, written = artifacts.of(DATASET), {out for stage in STAGES for out in outs(stage)}
    named = written | {dep for stage in STAGES.values() for dep in stage.get("deps", []) if DATASET in dep}
    folders = tuple(f"{folder}/" for folder in (paths.reports, paths.trained, artifacts.OWN_FILES))
    beside = (*folders, f"{paths.page_parts}.")
    own = {path for path in named if DATASET in path}
    assert own and not {path for path in own if path not in map(str, paths) and not path.startswith(beside)}
    unwritten = [str(path) for path in paths if not any(_of_one(str(path), out) for out in written)]
    assert not unwritten, f"no stage of dvc.yaml writes {unwritten}"


def _of_one(path: str, out: str) -> bool:
    """Whether one lies in the other, or begins its name."""
    return path == out or path.startswith(f"{out}/") or out.startswith((f"{path}/", f"{path}."))


def test_bytecode_is_no_change_of_code(tmp_path):
    """Python writes it beside the code when a stage runs, into folders on which stages depend."""
    Repo.init(str(tmp_path), no_scm=True)
    (tmp_path / ".dvcignore").write_text((ROOT / ".dvcignore").read_text())
    cache = tmp_path / "src" / "labelnoise" / "__pycache__"
    cache.mkdir(parents=True)
    assert Repo(str(tmp_path)).dvcignore.is_ignored_dir(str(cache))


@pytest.mark.parametrize("path", sorted((PACKAGE / "methods").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_method_imports_only_what_every_train_stage_depends_on(path):
    """Else DVC and the run store would not see a change of what it imports."""
    allowed = {PACKAGE / name for name in ("losses.py", "types.py", "draws.py", "methods/base.py")}
    assert imports(path) <= allowed
