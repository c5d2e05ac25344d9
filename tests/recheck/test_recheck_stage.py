"""The noise and list stages as scripts: lists go out, answers come in."""

import csv
import html
import json
from pathlib import Path

import numpy as np
import pytest
import stage_script
import synthetic_recheck as tiny

from labelnoise import artifacts, files, results
from labelnoise.data import npz
from labelnoise.noise import noisy_labels

AT = artifacts.of("digits")
FRAME = AT.audit_frames / "1.csv"
OVER = {
    "study": {"seeds": 2, "first_seed": 0, "development": 0},
    "run": {"workers": 1, "device": "cpu"},
    "datasets": {
        "digits": {
            "data": {"folds": 3},
            "bootstrap": {"seeds": 2},
            "detection": {"seeds": 2, "checked": 1},
            "noises": {
                "symmetric": [0.4],
                **dict.fromkeys(("none", "asymmetric", "pair_flip", "instance_dependent")),
            },
            "detection_noises": dict.fromkeys(("pair_flip", "instance_dependent_as_published", "ambiguous")),
        }
    },
    "claims": {"seeds": 2},
    "recheck": {"cell": {"seed": 0}, "audit": {"looks": [10, 20]}, "export": 5},
}
ANSWERED = {"recheck": {"answers": {"digits": "answers.csv"}}}


def noise():
    stage_script.run("noise", "digits")
    return noisy_labels.load(AT.noise)


def listing(drawn):
    """The list stage on what detect would find; table name -> table."""
    tiny.save(tiny.detected(drawn), AT.detect)
    for name in ("left_out", "input_faults", "copies"):
        results.write(name, results.empty(name), AT.tables)
    stage_script.run("list", "digits")
    return {path.stem: results.read(path.stem, AT.tables) for path in AT.tables.glob("*.csv")}


def listed(name="to_recheck.csv"):
    with (AT.reports / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def filled_in(rows):
    """As someone who never errs fills `rows` of to_audit.csv in; whether each label is wrong."""
    at = {name: example for example, name in enumerate(tiny.dataset(files=True).files)}
    answered = [row | {"label": tiny.NAMES[tiny.CLEAN[at[row["file"]]]]} for row in rows]
    with open("answers.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(answered)
    stage_script.parameters(OVER, ANSWERED)
    return {row["file"]: row["label"] != row["given"] for row in answered}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with parameters and a data set of 60 images, whose labels are made wrong on purpose."""
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(OVER)
    npz.save(tiny.dataset(files=True)._replace(human_labels={}), AT.images)
    files.save_arrays(AT.features, {"0_pixels": tiny.IMAGES.reshape(tiny.N, -1).astype(np.float32)})
    files.save_arrays(AT.groups, {"group": np.arange(tiny.N), "same": np.arange(tiny.N)})
    return tmp_path


def test_round_trip(folder):
    first = listing(noise())
    rate = first["audit"].query("what == 'rate'")
    assert (rate["labels"].item(), rate["answered"].item(), rate["look"].item()) == (39, 0, 0)
    tasks = json.loads((AT.reports / "label_studio.json").read_text("utf-8"))
    rows, work = listed(), listed("to_audit.csv")
    written = {path: path.read_bytes() for path in [AT.model, *AT.reports.rglob("*")] if path.is_file()}
    suspects = {row["file"] for row in rows[: max(at for at, row in enumerate(rows, 1) if row["tier"] != "rest")]}
    order = asked_in_order()
    assert len(order) == 20 and {row["file"] for row in work} == suspects | set(order) and len(rows) == 39
    assert [{"file": task["data"]["file"], "given": task["data"]["given"]} for task in tasks] == [
        {"file": row["file"], "given": row["given"]} for row in work
    ]
    told = (AT.reports / "verdict.txt").read_text("utf-8")
    made_wrong, _, said = told.strip().partition(": ")
    assert told.count("\n") == 1 and made_wrong == "Labels made wrong on purpose (symmetric 0.4, seed 0)"
    assert said.removeprefix("about") in html.unescape((AT.reports / "list.html").read_text("utf-8"))

    listing(noise())
    assert written == {path: path.read_bytes() for path in written}

    last = max(at for at, row in enumerate(work, 1) if row["file"] in order[:10])
    wrong = filled_in(work[:last])
    drawn = noise()
    assert list(drawn.noise) == ["symmetric", "symmetric", "rechecked"]
    second = listing(drawn)
    assert written[FRAME] == FRAME.read_bytes()  # drawn once
    assert {row["file"] for row in listed()} == {row["file"] for row in rows} - set(wrong)
    assert not {row["file"] for row in listed("to_audit.csv")} & set(wrong)
    ledger = second["ledger"].set_index(["noise", "seed"])["realised_rate"]
    assert sum(wrong.values())
    assert np.isclose(ledger["symmetric", 0] - ledger["rechecked", 0], sum(wrong.values()) / 39)
    rate = second["audit"].query("what == 'rate'")
    assert set(second["audit"]["noise"]) == {"symmetric"}  # the labels as given
    assert (rate["look"].item(), rate["answered"].item()) == (10, 10)
    assert rate["wrong"].item() == sum(wrong[name] for name in order[:10])
    truth = round(ledger["symmetric", 0] * 39)
    assert rate["low"].item() <= truth <= rate["high"].item() < 39
    assert "by answers alone (95% limits, 10 labels drawn at random" in (AT.reports / "verdict.txt").read_text(
        "utf-8"
    )


def asked_in_order():
    """Files of the audit in its order."""
    with FRAME.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["place"])]
    return [row["file"] for row in sorted(rows, key=lambda row: int(row["place"]))]


def test_a_damaged_frame_ends_the_list_with_one_line(folder):
    listing(noise())
    before = (AT.tables / "audit.csv").read_bytes()
    FRAME.write_bytes(FRAME.read_bytes()[:-9])
    with pytest.raises(SystemExit) as stopped:
        listing(noise())
    assert str(stopped.value).startswith(f"error: {FRAME}: not the frame of an audit")
    assert "\n" not in str(stopped.value) and (AT.tables / "audit.csv").read_bytes() == before


def test_a_wrong_answer_ends_the_noise_stage_with_one_line(folder):
    Path("answers.csv").write_text("file,label\nnowhere.png,a\n")
    stage_script.parameters(OVER, ANSWERED)
    with pytest.raises(SystemExit) as stopped:
        noise()
    assert str(stopped.value).startswith("error: answers.csv: none of its 1 answers names a file of the data set")
    assert "\n" not in str(stopped.value) and not AT.noise.exists()


def test_labels_from_people_without_truth(folder):
    people = {"noises": {"symmetric": None, "human_worse": [0.3]}}
    stage_script.parameters(OVER, {"datasets": {"digits": people}})
    npz.save(tiny.dataset(truth=False)._replace(human_labels={"worse": tiny.WORSE}), AT.images)
    found = listing(noise())
    assert found["audit"].query("what == 'rate'")["labels"].item() == tiny.N
    assert len(listed()) == tiny.N and len(found["gallery"])
