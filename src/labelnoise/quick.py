"""`make quick` and `make own`: the same pipeline in an ignored folder with parameters of its own.

The tracked files are copied to quick/ or own/, params.yaml is overlaid with params.quick.yaml or params.own.yaml,
and DVC reproduces the study there: nothing of the full study is touched. The list of labels to recheck comes
first.
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from labelnoise import costs, params
from labelnoise.data import listing

LIST = "list"  # the stage that ends with what people recheck
INTERRUPTED = 130  # exit code, as of a shell's
SOURCES = ["dvc.yaml", "notebooks", "own_data.lock", "src", "stages"]
OWN_FILES = {"folder": ("root", "csv"), "arrays": ("file", "root")}  # keys of own data that name files


def overlaid(base: dict, over: dict) -> dict:
    """`base` with the values of `over`, mapping by mapping; a None takes a key out, `key!` replaces a mapping
    whole."""
    merged = dict(base)
    for name, value in over.items():
        key = name.removesuffix("!")
        both = isinstance(value, dict) and isinstance(base.get(key), dict) and key == name
        merged[key] = overlaid(base[key], value) if both else value
    return {key: value for key, value in merged.items() if over.get(key, "") is not None}


def prepare(source: Path, target: Path, over: dict) -> None:
    """Make `target` a copy of the project at `source` whose parameters are overlaid with `over`."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(
                source / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        else:
            shutil.copy(source / name, target / name)
    values = overlaid(params.read(source / "params.yaml"), over)
    values = overlaid(values, own_files(values, source))
    values = overlaid(values, own_folds(values))
    (target / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), "utf-8")
    if not (target / ".dvc").exists():
        run(target, "dvc", "init", "--no-scm", "--quiet")
        run(target, "dvc", "config", "core.analytics", "false")
        run(target, "dvc", "config", "core.check_update", "false")


def own_files(values: dict, source: Path) -> dict:
    """An overlay that makes the user's files absolute: they are named relative to `source`, not to the copy."""

    def absolute(section: dict, keys: Iterable[str]) -> dict:
        return {key: str(source.resolve() / Path(section[key]).expanduser()) for key in keys if section.get(key)}

    datasets = {}
    for name, section in values.get("datasets", {}).items():
        kinds = {kind: keys for kind, keys in OWN_FILES.items() if section.get("data", {}).get(kind)}
        datasets[name] = {"data": {kind: absolute(section["data"][kind], keys) for kind, keys in kinds.items()}}
        if section.get("features"):  # a list is replaced whole
            datasets[name]["features"] = [{**of, **absolute(of, ("file",))} for of in section["features"]]
    answers = values.get("recheck", {}).get("answers", {})
    return {"datasets": datasets, "recheck": {"answers": absolute(answers, answers)}}


def own_folds(values: dict) -> dict:
    """An overlay with `folds: 1` for own data that have a test part: its owner need not know that key."""
    sections, chosen = values.get("datasets", {}), values.get("study", {}).get("datasets", [])
    folds = {name: sections.get(name, {}).get("data", {}).get("folds") for name in chosen}
    parted = [name for name in chosen if folds[name] not in (None, 1) and _has_test_part(sections[name]["data"])]
    for name in parted:
        print(f"datasets.{name}: the data have a test part, so data.folds is 1 in place of {folds[name]}")
    return {"datasets": {name: {"data": {"folds": 1}} for name in parted}}


def _has_test_part(data: dict) -> bool:
    """What cannot be read is left to the stages, which tell it better."""
    folder, file = data.get("folder") or {}, (data.get("arrays") or {}).get("file")
    try:
        if folder.get("csv"):
            return bool((folder.get("columns") or {}).get("split"))
        if folder.get("root"):
            return listing.has_test_part(Path(folder["root"]))
        return file is not None and "split.npy" in zipfile.ZipFile(file).namelist()
    except (OSError, TypeError, AttributeError, zipfile.BadZipFile):
        return False


def run(folder: Path, module: str, *words: str) -> None:
    """Run a Python module in `folder`; ends the program with its exit code when it fails.

    Ctrl-C reaches the module too: it is waited for, so that it can put away what is done.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *words], cwd=folder, env=environment(folder))
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
    if code:
        sys.exit(code)


def environment(folder: Path) -> dict[str, str]:
    """Stages in `folder` call this `python`, activated or not, and use the copy of the package there."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str((folder / "src").resolve())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, default=Path("params.quick.yaml"), help="what it changes")
    parser.add_argument("--folder", type=Path, default=Path("quick"), help="where the copy is made")
    args = parser.parse_args()
    try:
        reproduce(args.folder, params.read(args.params))
    except KeyboardInterrupt:
        print("interrupted: what is done is kept, run it again to go on", file=sys.stderr)
        sys.exit(INTERRUPTED)


def reproduce(folder: Path, over: dict) -> None:
    """The list first, which takes minutes; then, with `study.full`, everything else."""
    prepare(Path("."), folder, over)
    run(folder, "labelnoise.params")  # before anything is computed
    chosen = params.load(folder / "params.yaml")
    if cost := costs.of_study(chosen):
        print(costs.told(cost), flush=True)
    run(folder, "dvc", "repro", LIST)
    tell(folder, chosen.study.datasets)
    if chosen.study.full:
        run(folder, "dvc", "repro")
        print(f"the report is {folder / 'reports' / 'index.html'}")
        tell(folder, chosen.study.datasets)


def tell(folder: Path, datasets: list[str]) -> None:
    """What came out, and where it is."""
    for name in datasets:
        reports = folder / "reports" / name
        print(f"{name}: {(reports / 'verdict.txt').read_text('utf-8').strip()}")
        print(f"  read first: {reports / 'list.html'}")
        print(f"  the list:   {reports / 'to_recheck.csv'}")
        print(f"  to fill in: {reports / 'to_audit.csv'}", flush=True)


if __name__ == "__main__":
    main()
