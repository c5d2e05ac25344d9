"""`labelnoise verify`: the tables of what was trained, made anew from stored runs by the stages that made them.

They run in a temporary folder, on what the project's earlier stages wrote; nothing of the project is changed. In
an unpacked archive all files are held against its checksums first. Without runs there, tables are made that follow
from other tables. The findings in README.md are held against the tables of the project's first data set.
"""

import io
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from labelnoise import artifacts, params, reproduce, results
from labelnoise.archive import derived, manifest
from labelnoise.commands import words
from labelnoise.data.words import counted
from labelnoise.params import Params
from labelnoise.report import metrics, readme

# in this order: intervals are counted, and claims tested, on the tables of the others
STAGES = ("uncertainty", "recheck", "covered", "claims")
OF_RUNS = ("uncertainty", "recheck")  # those that read what was trained
DERIVED = ""  # in place of a stage: tables of none of these that follow from others
RATE = "realised_rate"
EQUAL, WITHIN, CHANGED, NOT_MADE = "equal", "within tolerance", "changed", "not made anew"


class Verdict(NamedTuple):
    """What became of a table."""

    table: str
    verdict: str
    why: str


def run(args: SimpleNamespace) -> None:
    p = params.load()
    name = args.dataset or p.study.datasets[0]
    words.check_name("--dataset", name, p.datasets)
    archived = Path(manifest.NAME).exists()
    everything = _archived(name) if archived else tables(Path())
    wanted = _wanted(everything, args.tables.split(",") if args.tables else None)
    found = (
        in_archive(p, name, wanted, args.tolerance) if archived else verify(Path(), name, wanted, args.tolerance)
    )
    if not args.tables and name == p.study.datasets[0]:
        found += findings(p, name)
    print(words.table(pd.DataFrame([verdict for verdict in found if verdict.verdict != NOT_MADE])))
    apart = [verdict for verdict in found if verdict.verdict == NOT_MADE]
    for verdict in apart:
        if verdict.why:
            print(f"{verdict.table}: {NOT_MADE}: {verdict.why}")
    if apart := [verdict.table for verdict in apart if not verdict.why]:
        print(f"not made anew, as that takes what was trained (archive --runs): {', '.join(apart)}")
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


def _archived(name: str) -> dict[str, list[str]]:
    """The tables that can be made anew, of those in the archive."""
    there = {Path(path) for path in manifest.listed(Path())}
    return {
        stage: [table for table in made if artifacts.of(name).tables / f"{table}.csv" in there]
        for stage, made in (tables(Path()) | {DERIVED: ["detection_intervals"]}).items()
    }


def in_archive(p: Params, name: str, wanted: dict[str, list[str]], tolerance: float) -> list[Verdict]:
    """The same in the unpacked archive in this folder: files that were altered first, then tables."""
    words.tell(f"{manifest.NAME}: checks {len(manifest.listed(Path())):,} files")
    altered = [Verdict(path, CHANGED, why) for path, why in manifest.altered(Path())]
    words.tell(f"{counted(len(altered), 'file was', 'files were')} altered since")
    apart = [DERIVED] if artifacts.of(name).trained.exists() else [DERIVED, *OF_RUNS]
    by_stage = verify(Path(), name, {stage: wanted[stage] for stage in STAGES if stage not in apart}, tolerance)
    follow = [table for stage in apart for table in wanted[stage]]
    return altered + by_stage + [_followed(p, name, table, tolerance) for table in sorted(follow)]


def _followed(p: Params, name: str, table: str, tolerance: float) -> Verdict:
    """A table, as far as it follows from others."""
    if table not in derived.TABLES:
        return Verdict(table, NOT_MADE, "")
    folder, how = artifacts.of(name).tables, derived.TABLES[table]
    new = how.made({needed: results.read(needed, folder) for needed in how.needs}, p.evaluate.level)
    whole = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    old = whole[whole["metric"].isin(new["metric"].unique())] if "metric" in new else whole
    verdict, said = _differences(table, old[list(new)], _as_text(new), tolerance, derived.SIX_DIGITS)
    follow = f"{len(old):,} of {len(whole):,} rows follow from {' and '.join(how.needs)}"
    return Verdict(table, verdict if said else EQUAL, "; ".join(filter(None, [said, follow])))


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """As it is read from a file."""
    text = frame.to_csv(index=False, float_format="%.6g")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def verify(project: Path, name: str, wanted: dict[str, list[str]], tolerance: float) -> list[Verdict]:
    """wanted: tables by the stage that writes them. ValueError where a stage fails."""
    project, paths = project.resolve(), artifacts.of(name)
    needs_runs = any(wanted.get(stage) for stage in OF_RUNS)
    if needs_runs and not (project / paths.trained).exists():
        raise ValueError(f"{paths.trained}: no such folder; allowed: after `make`, or `dvc pull train@{name}`")
    with tempfile.TemporaryDirectory() as made:
        _inputs(project, Path(made), paths.tables, [table for names in wanted.values() for table in names])
        if needs_runs:
            _made_anew(project, Path(made), name)
        for stage in (stage for stage, names in wanted.items() if names):
            words.tell(f"{stage}: makes {', '.join(wanted[stage])}")
            _run(project, Path(made), stage, name)
        folders = project / paths.tables, Path(made) / paths.tables
        return [compare(table, *folders, tolerance) for names in wanted.values() for table in names]


