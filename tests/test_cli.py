"""The command line, end to end on made digits, and every way in which it refuses."""

import csv
import subprocess
import sys
from pathlib import Path

import made_classifier as tiny
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelnoise
from labelnoise import cli
from labelnoise.classifier import store
from labelnoise.commands import find, predict
from labelnoise.data.entries import Entry
from labelnoise.detect import gate
from labelnoise.detect.types import ALL, RULE_A, Gate
from labelnoise.sections import Given, Onnx


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A folder of 300 digits, a fifth with a wrong label; the truth; a model trained on them."""
    folder = tmp_path_factory.mktemp("cli")
    truth = tiny.write(folder / "images")
    given = tiny.inputs(folder / "images", folder / "cache", truth, range(0, 300, 5))
    store.save(folder / "model.npz", tiny.made(given).model)
    return folder, dict(zip(given.dataset.files, truth))


COLUMNS = ["file", "given", "p_wrong", "tier", "sure", "suggestion", "two_labels", "group"]


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(capsys, *words):
    """Lines on standard output, and on standard error."""
    cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return said.out.splitlines(), said.err.splitlines()


def refused(*words):
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    said = str(stopped.value)
    assert said.startswith("error: ") and "\n" not in said
    return said


def test_find(digits, tmp_path, capsys):
    folder, truth = digits
    out, err = run(capsys, "find", folder / "images", "--out", tmp_path / "suspects.csv")
    found = rows(tmp_path / "suspects.csv")
    assert list(found[0]) == COLUMNS and len(found) == 300
    wrong = [row["given"] != str(truth[row["file"]]) for row in found]
    assert np.mean(wrong[:40]) > 0.9 and 30 < sum(wrong) < 90
    expected = labelnoise.find(
        [name.split("/")[0] for name in sorted(truth)], images=[folder / "images" / name for name in sorted(truth)]
    )
    assert out[0] == expected.says and [row["tier"] for row in found] == expected.table["tier"].tolist()
    obvious = (expected.table["tier"] == "obvious").sum()
    assert out[1].startswith(f"{tmp_path / 'suspects.csv'}: 300 labels, {obvious} obvious errors, ")
    assert err[0].startswith("300 examples: about ") and " in all on " in err[0]
    assert ", of which the noise model and its self-check take about 2 s; about " in err[0]  # 300 * 4 ms
    steps = [line for line in err if " of 4: " in line]
    assert [line.split(": ")[0] for line in steps] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    assert "noise model (predictors, rounds, pool), about 1 s" in steps[2] and "self-check (" in steps[3]


def test_a_list_that_is_withheld_is_not_counted():
    table = pd.DataFrame({"p_wrong": [np.nan] * 3, "tier": [""] * 3})
    assert find._listed(table.iloc[:0]) == "no label, as there is no list"
    assert find._listed(table) == "3 labels, the most suspect first; P(wrong) and tiers are withheld"
    told = table.assign(p_wrong=0.5, tier=["obvious", "possible", "rest"])
    assert find._listed(told) == "3 labels, 1 obvious error, 1 possible"


def test_copies_with_two_labels_come_first(digits, tmp_path, capsys):
    folder, _ = digits
    for path in sorted((folder / "images").glob("[0-2]/*.png"))[:60]:
        (tmp_path / "i" / path.parent.name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "i" / path.parent.name / path.name).write_bytes(path.read_bytes())
    twice = next((tmp_path / "i" / "0").iterdir())
    (tmp_path / "i" / "1" / "twice.png").write_bytes(twice.read_bytes())
    out, _ = run(capsys, "find", tmp_path / "i", "--out", tmp_path / "s.csv", "--encoder", "pixels")
    first = rows(tmp_path / "s.csv")[:2]
    assert {row["file"] for row in first} == {"1/twice.png", f"0/{twice.name}"}
    assert [row["two_labels"] for row in first] == ["true", "true"]
    assert first[0]["group"] == first[1]["group"] != ""
    said = " ".join(out)
    assert said.count("are copies of") == 1 and "2 examples are copies of others" in said
    assert "2 have a copy with another label, and come first: one of the two is wrong." in said


def test_find_by_a_csv(digits, tmp_path, capsys, monkeypatch):
    folder, truth = digits
    said = Gate(ALL, RULE_A, *[0.0] * 8, np.nan, 0.0)
    monkeypatch.setattr(gate, "judge", lambda *_: said)  # as test_find asks it
    table = [
        ("name", "said", "who"),
        *[(name, name.split("/")[0], at // 2) for at, name in enumerate(sorted(truth))],
    ]
    table[1] = (table[1][0], "NA", 0)
    with open(tmp_path / "labels.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    columns = ("--file-column", "name", "--label-column", "said", "--group-column", "who")
    own = ("--csv", tmp_path / "labels.csv", *columns, "--encoder", "pixels", "--out", tmp_path / "s.csv")
    out, err = run(capsys, "find", folder / "images", *own)
    found = rows(tmp_path / "s.csv")
    assert len(found) == 299 and table[1][0] not in [row["file"] for row in found]
    assert "1 image has no label and is left out" in err and "299 labels" in out[1]
    assert np.mean([row["given"] != str(truth[row["file"]]) for row in found[:30]]) > 0.8


def test_damaged_images_are_left_out_and_told(digits, tmp_path, capsys):
    folder, _ = digits
    for path in sorted((folder / "images").glob("[0-2]/*.png"))[:60]:
        (tmp_path / "i" / path.parent.name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "i" / path.parent.name / path.name).write_bytes(path.read_bytes())
    (tmp_path / "i" / "0" / "bad.png").write_bytes(b"none")
    _, err = run(capsys, "find", tmp_path / "i", "--out", tmp_path / "s.csv")
    assert "1 image cannot be read and is left out: 0/bad.png: no image, or damaged" in "\n".join(err)


def test_names_that_look_alike_and_dark_images_are_told(tmp_path):
    for name, level in (("a/1.png", 4095), ("a/2.png", 100), ("b/1.png", 60000)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8), level, np.uint16)).save(tmp_path / name)
    entries = [Entry(name, "x", "", "", "", (), 0) for name in ("a/1.png", "a/2.png")]
    assert find.dark(tmp_path, entries) == [
        "2 images of 16 bits looked at go no higher than 4,095 of 65,535: make own, with folder.white in "
        "presets/own.yaml, reads them rightly"
    ]
    alike = [
        Entry(str(at), name, "", "", "", (), 0) for at, name in enumerate(["Cat"] * 6 + ["cat"] * 5 + ["dog"] * 5)
    ]
    (note,) = find.of_classes(alike)
    assert note.kind == "class_names" and "'Cat' (6)" in note.what and "'cat' (5)" in note.what
    assert find.dark(tmp_path, [*entries, Entry("b/1.png", "x", "", "", "", (), 0)]) == []


def test_predict(digits, tmp_path, capsys):
    folder, truth = digits
    (tmp_path / "new" / "deep").mkdir(parents=True)
    for at, name in enumerate(sorted(truth)[:40]):
        (tmp_path / "new" / "deep" / f"{at}.png").write_bytes((folder / "images" / name).read_bytes())
    (tmp_path / "new" / "bad.png").write_bytes(b"none")
    (tmp_path / "new" / "notes.txt").write_text("none")
    words = ("predict", tmp_path / "new", "--model", folder / "model.npz", "--out", tmp_path / "p.csv")
    out, err = run(capsys, *words)
    found = rows(tmp_path / "p.csv")
    assert list(found[0]) == ["file", "predicted", "confidence"] and len(found) == 40
    right = [row["predicted"] == str(truth[sorted(truth)[int(Path(row["file"]).stem)]]) for row in found]
    assert np.mean(right) > 0.85
    assert out[0] == f"{tmp_path / 'p.csv'}: 40 images"
    assert out[1].startswith(
        "the model learned from 240 labels of made; checked on 60 images that it had not seen: "
    )
    assert err == [
        "1 file is no image and is left out: notes.txt",
        "1 image cannot be read and is left out: bad.png: no image, or damaged; "
        "allowed: PNG, JPEG, WEBP, TIFF, BMP, GIF, PPM",
    ]
    before = (tmp_path / "p.csv").read_bytes()
    assert "is there already; allowed: another name, or --force" in refused(*words)
    run(capsys, *words, "--force")
    assert (tmp_path / "p.csv").read_bytes() == before


def changed(digits, path, **of):
    model = store.load(digits[0] / "model.npz")
    store.save(path, model._replace(**of))
    return path


def test_what_is_known_of_a_model_is_said(digits, tmp_path, capsys):
    about = {"dataset": "made", "labelled": 1, "gate": "nothing", "checks": [], "audit": None}
    model = changed(digits, tmp_path / "m.npz", about=about)
    out, _ = run(capsys, "predict", digits[0] / "images", "--model", model, "--out", tmp_path / "p.csv")
    assert out[1] == (
        "the model learned from 1 label of made; not checked: that takes the truth, or 100 answers of an audit; "
        "the features do not see its classes: trust nothing that it says"
    )
    assert predict.trust(about | {"gate": "order"}).endswith("could not be told: its confidence may be off")
    checks = [{"part": "labelled", "examples": 9, "accuracy": 2 / 3, "ece": 0.123, "nll": 1.0}]
    said = "9 images of its own, each unseen in its turn: 66.7% right, its confidence is off by 12.3 points"
    assert predict.trust(about | {"gate": "all", "checks": checks}).endswith(f"; checked on {said} (ECE)")
    audit = {"look": 100, "answered": 100, "wrong": 7, "unsure": 0, "low": 0.861, "high": 0.972}
    said = "checked by 100 answers to labels drawn at random: 86.1% to 97.2% of its predictions are right"
    assert predict.trust(about | {"gate": "all", "audit": audit}).endswith(f"; {said} (95% limits)")


def test_models_that_predict_no_files(digits, tmp_path):
    own = ("predict", digits[0] / "images", "--out", tmp_path / "p.csv", "--model")
    model = store.load(digits[0] / "model.npz")
    ((name, encoding),) = model.encodings.items()
    section = Onnx(encoder="onnx", file=str(tmp_path / "gone.onnx"), sha256="0" * 64, size=64)
    moved = changed(
        digits, tmp_path / "a.npz", encodings={name: encoding._replace(section=section, sha256="0" * 64)}
    )
    assert "gone.onnx: no such file; allowed: --encoder-file PATH" in refused(*own, moved)
    (tmp_path / "other.onnx").write_bytes(b"other")
    assert "other.onnx" in refused(*own, moved, "--encoder-file", tmp_path / "other.onnx")
    table = {name: encoding._replace(section=Given(encoder="given"))}
    unread = model.reading._replace(size=0, mode="")
    given = changed(digits, tmp_path / "b.npz", encodings=table, reading=unread)
    assert "was not trained on square images" in refused(*own, given)
    (tmp_path / "c.npz").write_text("none")
    assert "c.npz: is no npz file, or damaged" in refused(*own, tmp_path / "c.npz")
    assert "No such file" in refused(*own, tmp_path / "gone.npz")
    assert not (tmp_path / "p.csv").exists()


def test_bad_words_are_one_line(digits, tmp_path):
    images, out = digits[0] / "images", ("--out", tmp_path / "s.csv")
    assert "no such folder" in refused("find", tmp_path / "gone", *out)
    assert "no such folder" in refused("predict", tmp_path / "gone", "--model", digits[0] / "model.npz", *out)
    assert "gone.csv: no such file" in refused("find", images, "--csv", tmp_path / "gone.csv", *out)
    assert "--encoder: encoder = 'magic'; allowed: " in refused("find", images, "--encoder", "magic", *out)
    assert "--encoder given: is of features, and" in refused("find", images, "--encoder", "given", *out)
    assert "timm/resnet18 also needs revision" in refused("find", images, "--encoder", "timm/resnet18", *out)
    assert "--group-column: is a column of a CSV" in refused("find", images, "--group-column", "patient", *out)
    assert "is a folder; allowed: a file" in refused("find", images, "--out", tmp_path)
    (tmp_path / "s.csv").write_text("mine")
    assert "--force to replace it" in refused("find", images, *out)
    assert (tmp_path / "s.csv").read_text() == "mine"


def test_an_interrupt_is_one_line(digits, tmp_path, monkeypatch):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("labelnoise.commands.find.run", interrupted)
    with pytest.raises(SystemExit, match="interrupted: nothing was written"):
        cli.main(["find", "images", "--out", str(tmp_path / "s.csv")])


@pytest.mark.parametrize("command", [None, "find", "predict", "run", "why", "verify"])
def test_help_is_short_and_imports_nothing_slow(command, capsys):
    code = "import sys; from labelnoise import cli\n"
    code += f"cli.main({[*([command] if command else []), '--help']})\n"
    code += "assert not {'torch', 'numpy', 'rich'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--help" in done.stdout and len(done.stdout.splitlines()) < 40


def test_words_that_are_missing_or_no_options_are_told(capsys):
    for words, said in ((["find"], "Missing argument 'folder'"), (["find", "a", "--oot", "b"], "No such option")):
        with pytest.raises(SystemExit) as stopped:
            cli.main(words)
        assert stopped.value.code == 2 and said in capsys.readouterr().err


def test_encoders_stand_after_one_option(monkeypatch):
    asked = []
    monkeypatch.setattr("labelnoise.commands.find.run", lambda args: asked.append((args.encoder, args.force)))
    own = ["find", "images", "--out", "s.csv"]
    cli.main([*own, "--encoder", "patches", "pixels", "--force"])
    cli.main([*own, "--encoder", "patches", "--encoder", "pixels"])
    cli.main(own)
    assert asked == [(["patches", "pixels"], True), (["patches", "pixels"], False), (None, False)]
