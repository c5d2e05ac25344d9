"""What DVC sees of own files changes when the user's files do, and only then; sections of own data are checked."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from labelnoise import own_data, params
from labelnoise.sections import Data, Onnx, Patches

ROOT = Path(__file__).parents[1]
KINDS = ("data", "features", "answers")
BASE = {"folds": 2, "subset": None, "imbalance": 1.0}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def chosen(tmp_path):
    for name in ("images/a/1.png", "images/a/2.png", "images/b/1.png", "labels.csv", "mine.npz", "answers.csv"):
        write(tmp_path / name, name)
    folder = {"root": str(tmp_path / "images"), "csv": str(tmp_path / "labels.csv"), "size": 8, "mode": "rgb"}
    sections = {
        "digits": Data(**BASE),
        "photos": Data(**BASE, source="folder", folder=folder | {"max_pixels": 9}),
        "mine": Data(**BASE, source="arrays", arrays={"file": str(tmp_path / "mine.npz"), "holds": "images"}),
    }
    return SimpleNamespace(
        study=SimpleNamespace(datasets=["digits", "photos", "mine"]),
        datasets={name: SimpleNamespace(data=section, features=None) for name, section in sections.items()},
        recheck=SimpleNamespace(answers={}),
    )


def lines(chosen, tmp_path) -> dict[str, str]:
    """What `data set/kind` says, where it says anything."""
    folder = tmp_path / "own_files"
    own_data.write(chosen, folder)
    files = {f"{name}/{kind}": folder / name / kind for name in chosen.study.datasets for kind in KINDS}
    return {name: text for name, path in files.items() if (text := path.read_text().strip()) != "none"}


def test_a_file_per_data_set_and_kind(chosen, tmp_path):
    before = lines(chosen, tmp_path)
    assert list(before) == ["photos/data", "mine/data"] and all(len(state) == 64 for state in before.values())
    chosen.recheck.answers["photos"] = str(tmp_path / "answers.csv")
    after = lines(chosen, tmp_path)
    assert list(after) == ["photos/data", "photos/answers", "mine/data"]
    assert {name: after[name] for name in before} == before, "answers are no change of the images"
    chosen.study.datasets = ["mine"]
    assert lines(chosen, tmp_path) == {"mine/data": before["mine/data"]}


@pytest.mark.parametrize("change", ["new", "gone", "renamed", "longer", "touched", "csv"])
def test_every_change_of_a_folder_shows(chosen, tmp_path, change):
    before = lines(chosen, tmp_path)
    one = tmp_path / "images" / "a" / "1.png"
    if change == "new":
        write(tmp_path / "images" / "b" / "2.png", "")
    elif change == "gone":
        one.unlink()
    elif change == "renamed":
        one.rename(tmp_path / "images" / "b" / "3.png")
    elif change == "longer":
        stat = one.stat()
        write(one, "more of it")
        os.utime(one, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif change == "touched":
        os.utime(one, ns=(1, 1))
    else:
        write(tmp_path / "labels.csv", "labels.cvs")
    assert own_data.changed(chosen, tmp_path / "own_files") == ["photos/data"]
    after = lines(chosen, tmp_path)
    assert own_data.changed(chosen, tmp_path / "own_files") == []
    assert after["photos/data"] != before["photos/data"] and after["mine/data"] == before["mine/data"]


def test_content_of_arrays_and_answers_counts_not_their_time(chosen, tmp_path):
    chosen.recheck.answers["mine"] = str(tmp_path / "answers.csv")
    before = lines(chosen, tmp_path)
    os.utime(tmp_path / "mine.npz", ns=(1, 1))
    assert lines(chosen, tmp_path) == before
    write(tmp_path / "answers.csv", "other")
    after = lines(chosen, tmp_path)
    assert [name for name in before if after[name] != before[name]] == ["mine/answers"]


def test_an_encoder_in_a_file_counts(chosen, tmp_path):
    """Also that of a data set that is nobody's own."""
    write(tmp_path / "own.onnx", "weights")
    own = Onnx(encoder="onnx", file=str(tmp_path / "own.onnx"), sha256="0" * 64, size=32)
    chosen.datasets["digits"].features = [Patches(encoder="patches"), own]
    before = lines(chosen, tmp_path)
    assert list(before) == ["digits/features", "photos/data", "mine/data"]
    write(tmp_path / "own.onnx", "others")
    after = lines(chosen, tmp_path)
    assert [name for name in before if after[name] != before[name]] == ["digits/features"]
    (tmp_path / "own.onnx").unlink()
    with pytest.raises(ValueError, match=r"^datasets\.digits\.features\.1\.file: .*own\.onnx: no such file"):
        lines(chosen, tmp_path)


def test_hidden_files_are_no_change(chosen, tmp_path):
    before = lines(chosen, tmp_path)
    write(tmp_path / "images" / ".DS_Store", "hidden")
    assert lines(chosen, tmp_path) == before


