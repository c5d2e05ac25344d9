"""`make quick`: the same pipeline in miniature, in an ignored folder with parameters of its own.

The tracked files are copied to quick/, params.yaml is overlaid with params.quick.yaml, and DVC reproduces the
study there: nothing of the full study is touched.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

SOURCES = ["dvc.yaml", "notebooks", "src", "stages"]


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
    params = overlaid(yaml.safe_load((source / "params.yaml").read_text("utf-8")), over)
    (target / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), "utf-8")
    if not (target / ".dvc").exists():
        run(target, "dvc", "init", "--no-scm", "--quiet")
        run(target, "dvc", "config", "core.analytics", "false")
        run(target, "dvc", "config", "core.check_update", "false")


def run(folder: Path, module: str, *words: str) -> None:
    """Run a Python module in `folder`; ends the program with its exit code when it fails."""
    code = subprocess.run([sys.executable, "-m", module, *words], cwd=folder, env=environment(folder)).returncode
    if code:
        sys.exit(code)


def environment(folder: Path) -> dict[str, str]:
    """Stages in `folder` call this `python`, activated or not, and use the copy of the package there."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str((folder / "src").resolve())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("quick"), help="where the miniature is made")
    folder = parser.parse_args().folder
    prepare(Path("."), folder, yaml.safe_load(Path("params.quick.yaml").read_text("utf-8")) or {})
    run(folder, "labelnoise.params")  # before anything is computed
    run(folder, "dvc", "repro")
    print(f"the report is {folder / 'reports' / 'index.html'}")


if __name__ == "__main__":
    main()
