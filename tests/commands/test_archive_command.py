"""`labelnoise archive`, and `labelnoise verify` in what it wrote, on a study of a few files whose stages copy."""

import csv
import hashlib
import io
import json
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from dvc.repo import Repo
from made_accuracy import tables

from labelnoise import artifacts, cli, results
from labelnoise.archive import citation, contents, derived, manifest, write
from labelnoise.archive.piece import Piece, in_words
from labelnoise.data import npz
from labelnoise.noise import noisy_labels
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.types import Dataset

ROOT = Path(__file__).parents[2]
AT = artifacts.of("digits")
CITED = """\
title: A study of labels
abstract: What it is about.
license: MIT
authors:
  - name: the makers
  - {given-names: Ada, family-names: Byron, orcid: "https://orcid.org/0000-0000-0000-0001"}
"""
# each stage copies what the folder `source` has of it; `uncertainty` and `recheck` take it from the runs
COPY = """
import shutil, sys
from pathlib import Path
assert sys.argv[1:] == ["--dataset", "digits"]
for path in {source}.rglob("*.*"):
    target = Path({target!r}, path.relative_to({source}))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy(path, target)
"""
RANKS = "method,oracle,cells,mean_rank,best,worst,mean_accuracy,beats_early_stopping,loses_to_early_stopping,"
RANKS += "critical_difference,friedman_p\nelr,False,1,1,1,1,0.9,1,0,0.5,0.01\n"
TABLES = {
    "uncertainty": ["accuracy", "calibration", "intervals"], "recheck": ["budget"], "covered": ["coverage"],
    "claims": ["ranks"],
}  # fmt: skip
PIXELS, CLEAN = np.arange(20 * 4, dtype=np.uint8).reshape(20, 1, 2, 2), np.arange(20) % 2
NAMES = [f"a/{n},1.png" for n in range(20)]
DATASET = Dataset(PIXELS, CLEAN, np.arange(20) % 5, ["zero", "one"], {}, {"given": CLEAN}, NAMES)
LABELS = np.stack([np.where(np.arange(20) % 5 == seed, -1, np.arange(20) // 3 % 2) for seed in (0, 1)]).astype(
    np.int16
)
NOISY = NoisyLabels(
    np.array(["symmetric"] * 2), np.array([0.4, 0.4]), np.array([0, 1]), LABELS, np.zeros((2, 2, 2)),
    np.zeros((2, 2, 2)), np.array([0.41, 0.39]), LABELS, np.full_like(LABELS, -1),
)  # fmt: skip


def csv_of(frame):
    return frame.to_csv(index=False, float_format="%.6g")


def stage(name, outs, small=()):
    listed = [*map(str, outs), *({str(out): {"cache": False}} for out in small)]
    deps = [str(AT.trained) if name in ("uncertainty", "recheck") else f"source/{name}"]
    return {
        "cmd": f"python stages/{name}.py --dataset digits",
        "desc": f"the {name}",
        "deps": deps,
        "outs": listed,
    }


def stages():
    table = {name: [AT.tables / f"{each}.csv" for each in made] for name, made in TABLES.items()}
    return {
        "own_files": stage("own_files", [artifacts.OWN_FILES]),
        "download": stage("download", [AT.images]),
        "noise": stage("noise", [AT.noise]),
        "detect": stage("detect", [AT.detect]),
        "list": stage("list", [AT.reports / "label_studio.json"], [AT.reports / "list.html"]),
        "train": stage("train", [AT.trained]),
        "uncertainty": stage("uncertainty", table["uncertainty"]),
        "recheck": stage("recheck", [], table["recheck"]),
        "covered": stage("covered", [], table["covered"]),
        "claims": stage("claims", [], table["claims"]),
    }


def source():
    """What stages write, by stage and path."""
    made = tables()
    whole = derived.TABLES["intervals"].made(made, 0.95).assign(oracle=False, interval="seeds", floor=np.nan)
    made["intervals"] = whole[results.columns("intervals")]
    texts = {name: csv_of(frame) for name, frame in made.items()}
    texts |= {"budget": csv_of(results.empty("budget")), "coverage": csv_of(results.empty("coverage"))}
    trained = {name: texts[name] for stage in ("uncertainty", "recheck") for name in TABLES[stage]}
    return {
        "own_files": {artifacts.OWN_FILES / "digits" / "data.txt": "none"},
        "list": {AT.reports / "list.html": "<img src='data:image/png;base64,AA'>",
                 AT.reports / "label_studio.json": '["data:image/png;base64,AA"]'},
        "train": {AT.trained / f"{name}.csv": text for name, text in trained.items()},
        "covered": {AT.tables / "coverage.csv": texts["coverage"]}, "claims": {AT.tables / "ranks.csv": RANKS},
        "detect": {AT.detect: "detected"},
    }  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The study, reproduced by DVC and committed."""
    folder = tmp_path_factory.mktemp("study")
    for name in ("params.yaml", "claims.yaml", "registration.yaml"):
        shutil.copy(ROOT / name, folder)
    (folder / "CITATION.cff").write_text(CITED)
    (folder / ".gitignore").write_text(
        "/data/\n/runs/\n/reports/digits/label_studio.json\n/reports/digits/tables/a*\n"
        "/reports/digits/tables/calibration.csv\n/reports/digits/tables/intervals.csv\n"
    )
    (folder / "src").mkdir()
    (folder / "tool.sh").write_text("#!/bin/sh\n")
    (folder / "tool.sh").chmod(0o755)
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages()}, sort_keys=False))
    for name in stages():
        files = {Path(path): text for path, text in source().get(name, {}).items()}
        for path, text in files.items():
            target = folder / "source" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        script = COPY.format(source=f"Path(__file__).parents[1].joinpath('source', '{name}')", target=".")
        if name in ("uncertainty", "recheck"):
            script = COPY.format(source=f"Path('{AT.trained}')", target=str(AT.tables))
        (folder / "stages").mkdir(exist_ok=True)
        (folder / "stages" / f"{name}.py").write_text(script)
    npz.save(DATASET, folder / "source" / "download" / AT.images)
    noisy_labels.save(NOISY, folder / "source" / "noise" / AT.noise)
    git(folder, "init", "-q")
    Repo.init(str(folder))
    (folder / ".dvc" / "config").write_text("[core]\n    analytics = false\n    autostage = false\n")
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    commit(folder)
    return folder


def git(folder, *words):
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Study")


@pytest.fixture
def study(finished, tmp_path, monkeypatch):
    """A copy to change."""
    folder = tmp_path / "study"
    shutil.copytree(finished, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def ended(capsys, *words):
    """Exit code or line, standard output, standard error."""
    code = 0
    try:
        cli.main([str(word) for word in words])
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr()
    return code, said.out, said.err


def archived(capsys, out, *words):
    code, *said = ended(capsys, "archive", "--out", out, *words)
    assert code == 0
    return said


@pytest.fixture(scope="module")
def unpacked(finished, tmp_path_factory):
    """The archive without runs, for reading alone."""
    folder = tmp_path_factory.mktemp("archive") / "study"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(finished)
        cli.main(["archive", "--out", str(folder)])
    return folder


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_archives_are_equal_in_every_byte(study, unpacked, tmp_path, capsys):
    out, err = archived(capsys, tmp_path / "one.zip")
    for path in study.rglob("*"):
        path.touch()
    archived(capsys, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        assert file.testzip() is None and file.namelist()[:-1] == sorted(file.namelist()[:-1])
        assert {name: file.read(name) for name in file.namelist()} == content(unpacked)
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in file.infolist()}
    assert modes["tool.sh"] == 0o755 and modes["params.yaml"] == 0o644
    assert (unpacked / "tool.sh").stat().st_mode & 0o111 and not (unpacked / "params.yaml").stat().st_mode & 0o111
    assert re.fullmatch(r".*one\.zip: commit [0-9a-f]{12}, \d+ files, [\d.]+ [kM]B\n", out)
    assert re.match(r"\d+ files, [\d.]+ [kM]B before they are compressed\n", err)
    assert re.search(r"what was trained is left out, [\d.]+ kB: --runs takes it in\n", err)


def test_what_is_in_it(unpacked, finished):
    found = content(unpacked)
    for name in ("dvc.lock", "dvc.yaml", "params.yaml", "claims.yaml", "registration.yaml", "CITATION.cff",
                 "stages/claims.py", "reports/digits/list.html", "reports/digits/label_studio.json",
                 *(f"{AT.tables}/{table}.csv" for made in TABLES.values() for table in made)):  # fmt: skip
        assert found[name] == (finished / name).read_bytes(), name
    assert not [name for name in found if name.startswith(("data/", "runs/", ".git/", ".dvc/cache"))]
    lines = found[manifest.NAME].decode().splitlines()
    assert lines == [f"{hashlib.sha256(found[n]).hexdigest()}  {n}" for n in sorted(found) if n != manifest.NAME]
    facts = json.loads(found[contents.ENVIRONMENT])
    assert facts["python"] == platform.python_version() and facts["packages"]["numpy"] == np.__version__
    assert not [name for name, of in found.items() if str(finished).encode() in of]
    assert facts.keys() == {"python", "implementation", "system", "machine", "packages"}  # and no host


def test_the_crate_has_what_the_specification_demands(unpacked, finished):
    """RO-Crate 1.2: the descriptor, the root, its parts; every reference within it leads somewhere."""
    said = json.loads((unpacked / "ro-crate-metadata.json").read_text())
    by_id = {entity["@id"]: entity for entity in said["@graph"]}
    assert said["@context"] == "https://w3id.org/ro/crate/1.2/context" and len(by_id) == len(said["@graph"])
    descriptor, root = by_id["ro-crate-metadata.json"], by_id["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    date, commit = subprocess.check_output(
        ["git", "log", "-1", "--format=%cs %H"], cwd=finished, text=True
    ).split()
    assert root["@type"] == "Dataset" and root["name"] == "A study of labels"
    assert root["datePublished"] == date and root["version"] == commit and commit in root["description"]
    assert by_id[root["license"]["@id"]]["name"] == "MIT" and root["license"]["@id"].endswith("/licenses/MIT")
    assert [by_id[author["@id"]]["name"] for author in root["author"]] == ["the makers", "Ada Byron"]
    parts = {part["@id"] for part in root["hasPart"]}
    data = {key for key, entity in by_id.items() if entity["@type"] in ("File", "Dataset")} - {"./"}
    assert parts == data and all((unpacked / part).exists() for part in parts)
    assert {path for path in content(unpacked) if path.startswith(("reports/", "labels/"))} <= parts
    for entity in said["@graph"]:
        for value in entity.values():
            for each in value if isinstance(value, list) else [value]:
                inside = isinstance(each, dict) and not each["@id"].startswith("http")
                assert not inside or each["@id"] in by_id
    accuracy = by_id["reports/digits/tables/accuracy.csv"]
    assert accuracy["description"] == "by stage uncertainty: the uncertainty"
    assert int(accuracy["contentSize"]) == (unpacked / accuracy["@id"]).stat().st_size


def test_label_sets_have_what_croissant_demands(unpacked):
    folder = unpacked / "labels" / "digits"
    said = json.loads((folder / "croissant.json").read_text())
    needed = {
        "@context",
        "@type",
        "conformsTo",
        "description",
        "license",
        "name",
        "url",
        "creator",
        "datePublished",
    }
    assert needed <= said.keys() and said["@type"] == "sc:Dataset"
    assert said["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    for file in said["distribution"]:
        assert file["sha256"] == hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest()
    columns = {}
    for records in said["recordSet"]:
        for field in records["field"]:
            assert field["@id"].startswith(f"{records['@id']}/") and field["description"] and field["dataType"]
            columns.setdefault(field["source"]["fileObject"]["@id"], []).append(
                field["source"]["extract"]["column"]
            )
        assert records["key"]["@id"] in [field["@id"] for field in records["field"]]
    rows = list(csv.DictReader(io.StringIO((folder / "labels.csv").read_text())))
    assert list(rows[0]) == columns["labels.csv"] and len(rows) == 20
    for k, seed in enumerate((0, 1)):
        assert [int(row[f"symmetric_0.4_seed{seed}"]) for row in rows] == LABELS[k].tolist()
    assert [int(row["clean"]) for row in rows] == [int(row["human_given"]) for row in rows] == [0, 1] * 10
    assert rows[3]["file"] == "a/3,1.png" and rows[3]["index"] == "3" and rows[3]["test_fold"] == "3"
    assert (folder / "classes.csv").read_text() == "class,name\n0,zero\n1,one\n"


def test_tables_have_their_dictionary(unpacked):
    folder = unpacked / AT.tables
    said = json.loads((folder / "csv-metadata.json").read_text())
    assert said["@context"] == "http://www.w3.org/ns/csvw"
    by_name = {table["url"]: table["tableSchema"] for table in said["tables"]}
    assert by_name.keys() == {path.name for path in folder.glob("*.csv")}
    for name, schema in by_name.items():
        frame = pd.read_csv(folder / name)
        assert [column["name"] for column in schema["columns"]] == list(frame)
        assert all(column["dc:description"] for column in schema["columns"])
        assert not frame.duplicated(schema["primaryKey"]).any()
    types = {column["name"]: column["datatype"] for column in by_name["accuracy.csv"]["columns"]}
    assert types["method"] == "string" and types["seed"] == {"base": "integer", "minimum": 0}
    assert types["test_accuracy"] == {"base": "number", "minimum": 0, "maximum": 1}
    assert types["oracle"] == {"base": "boolean", "format": "True|False"}


def verified(capsys, *words):
    """Exit code, rows of the table, the line on what is not made anew."""
    code, out, _ = ended(capsys, "verify", *words)
    lines = out.splitlines()[2:]
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines if not line.startswith("not made anew")}
    return code, rows, [line.split(": ")[1] for line in lines if line.startswith("not made anew")]


FOLLOW = "follow from accuracy and calibration"


def test_verify_without_runs(unpacked, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "archive"
    shutil.copytree(unpacked, folder)
    monkeypatch.chdir(folder)
    before = content(folder)
    expected = {"coverage": "equal", "intervals": f"equal 32 of 32 rows {FOLLOW}", "ranks": "equal"}
    assert verified(capsys) == (0, expected, ["accuracy, budget, calibration"])
    assert content(folder) == before
    accuracy = folder / AT.tables / "accuracy.csv"
    table = pd.read_csv(accuracy)
    at = table.index[(table["method"] == "elr") & (table["selection"] == "last")][0]
    table.loc[at, "test_accuracy"] += 0.001
    accuracy.write_text(csv_of(table))
    (folder / AT.tables / "ranks.csv").write_text(RANKS.replace("0.9", "0.8"))
    (folder / "params.yaml").write_bytes(before["params.yaml"] + b"# mine\n")
    (folder / "tool.sh").unlink()
    code, rows, _ = verified(capsys)
    assert code == 1 and rows.pop("coverage") == "equal"
    assert rows["intervals"].startswith("changed mean differs in 2 rows, by 1.9e-04 at most; ")
    assert rows["ranks"] == "changed mean_accuracy differs in 1 rows, by 1.1e-01 at most"
    off = "changed is not as it was archived"
    assert rows["tool.sh"] == "changed is gone" and rows["params.yaml"] == off
    assert rows[accuracy.relative_to(folder).as_posix()] == rows["reports/digits/tables/ranks.csv"] == off


def test_verify_with_runs_makes_every_table_anew(study, tmp_path, monkeypatch, capsys):
    out = tmp_path / "runs.zip"
    _, err = archived(capsys, out, "--runs")
    assert "left out" not in err
    zipfile.ZipFile(out).extractall(tmp_path / "archive")
    monkeypatch.chdir(tmp_path / "archive")
    assert Path(AT.trained, "accuracy.csv").is_file() and AT.noise.is_file() and not AT.images.exists()
    code, rows, apart = verified(capsys)
    made = {table: "equal" for names in TABLES.values() for table in names}
    assert (code, rows, apart) == (0, made, []) and not AT.images.exists()
    Path(AT.tables, "calibration.csv").write_text(
        Path(AT.tables, "calibration.csv").read_text().replace("0.", "0.1")
    )
    code, rows, _ = verified(capsys)
    assert code == 1 and rows["calibration"].startswith("changed ") and rows["accuracy"] == "equal"


def test_images_of_ones_own_are_left_out_unless_asked_for(study):
    own = SimpleNamespace(data=SimpleNamespace(source="folder"))
    p = SimpleNamespace(study=SimpleNamespace(datasets=["digits"]), datasets={"digits": own})
    found = contents.of_study(study, p, True, False)
    assert found.left_out == ["digits"]
    held = [
        piece for piece in found.pieces if b"data:image" in piece.read() and not piece.path.startswith("source/")
    ]
    assert held == [] and str(AT.images) not in [piece.path for piece in found.pieces]
    asked = contents.of_study(study, p, True, True)
    more = {piece.path for piece in asked.pieces} - {piece.path for piece in found.pieces}
    assert asked.left_out == []
    assert more == {str(AT.images), "reports/digits/list.html", "reports/digits/label_studio.json"}


def test_what_does_not_fit_is_one_line_and_nothing_is_written(study, tmp_path, capsys):
    out = tmp_path / "a.zip"
    there = sorted(tmp_path.iterdir())

    def refused():
        code, said, _ = ended(capsys, "archive", "--out", out)
        assert "\n" not in code and said == "" and sorted(tmp_path.iterdir()) == there
        return code

    assert ended(capsys, "archive", "--out", study)[0].endswith(": is there already; allowed: another name")
    assert ended(capsys, "archive", "--out", "no/a.zip")[0] == (
        "error: --out no/a.zip: no is no folder; allowed: one that is there"
    )
    Path("claims.yaml").write_text(Path("claims.yaml").read_text() + "# mine\n")
    assert refused().startswith("error: changed and not committed: claims.yaml; commit first")
    commit(study)
    Path("source/download/more.txt").write_text("")
    assert refused() == (
        "error: not reproduced: download; download: source/download modified; "
        "allowed: after `make` or `dvc pull`, and a commit (`labelnoise why` has all)"
    )
    Path("source/download/more.txt").unlink()
    Path("CITATION.cff").unlink()
    commit(study)
    assert (
        refused()
        == "error: CITATION.cff: is not committed; allowed: one with the archive's title, license, authors"
    )
    shutil.rmtree(".git")
    assert refused().startswith("error: git status: fatal: not a git repository")


@pytest.mark.parametrize("text, said", [
    ("title: [", "is no YAML"),
    ("title: A\nlicense: MIT\n", "authors is missing"),
    ("title: A\nauthors: [{name: B}]\n", "license is missing"),
    ("- title", "title is missing"),
    ("title: A\nlicense: MIT\nauthors: [{alias: B}]\n", "authors: number 1 has no name"),
])  # fmt: skip
def test_a_citation_that_lacks_something(text, said):
    with pytest.raises(ValueError, match=f"^CITATION.cff: {said}"):
        citation.read(text.encode())


@pytest.mark.parametrize("name", ["a.zip", "folder"])
def test_a_killed_one_leaves_nothing(tmp_path, monkeypatch, name):
    pieces = [Piece("a/one", b"1"), Piece("b/two", b"2")]
    copy, done = write._copy, []

    def stopped(piece, opened):
        if done:
            raise KeyboardInterrupt
        done.append(copy(piece, opened))
        return done[0]

    monkeypatch.setattr(write, "_copy", stopped)
    with pytest.raises(KeyboardInterrupt):
        write.archive(pieces, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "size, said", [(0, "0 kB"), (1500, "1.5 kB"), (2_000_000, "2 MB"), (1_660_000_000, "1.7 GB")]
)
def test_sizes_in_words(size, said):
    assert in_words(size) == said