def test_without_own_files_there_is_nothing_to_tell(chosen, tmp_path):
    chosen.study.datasets = ["digits"]
    assert lines(chosen, tmp_path) == {}


def test_pages_beside_the_study_are_a_reason_to_make_its_pages_anew(chosen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state, page = tmp_path / "own_files" / "pages", Path("reports", "a_2020", "README.md")
    own_data.write(chosen, tmp_path / "own_files")
    assert state.read_text() == "none\n"
    for text in ("one", "two"):
        before = state.read_text()
        write(page, text)
        assert own_data.changed(chosen, tmp_path / "own_files") == ["pages"]
        own_data.write(chosen, tmp_path / "own_files")
        assert state.read_text() != before


def test_missing_files_are_named_with_their_key(chosen, tmp_path):
    (tmp_path / "mine.npz").unlink()
    with pytest.raises(ValueError, match=r"^datasets\.mine\.data\.arrays\.file: .*mine\.npz: no such file"):
        lines(chosen, tmp_path)
    (tmp_path / "images").rename(tmp_path / "pictures")
    with pytest.raises(ValueError, match=r"^datasets\.photos\.data\.folder\.root: .*images: no such folder"):
        lines(chosen, tmp_path)
    chosen.study.datasets = ["digits"]
    chosen.recheck.answers["digits"] = "none.csv"
    with pytest.raises(ValueError, match=r"^recheck\.answers\.digits: none\.csv: no such file"):
        lines(chosen, tmp_path)


def message(tmp_path, key, value) -> str:
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    *parents, last = key.split(".")
    section = values
    for parent in parents:
        section = section[parent]
    section[last] = value
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    (tmp_path / "claims.yaml").write_text("{}")
    with pytest.raises(SystemExit) as stopped:
        params.load(tmp_path / "params.yaml")
    assert "\n" not in str(stopped.value)
    return str(stopped.value).removeprefix(f"error: {tmp_path / 'params.yaml'}: ")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (
            "datasets.folder.data.folder.rooot",
            "x",
            "datasets.folder.data.folder: unknown key 'rooot'; allowed: root",
        ),
        (
            "datasets.folder.data.folder.mode",
            "red",
            "datasets.folder.data.folder.mode = 'red': must be 'rgb' or 'gr",
        ),
        ("datasets.folder.data.folder.size", 0, "datasets.folder.data.folder.size = 0: must be greater"),
        ("datasets.folder.data.folder.unreadable", "go", "datasets.folder.data.folder.unreadable = 'go': must be"),
        (
            "datasets.folder.data.folder.max_pixels",
            10**9,
            "datasets.folder.data.folder.max_pixels = 1000000000: must",
        ),
        (
            "datasets.folder.data.folder.columns",
            {"clean": "c"},
            "datasets.folder.data.folder: columns: clean: of a CSV; allowed: csv: a file, or null for these",
        ),
        (
            "datasets.folder.data.source",
            "zip",
            "datasets.folder.data.source = 'zip': must be 'folder' or 'arrays'",
        ),
        (
            "datasets.folder.data.folder",
            None,
            "datasets.folder.data.folder: missing key; it says where these data",
        ),
        (
            "datasets.folder.data.source",
            "arrays",
            "datasets.folder.data.folder: is for own data; allowed: with source:",
        ),
        (
            "datasets.digits.data.folder",
            {"root": "x", "size": 8, "mode": "rgb", "max_pixels": 9},
            "datasets.digits.data.folder: is for own data; allowed: with source: folder",
        ),
        (
            "datasets.arrays.networks",
            ["small_cnn"],
            "datasets.arrays.networks: features are no images; allowed: mlp, and rows",
        ),
        (
            "datasets.arrays.training.shift",
            1,
            "datasets.arrays.training.shift: features are no images; allowed: 0",
        ),
        (
            "datasets.arrays.training.flip",
            True,
            "datasets.arrays.training.flip: features are no images; allowed: false",
        ),
        (
            "datasets.arrays.data.arrays",
            {"file": "x", "holds": "pred_probs", "root": 3},
            "datasets.arrays.data.arrays.root = 3: must be a valid string",
        ),
        (
            "datasets.arrays.data.arrays.holds",
            "labels",
            "datasets.arrays.data.arrays.holds = 'labels': must be 'images', 'features' or 'pred_probs'",
        ),
        ("datasets.digits.noises.given", [0.0], "datasets.digits.noises.given: is for own data"),
    ],
)
def test_sections_of_own_data_are_checked(tmp_path, key, value, expected):
    assert message(tmp_path, key, value).startswith(expected)


def test_truth_is_told_once(tmp_path):
    folder = {"root": "x", "csv": "y", "size": 8, "mode": "rgb", "max_pixels": 9, "trusted": True}
    got = message(tmp_path, "datasets.folder.data.folder", folder | {"columns": {"clean": "c"}})
    assert got.startswith(
        "datasets.folder.data.folder: trusted: true takes the labels for the truth; allowed: col"
    )