def _inputs(project: Path, folder: Path, tables: Path, left_out: list[str]) -> None:
    """Links to what stages read: parameters, data, runs, and the tables that are not made anew."""
    (folder / tables).mkdir(parents=True)
    own = [path.relative_to(project) for path in (project / tables).glob("*.csv") if path.stem not in left_out]
    data = [path.relative_to(project) for path in (project / "data").rglob("*") if path.is_file()]
    for path in map(Path, ["params.yaml", "claims.yaml", "registration.yaml", "runs", *data, *own]):
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(project / path)


def _made_anew(project: Path, folder: Path, name: str) -> None:
    """Images that an archive left out, and what networks see in their place, by the stages that made them."""
    inputs = {"download": artifacts.of(name).images}
    if params.load(project / "params.yaml").datasets[name].inputs:
        inputs["features"] = artifacts.of(name).features
    for stage, path in inputs.items():
        if not (folder / path).exists():
            words.tell(f"{stage}: makes {path}, which is not here")
            _run(project, folder, stage, name)


def _run(project: Path, folder: Path, stage: str, name: str) -> None:
    command = [sys.executable, project / "stages" / f"{stage}.py", "--dataset", name]
    environment = reproduce.environment(project)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1].removeprefix("error: ")
        unknown = "; `labelnoise why` says whether params.yaml asks for more than was trained"
        raise ValueError(f"{stage}: {said}{unknown if 'Traceback' in done.stderr else ''}")


def findings(p: Params, name: str) -> list[Verdict]:
    """Whether README.md says what the tables of the data set say; nothing where it has no findings."""
    said = readme.said(readme.README.read_text("utf-8")) if readme.README.exists() else None
    if said is None:
        return []
    folder = artifacts.of(name).tables
    if missing := [table for table in metrics.NEEDED if not (folder / f"{table}.csv").exists()]:
        return [Verdict(str(readme.README), NOT_MADE, f"no table {missing[0]}")]
    tables = metrics.read(folder)
    told = readme.findings(tables, name, p.report.noise, p.report.noise_rate, p.evaluate.level)
    why = "its findings are not those of the tables; `dvc repro -f -s report` writes them"
    return [Verdict(str(readme.README), *((EQUAL, "") if told == said else (CHANGED, why)))]


def compare(table: str, before: Path, after: Path, tolerance: float) -> Verdict:
    """A table in the folder `before` with the same in `after`."""
    old, new = (folder / f"{table}.csv" for folder in (before, after))
    missing = [where for where, path in (("the reports", old), ("what was made", new)) if not path.exists()]
    if missing:
        return Verdict(table, CHANGED, f"is not among {missing[0]}")
    if old.read_bytes() == new.read_bytes():
        return Verdict(table, EQUAL, "")
    frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (old, new)]
    verdict, said = _differences(table, *frames, tolerance)
    return Verdict(table, verdict, said or "the order of rows")


def _differences(
    table: str, old: pd.DataFrame, new: pd.DataFrame, tolerance: float, rounding: float = 0
) -> tuple[str, str]:
    """Verdict, and what differs. The realised rate is compared as a number, since the nominal one names the cell.

    rounding: what may differ for nothing, as a share of the largest number of a column (and metric).
    """
    if columns := sorted({*old} ^ {*new}):
        return CHANGED, f"other columns: {', '.join(columns)}"
    keys = [name for name in results.SCHEMA[table][0] if name != RATE]
    values = [name for name in results.columns(table) if name in new and name not in keys]
    both = old.merge(new, "outer", keys, suffixes=(" old", " new"), indicator=True, validate="1:1")
    gone, added = (int((both["_merge"] == side).sum()) for side in ("left_only", "right_only"))
    said = [f"{count:,} rows {what}" for count, what in ((gone, "gone"), (added, "new")) if count]
    both, largest = both[both["_merge"] == "both"], 0.0
    for name in values:
        pairs = [both[f"{name} {side}"] for side in ("old", "new")]
        other = (pairs[0] != pairs[1]) & ~_rounded(*pairs, both.get("metric"), rounding)
        if off := [_difference(*pair) for pair in zip(*(side[other] for side in pairs))]:
            largest = max(largest, *off)
            said.append(f"{name} differs in {len(off):,} rows, by {max(off):.1e} at most")
    return CHANGED if gone or added or largest > tolerance else WITHIN, "; ".join(said)


def _rounded(old: pd.Series, new: pd.Series, metric: pd.Series | None, share: float) -> pd.Series:
    """Where two numbers differ by `share` of the largest one at most."""
    a, b = (pd.to_numeric(side, errors="coerce").astype(float) for side in (old, new))
    size = a.abs().where(np.isfinite(a))
    largest = size.max() if metric is None else size.groupby(metric).transform("max")
    return (a - b).abs() < share * largest


def _difference(old: str, new: str) -> float:
    """Relative; infinite between words."""
    try:
        a, b = float(old), float(new)
    except ValueError:
        return math.inf
    scale = max(abs(a), abs(b))
    relative = abs(a - b) / scale if scale else 0.0
    return relative if relative < math.inf else math.inf
