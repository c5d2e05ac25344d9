"""The noise, list and recheck stages as scripts: lists go out, answers come in, only new labels are trained."""

import csv
import html
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import synthetic_recheck as tiny
import yaml

from labelnoise import columns, files, quick, results
from labelnoise.data import npz

ROOT = Path(__file__).parents[2]
FILES = {name: Path(f"{name}.npz") for name in ("data", "noise", "detect", "given")}
LISTS, TABLES = Path("lists"), Path("tables")
OVER = {
    "study": {"seeds": 2},
    "run": {"workers": 1, "device": "cpu"},
    "methods!": {"cross_entropy": {}},
    "variants!": {},
    "networks": {"mlp": {"hidden": [8]}},
    "datasets": {
        "digits": {
            "data": {"folds": 3},
            "training": {"epochs": 2},
            "bootstrap": {"cells!": {"symmetric": [0.4]}, "seeds": 2},
            "detection": {"seeds": 2, "checked": 1},
            "noises!": {"symmetric": [0.4]},
            "detection_noises!": {},
        }
    },
    "claims!": {"seeds": 2, "level": 0.95, "variants": {}},
    "figures!": {},
    "recheck": {"retrain": {"cells!": {"symmetric": [0.4]}, "shares": [0.4], "seeds": 1}, "export": 5},
}


def stage(name, **more):
    words = ["--dataset", "digits", "--data", "data.npz", "--tables", "tables"]
    for option, value in more.items():
        words += [f"--{option.replace('_', '-')}", str(value)]
    sys.argv = [name, *words]
    runpy.run_path(str(ROOT / "stages" / f"{name}.py"), run_name="__main__")


def noise():
    stage("noise", out="noise.npz")
    return columns.load(FILES["noise"])


def recheck(drawn):
    """The list and recheck stages on what detect would find; table name -> table."""
    tiny.save(tiny.detected(drawn), FILES["detect"])
    files.save_arrays(FILES["given"], {})
    results.write("left_out", results.empty("left_out"), TABLES)
    stage("list", noise="noise.npz", detect="detect.npz", out_folder=LISTS)
    stage("recheck", noise="noise.npz", detect="detect.npz", given="given.npz")
    return {path.stem: results.read(path.stem, TABLES) for path in TABLES.glob("*.csv")}


def listed():
    with (LISTS / "to_recheck.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with parameters and a data set of 60 images."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    parameters(OVER)
    npz.save(tiny.dataset(files=True), FILES["data"])
    return tmp_path


def parameters(over):
    values = quick.overlaid(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")), over)
    Path("params.yaml").write_text(yaml.safe_dump(values), "utf-8")


def stored():
    return {path.name for path in Path(".store").glob("*.npz")}


def test_round_trip(folder):
    first = recheck(noise())
    assert len(first["retrained"]) == 4 * 2 * 2 and first["retrained"]["test_accuracy"].notna().all()
    assert set(first) >= {"budget", "budget_needed", "errors_left", "gallery", "ledger"} and first["audit"].empty
    tasks = json.loads((LISTS / "label_studio.json").read_text("utf-8"))
    rows, written, trained = listed(), {p: p.read_bytes() for p in LISTS.iterdir()}, stored()
    flagged = max(at for at, row in enumerate(rows, 1) if row["tier"] != "rest")
    assert len(tasks) == flagged > 5 and len(rows) == 39
    assert [task["data"]["given"] for task in tasks] == [row["given"] for row in rows[:flagged]]
    told = (LISTS / "verdict.txt").read_text("utf-8")
    assert told.count("\n") == 1 and told.strip() in html.unescape((LISTS / "list.html").read_text("utf-8"))

    recheck(noise())
    assert written == {p: p.read_bytes() for p in LISTS.iterdir()} and stored() == trained

    with open("answers.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "label"])
        writer.writerows([row["file"], tiny.NAMES[tiny.CLEAN[int(row["index"])]]] for row in rows[:9])
    parameters(OVER | {"recheck": OVER["recheck"] | {"answers": {"digits": "answers.csv"}}})
    drawn = noise()
    assert list(drawn.noise) == ["symmetric", "symmetric", "rechecked"]
    second = recheck(drawn)
    assert {row["index"] for row in listed()} == {row["index"] for row in rows[9:]}
    assert stored() == trained  # the cells that are retrained have not changed
    ledger = second["ledger"].set_index(["noise", "seed"])["realised_rate"]
    repaired = sum(row["given"] != tiny.NAMES[tiny.CLEAN[int(row["index"])]] for row in rows[:9])
    assert repaired and np.isclose(ledger["symmetric", 0] - ledger["rechecked", 0], repaired / 39)
    audit = second["audit"].set_index("tier")
    assert audit["answered"][["obvious", "possible", "rest"]].sum() == 9
    assert audit["wrong"][["obvious", "possible", "rest"]].sum() == repaired


def test_a_wrong_answer_ends_the_noise_stage_with_one_line(folder):
    Path("answers.csv").write_text("file,label\nnowhere.png,a\n")
    parameters(OVER | {"recheck": OVER["recheck"] | {"answers": {"digits": "answers.csv"}}})
    with pytest.raises(SystemExit) as stopped:
        noise()
    assert str(stopped.value).startswith("error: answers.csv: line 2: unknown file 'nowhere.png'")
    assert "\n" not in str(stopped.value) and not FILES["noise"].exists()


def test_labels_from_people_without_truth(folder):
    own = {**OVER["datasets"]["digits"], "noises!": {"human_worse": [0.3]}, "bootstrap": {"cells!": {}}}
    parameters(OVER | {"datasets": {"digits": own}, "report": {"noise": "human_worse", "noise_rate": 0.3}})
    npz.save(tiny.dataset(truth=False)._replace(human_labels={"worse": tiny.WORSE}), FILES["data"])
    found = recheck(noise())
    assert found["budget"].empty and found["retrained"].empty and found["audit"].empty
    assert len(listed()) == tiny.N and len(found["gallery"]) and not stored()
