"""Round two as people work: they move and delete files, cannot tell, disagree; the stages go on, and say so."""

import csv
import os

import numpy as np
import pytest
import stage_script
from PIL import Image

from labelnoise import artifacts
from labelnoise.data import npz
from labelnoise.noise import noisy_labels
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import seen

FILES = [f"{name}/{at}.png" for name in ("cat", "dog") for at in range(6)]
OVER = {
    "study": {"datasets": ["folder"], "seeds": 2, "first_seed": 0, "development": 0},
    "datasets": {"folder": {"data": {"folder": {"root": "photos", "size": 4, "mode": "grey"}, "folds": 2}}},
    "download": {"cache": "cache"},
}
AT = artifacts.of("folder")


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """12 images of two classes in a folder that holds the parameters, too."""
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(OVER)
    for level, name in enumerate(FILES):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), 10 * level, np.uint8)).save(path)
    return tmp_path / "photos"


def download():
    stage_script.run("download", "folder")
    return npz.read(AT.images), AT.seen.read_bytes()


def noise():
    stage_script.run("noise", "folder")
    return noisy_labels.load(AT.noise)


def answer(*rows):
    with open("answers.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("file", "given", "label"), *rows])
    stage_script.parameters(OVER, {"recheck": {"answers": {"folder": "answers.csv"}}})


def test_round_two(photos, capsys):
    first, record = download()
    assert first.files == FILES and [row.file for row in seen.read(AT.seen)] == FILES
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
    assert len(seen.read(AT.seen)) == 13 and longer != record
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
