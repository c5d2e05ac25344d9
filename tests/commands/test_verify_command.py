"""`labelnoise verify`: how tables are compared, and that stages make them anew beside the project."""

from pathlib import Path

import pytest
import yaml

from labelnoise import artifacts, cli, results
from labelnoise.commands import verify

ROOT = Path(__file__).parents[2]
HEAD = "setting,method,seed,classes_predicted,test_accuracy,mean_recall,smallest_recall,prior_loss\n"
ROWS = ["long_tail,elr,0,1,0.912345,0.5,0.1,0.25\n", "long_tail,elr,1,1,0.8,0.5,,0\n"]


NEGATIVE = [ROWS[0], ROWS[1].replace(",0\n", ",-0\n")]


def compared(tmp_path, before, after, tolerance=1e-5):
    """Verdict on the table imbalance with these rows before and after."""
    for name, rows in (("before", before), ("after", after)):
        (tmp_path / name).mkdir()
        if rows is not None:
            (tmp_path / name / "imbalance.csv").write_text(HEAD + "".join(rows))
    found = verify.compare("imbalance", tmp_path / "before", tmp_path / "after", tolerance)
    assert found.table == "imbalance"
    return found.verdict, found.why


def other(of, value):
    return [ROWS[0].replace(of, value), ROWS[1]]


@pytest.mark.parametrize("after, verdict, why", [
    (ROWS, "equal", ""),
    (other("0.912345", "0.912346"), "within tolerance", "test_accuracy differs in 1 rows, by 1.1e-06 at most"),
    (other("0.912345", "0.912445"), "changed", "test_accuracy differs in 1 rows, by 1.1e-04 at most"),
    (other("0.25", ""), "changed", "prior_loss differs in 1 rows, by inf at most"),
    (other("0.25", "inf"), "changed", "prior_loss differs in 1 rows, by inf at most"),
    (NEGATIVE, "within tolerance", "prior_loss differs in 1 rows, by 0.0e+00 at most"),
    (ROWS[:1], "changed", "1 rows gone"),
    ([*ROWS, ROWS[1].replace("elr,1", "elr,2")], "changed", "1 rows new"),
    (ROWS[::-1], "within tolerance", "the order of rows"),
    (None, "changed", "is not among what was made"),
])  # fmt: skip
def test_two_tables(tmp_path, after, verdict, why):
    assert compared(tmp_path, ROWS, after) == (verdict, why)


def test_other_columns_and_tables_that_the_reports_lack(tmp_path):
    assert compared(tmp_path, None, ROWS) == ("changed", "is not among the reports")
    (tmp_path / "before" / "imbalance.csv").write_text(HEAD.replace("prior_loss", "loss") + "".join(ROWS))
    found = verify.compare("imbalance", tmp_path / "before", tmp_path / "after", 1e-5)
    assert found.verdict == "changed" and found.why == "other columns: loss, prior_loss"


def test_tables_are_those_that_the_stages_write():
    found = verify.tables(ROOT)
    assert "accuracy" in found["uncertainty"] and "retrained" in found["recheck"] and "ranks" in found["claims"]
    assert {table for tables in found.values() for table in tables} <= set(results.SCHEMA)


STAGE = """
import sys
from pathlib import Path
assert sys.argv[1:] == ["--dataset", "digits"] and Path("runs/digits/trained/runs.csv").read_text() == "runs"
assert all(Path(name).read_text() for name in ("params.yaml", "claims.yaml", "registration.yaml"))
tables = Path("reports/digits/tables")
{body}
"""
BODIES = {
    "uncertainty": "(tables / 'imbalance.csv').write_text(Path('data/imbalance').read_text())",
    "recheck": "sys.exit('warning: before\\nerror: something is off')",
    "covered": "sys.exit(1)",
    "claims": "text = [(tables / f'{name}.csv').read_text() for name in ('imbalance', 'tiers')]\n"
    "(tables / 'ranks.csv').write_text(''.join(text))",
}
OUTS = {"uncertainty": "imbalance", "recheck": "retrained", "covered": "coverage", "claims": "ranks"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Stages that copy a table, fail, and put two tables together."""
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "claims.yaml", "registration.yaml"):
        Path(name).write_bytes((ROOT / name).read_bytes())
    outs = {stage: [{f"reports/x/tables/{table}.csv": {"cache": False}}] for stage, table in OUTS.items()}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {stage: {"outs": out} for stage, out in outs.items()}}))
    at = artifacts.of("digits")
    for folder in (at.trained, at.tables, Path("data"), Path("stages"), Path("src")):
        folder.mkdir(parents=True)
    for stage, body in BODIES.items():
        Path("stages", f"{stage}.py").write_text(STAGE.format(body=body))
    (at.trained / "runs.csv").write_text("runs")
    Path("data/imbalance").write_text(HEAD + "".join(ROWS))
    at.images.parent.mkdir()
    at.images.touch()
    (at.tables / "imbalance.csv").write_text(HEAD + "".join(ROWS))
    (at.tables / "tiers.csv").write_text("tiers")
    (at.tables / "ranks.csv").write_text(HEAD + "".join(ROWS) + "tiers")
    return tmp_path


def ended(capsys, *words):
    """Exit code, table on standard output."""
    code = 0
    try:
        cli.main(["verify", *words])
    except SystemExit as stopped:
        code = stopped.code
    lines = capsys.readouterr().out.splitlines()[2:]
    return code, {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def content(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_equal_changed_and_nothing_written(project, capsys):
    before = content(project)
    assert ended(capsys, "--tables", "imbalance,ranks") == (0, {"imbalance": "equal", "ranks": "equal"})
    assert content(project) == before
    Path("data/imbalance").write_text(HEAD + ROWS[0])
    code, found = ended(capsys, "--tables", "imbalance")
    assert code == 1 and found == {"imbalance": "changed 1 rows gone"}
    # claims reads the table of the reports where that one is not made anew
    assert ended(capsys, "--tables", "ranks") == (0, {"ranks": "equal"})


def test_a_table_that_its_stage_does_not_write_is_not_taken_from_the_reports(project, capsys):
    Path("stages/uncertainty.py").write_text("")
    code, found = ended(capsys, "--tables", "imbalance")
    assert code == 1 and found == {"imbalance": "changed is not among what was made"}


def test_what_does_not_fit_is_one_line(project, capsys):
    assert ended(capsys, "--tables", "accuracies")[0] == (
        "error: --tables accuracies: unknown; allowed: coverage, imbalance, ranks, retrained"
    )
    assert ended(capsys, "--dataset", "digit")[0].startswith("error: --dataset digit: unknown; allowed: ")
    assert ended(capsys)[0] == "error: recheck: something is off"
    (artifacts.of("digits").trained / "runs.csv").unlink()
    artifacts.of("digits").trained.rmdir()
    assert ended(capsys)[0].startswith("error: runs/digits/trained: no such folder; allowed: after `make`")
