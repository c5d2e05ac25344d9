"""Round two as people work: they move and delete files, cannot tell, disagree; the stages go on, and say so."""

import csv
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from labelnoise import columns, quick
from labelnoise.columns import LEFT_OUT, UNSURE
from labelnoise.data import npz
from labelnoise.recheck import seen

ROOT = Path(__file__).parents[2]
FILES = [f"{name}/{at}.png" for name in ("cat", "dog") for at in range(6)]
OVER = {
    "study": {"datasets": ["folder"], "seeds": 2},
    "datasets": {"folder": {"data": {"folder": {"root": "photos", "size": 4, "mode": "grey"}, "folds": 2}}},
    "download": {"cache": "cache"},
    "report": {"noise": "given", "noise_rate": 0.0},
    "claims!": {"seeds": 2, "level": 0.95, "variants": {}},
    "figures!": {},
    "recheck": {"retrain": {"cells!": {}}},
}


def parameters(**recheck):
    values = quick.overlaid(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")), OVER)
    Path("params.yaml").write_text(yaml.safe_dump(quick.overlaid(values, {"recheck": recheck})), "utf-8")


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """12 images of two classes in a folder that holds the parameters, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    parameters()
    for level, name in enumerate(FILES):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), 10 * level, np.uint8)).save(path)
    return tmp_path / "photos"


def stage(name, *words):
    sys.argv = [name, "--dataset", "folder", "--seen", "seen_files.csv", "--tables", "tables", *words]
    runpy.run_path(str(ROOT / "stages" / f"{name}.py"), run_name="__main__")


def download():
    stage("download", "--out", "images.npz")
    return npz.read(Path("images.npz")), Path("seen_files.csv").read_bytes()


def noise():
    stage("noise", "--data", "images.npz", "--out", "noise.npz")
    return columns.load(Path("noise.npz"))


def answer(*rows):
    with open("answers.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("file", "given", "label"), *rows])
    parameters(answers={"folder": "answers.csv"})


def test_round_two(photos, capsys):
    first, record = download()
    assert first.files == FILES and [row.file for row in seen.read(Path("seen_files.csv"))] == FILES
    assert download()[1] == record  # the same data, the same bytes
    answer(
        *(("cat/0.png", "cat", "dog"), ("cat/1.png", "cat", "dog"), ("cat/2.png", "cat", "?")),
        *(("cat/3.png", "cat", "-"), ("dog/0.png", "dog", "cat"), ("dog/0.png", "dog", "dog")),
        *(("dog/1.png", "dog", "dog"), ("dog/2.png", "dog", "")),
    )
    capsys.readouterr()
    noise()
    assert capsys.readouterr().out == (
        "folder: answers.csv: 7 answers to 6 labels (2 cannot tell, 1 left out); 1 label answered more than once, "
        "1 of them differently; 1 row not answered yet\n"
    )
    os.rename("photos/cat/0.png", "photos/dog/was_cat.png")
    os.remove("photos/cat/3.png")
    second, longer = download()
    assert len(seen.read(Path("seen_files.csv"))) == 13 and longer != record
    capsys.readouterr()
    drawn = noise()
    assert (
        "2 cannot tell, 1 of files that have another name now, 1 of files that are gone)"
        in capsys.readouterr().out
    )
    expected = {"dog/was_cat.png": 1, "cat/1.png": 1, "cat/2.png": UNSURE, "dog/0.png": UNSURE, "dog/1.png": 1}
    (at, *_) = np.flatnonzero(drawn.noise == "rechecked")
    assert drawn.answers[at].tolist() == [expected.get(name, -1) for name in second.files]
    assert LEFT_OUT not in drawn.answers


def test_without_answers_nothing_is_said(photos, capsys):
    download()
    noise()
    assert capsys.readouterr().out == ""
