"""The noise, audit, list and recheck stages as scripts: lists go out, answers come in, what was trained stays."""

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
LISTS, TABLES, FRAME = Path("lists"), Path("tables"), Path("audit_frame.csv")
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
    "recheck": {
        "retrain": {"cells!": {"symmetric": [0.4]}, "shares": [0.4], "seeds": 1},
        "audit": {"looks": [10, 20], "draws": 20, "fits": 2},
        "export": 5,
    },
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
    """The audit, list and recheck stages on what detect would find; table name -> table."""
    tiny.save(tiny.detected(drawn), FILES["detect"])
    files.save_arrays(FILES["given"], {})
    for name in ("left_out", "input_faults", "copies", "model_check"):
        results.write(name, results.empty(name), TABLES)
    common = {"noise": "noise.npz", "detect": "detect.npz"}
    audit = common | {"seen": "seen_files.csv", "frame": FRAME}
    stage("audit", **audit)
    stage("list", **audit, out_folder=LISTS)
    stage("recheck", **common, given="given.npz")
    return {path.stem: results.read(path.stem, TABLES) for path in TABLES.glob("*.csv")}


def listed(name="to_recheck.csv"):
    with (LISTS / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def filled_in(rows):
    """As someone who never errs fills `rows` of to_audit.csv in; whether each label is wrong."""
    at = {name: example for example, name in enumerate(tiny.dataset(files=True).files)}
    answered = [row | {"label": tiny.NAMES[tiny.CLEAN[at[row["file"]]]]} for row in rows]
    with open("answers.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(answered)
    parameters(OVER | {"recheck": OVER["recheck"] | {"answers": {"digits": "answers.csv"}}})
    return {row["file"]: row["label"] != row["given"] for row in answered}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with parameters and a data set of 60 images, whose labels are made wrong on purpose."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    parameters(OVER)
    npz.save(tiny.dataset(files=True)._replace(human_labels={}), FILES["data"])
    return tmp_path


def parameters(over):
    values = quick.overlaid(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")), over)
    Path("params.yaml").write_text(yaml.safe_dump(values), "utf-8")


def stored():
    return {path.name for path in Path(".store").glob("*.npz")}


def test_round_trip(folder):
    first = recheck(noise())
    assert len(first["retrained"]) == 4 * 2 * 2 and first["retrained"]["test_accuracy"].notna().all()
    assert set(first) >= {"budget", "budget_needed", "errors_left", "gallery", "ledger"}
    assert len(first["audit_coverage"]) == 2 * 2 * 3 and len(first["recalibrated"]) == 2 * 3
    rate = first["audit"].query("what == 'rate'")
    assert (rate["labels"].item(), rate["answered"].item(), rate["look"].item()) == (39, 0, 0)
    tasks = json.loads((LISTS / "label_studio.json").read_text("utf-8"))
    rows, work, trained = listed(), listed("to_audit.csv"), stored()
    written = {path: path.read_bytes() for path in [*LISTS.iterdir(), FRAME]}
    suspects = {row["file"] for row in rows[: max(at for at, row in enumerate(rows, 1) if row["tier"] != "rest")]}
    order = asked_in_order()
    assert len(order) == 20 and {row["file"] for row in work} == suspects | set(order) and len(rows) == 39
    assert [{"file": task["data"]["file"], "given": task["data"]["given"]} for task in tasks] == [
        {"file": row["file"], "given": row["given"]} for row in work
    ]
    told = (LISTS / "verdict.txt").read_text("utf-8")
    assert told.count("\n") == 1 and told.strip() in html.unescape((LISTS / "list.html").read_text("utf-8"))

    recheck(noise())
    assert written == {path: path.read_bytes() for path in written} and stored() == trained

    last = max(at for at, row in enumerate(work, 1) if row["file"] in order[:10])
    wrong = filled_in(work[:last])
    drawn = noise()
    assert list(drawn.noise) == ["symmetric", "symmetric", "rechecked"]
    second = recheck(drawn)
    assert written[FRAME] == FRAME.read_bytes()  # drawn once
    assert {row["file"] for row in listed()} == {row["file"] for row in rows} - set(wrong)
    assert not {row["file"] for row in listed("to_audit.csv")} & set(wrong)
    assert stored() == trained  # the cells that are retrained have not changed
    ledger = second["ledger"].set_index(["noise", "seed"])["realised_rate"]
    assert sum(wrong.values())
    assert np.isclose(ledger["symmetric", 0] - ledger["rechecked", 0], sum(wrong.values()) / 39)
    rate = second["audit"].query("what == 'rate'")
    assert set(second["audit"]["noise"]) == {"symmetric"}  # the labels as given
    assert (rate["look"].item(), rate["answered"].item()) == (10, 10)
    assert rate["wrong"].item() == sum(wrong[name] for name in order[:10])
    truth = round(ledger["symmetric", 0] * 39)
    assert rate["low"].item() <= truth <= rate["high"].item() < 39
    assert "by an audit of 10 answers (95%)" in (LISTS / "verdict.txt").read_text("utf-8")


def asked_in_order():
    """Files of the audit in its order."""
    with FRAME.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["place"])]
    return [row["file"] for row in sorted(rows, key=lambda row: int(row["place"]))]


def test_a_damaged_frame_ends_the_audit_with_one_line(folder):
    recheck(noise())
    before = (TABLES / "audit.csv").read_bytes()
    FRAME.write_bytes(FRAME.read_bytes()[:-9])
    with pytest.raises(SystemExit) as stopped:
        recheck(noise())
    assert str(stopped.value).startswith("error: audit_frame.csv: not the frame of an audit")
    assert "\n" not in str(stopped.value) and (TABLES / "audit.csv").read_bytes() == before


def test_a_wrong_answer_ends_the_noise_stage_with_one_line(folder):
    Path("answers.csv").write_text("file,label\nnowhere.png,a\n")
    parameters(OVER | {"recheck": OVER["recheck"] | {"answers": {"digits": "answers.csv"}}})
    with pytest.raises(SystemExit) as stopped:
        noise()
    assert str(stopped.value).startswith("error: answers.csv: none of its 1 answers names a file of the data set")
    assert "\n" not in str(stopped.value) and not FILES["noise"].exists()


def test_labels_from_people_without_truth(folder):
    own = {**OVER["datasets"]["digits"], "noises!": {"human_worse": [0.3]}, "bootstrap": {"cells!": {}}}
    parameters(OVER | {"datasets": {"digits": own}, "report": {"noise": "human_worse", "noise_rate": 0.3}})
    npz.save(tiny.dataset(truth=False)._replace(human_labels={"worse": tiny.WORSE}), FILES["data"])
    found = recheck(noise())
    assert all(found[name].empty for name in ("budget", "retrained", "audit_coverage", "recalibrated"))
    assert found["audit"].query("what == 'rate'")["labels"].item() == tiny.N
    assert len(listed()) == tiny.N and len(found["gallery"]) and not stored()
