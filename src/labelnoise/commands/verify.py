"""`labelnoise verify`: the tables of what was trained, made anew from stored runs by the stages that made them.

They run in a temporary folder, on what the project's earlier stages wrote; nothing of the project is changed.
"""

import math
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pandas as pd
import yaml

from labelnoise import artifacts, params, reproduce, results
from labelnoise.commands import words

# in this order: intervals are counted, and claims tested, on the tables of the others
STAGES = ("uncertainty", "recheck", "covered", "claims")
EQUAL, WITHIN, CHANGED = "equal", "within tolerance", "changed"


class Verdict(NamedTuple):
    """What became of a table."""

    table: str
    verdict: str
    why: str


def run(args: SimpleNamespace) -> None:
    p = params.load()
    name = args.dataset or p.study.datasets[0]
    words.check_name("--dataset", name, p.datasets)
    wanted = _wanted(tables(Path()), args.tables.split(",") if args.tables else None)
    found = verify(Path(), name, wanted, args.tolerance)
    print(words.table(pd.DataFrame(found)))
    if any(verdict.verdict == CHANGED for verdict in found):
        sys.exit(1)


def tables(project: Path) -> dict[str, list[str]]:
    """The tables that each of STAGES writes, by dvc.yaml."""
    stages = yaml.safe_load((project / "dvc.yaml").read_text("utf-8"))["stages"]
    outs = {
        stage: [out if isinstance(out, str) else next(iter(out)) for out in stages[stage]["outs"]]
        for stage in STAGES
    }
    return {stage: sorted(Path(out).stem for out in paths) for stage, paths in outs.items()}


def _wanted(by_stage: dict[str, list[str]], names: list[str] | None) -> dict[str, list[str]]:
    """Those of `names`; None: all."""
    everything = [table for tables in by_stage.values() for table in tables]
    for table in names or []:
        words.check_name("--tables", table, everything)
    return {stage: [t for t in tables if t in (names or everything)] for stage, tables in by_stage.items()}


def verify(project: Path, name: str, wanted: dict[str, list[str]], tolerance: float) -> list[Verdict]:
    """wanted: tables by the stage that writes them. ValueError where a stage fails."""
    project, paths = project.resolve(), artifacts.of(name)
    if not (project / paths.trained).exists():
        raise ValueError(f"{paths.trained}: no such folder; allowed: after `make`, or `dvc pull train@{name}`")
    with tempfile.TemporaryDirectory() as made:
        _inputs(project, Path(made), paths.tables, [table for names in wanted.values() for table in names])
        for stage in (stage for stage, names in wanted.items() if names):
            words.tell(f"{stage}: makes {', '.join(wanted[stage])}")
            _run(project, Path(made), stage, name)
        folders = project / paths.tables, Path(made) / paths.tables
        return [compare(table, *folders, tolerance) for names in wanted.values() for table in names]


def _inputs(project: Path, folder: Path, tables: Path, left_out: list[str]) -> None:
    """Links to what stages read: parameters, data, runs, and the tables that are not made anew."""
    (folder / tables).mkdir(parents=True)
    own = [path.relative_to(project) for path in (project / tables).glob("*.csv") if path.stem not in left_out]
    for path in ["params.yaml", "claims.yaml", "registration.yaml", "data", "runs", *own]:
        (folder / path).symlink_to(project / path)


def _run(project: Path, folder: Path, stage: str, name: str) -> None:
    command = [sys.executable, project / "stages" / f"{stage}.py", "--dataset", name]
    environment = reproduce.environment(project)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1].removeprefix("error: ")
        unknown = "; `labelnoise why` says whether params.yaml asks for more than was trained"
        raise ValueError(f"{stage}: {said}{unknown if 'Traceback' in done.stderr else ''}")


def compare(table: str, before: Path, after: Path, tolerance: float) -> Verdict:
    """A table in the folder `before` with the same in `after`."""
    old, new = (folder / f"{table}.csv" for folder in (before, after))
    missing = [where for where, path in (("the reports", old), ("what was made", new)) if not path.exists()]
    if missing:
        return Verdict(table, CHANGED, f"is not among {missing[0]}")
    if old.read_bytes() == new.read_bytes():
        return Verdict(table, EQUAL, "")
    frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (old, new)]
    return _differences(table, *frames, tolerance)


def _differences(table: str, old: pd.DataFrame, new: pd.DataFrame, tolerance: float) -> Verdict:
    keys, values = results.SCHEMA[table]
    if columns := sorted({*old} ^ {*new}):
        return Verdict(table, CHANGED, f"other columns: {', '.join(columns)}")
    both = old.merge(new, "outer", keys, suffixes=(" old", " new"), indicator=True, validate="1:1")
    gone, added = (int((both["_merge"] == side).sum()) for side in ("left_only", "right_only"))
    said = [f"{count:,} rows {what}" for count, what in ((gone, "gone"), (added, "new")) if count]
    both, largest = both[both["_merge"] == "both"], 0.0
    for name in values:
        off = [_difference(*pair) for pair in zip(both[f"{name} old"], both[f"{name} new"]) if pair[0] != pair[1]]
        if off:
            largest = max(largest, *off)
            said.append(f"{name} differs in {len(off):,} rows, by {max(off):.1e} at most")
    verdict = CHANGED if gone or added or largest > tolerance else WITHIN
    return Verdict(table, verdict, "; ".join(said) or "the order of rows")


def _difference(old: str, new: str) -> float:
    """Relative; infinite between words."""
    try:
        a, b = float(old), float(new)
    except ValueError:
        return math.inf
    scale = max(abs(a), abs(b))
    relative = abs(a - b) / scale if scale else 0.0
    return relative if relative < math.inf else math.inf
