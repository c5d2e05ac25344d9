"""What the owner is told of the input, and what the stage `features` writes of it."""

import numpy as np
import pytest
import stage_script
from made_images import features, pictures

from labelnoise import artifacts, files, results
from labelnoise.data import npz
from labelnoise.detect.conflicts import two_labels
from labelnoise.inspection import study
from labelnoise.types import Dataset, Note

RNG = np.random.default_rng(0)
NAMES = ["01", "1", "cat"]  # the first two are told apart in tables


def noisy(picture):
    return np.clip(picture.astype(int) + RNG.integers(-9, 10, picture.shape), 0, 255)


def dataset(images, given=None, **more):
    count = len(images)
    people = {} if given is None else {"given": np.asarray(given)}
    names = [f"sub/{at}.png" for at in range(count)]
    return Dataset(images[:, None], np.full(count, -1), np.zeros(count, int), NAMES, {}, people, names, **more)


def seen(data):
    found = study.inspect(data, {"0_encoded": features(data.images[:, 0])})
    made = {name: results.check(name, table) for name, table in found.tables.items()}
    return found.arrays, made["input_faults"].set_index("kind"), made["copies"]


def copied():
    """0 = 1 exactly with two labels, 2 ~ 3 nearly with two labels, 4 ~ 5 nearly with one, the owner's 6 and 7."""
    images, given = pictures(90), np.arange(90) % 3
    images[1], images[3], images[5] = images[0], noisy(images[2]), noisy(images[4])
    given[[4, 5]] = 2
    groups = np.full(90, -1)
    groups[[6, 7]] = 5
    return dataset(images, given, groups=groups)


def test_copies_and_two_labels():
    arrays, faults, table = seen(copied())
    assert list(table["index"]) == list(range(8)) and list(table["group"]) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert list(table["match"]) == ["exact"] * 2 + ["near"] * 4 + ["given"] * 2
    assert list(table["two_labels"]) == [True] * 4 + [False] * 4  # an owner's group may have two
    assert list(table["given"]) == ["01", "1", "cat", "01", "cat", "cat", "01", "1"]
    assert list(table["file"]) == [f"sub/{at}.png" for at in range(8)]
    assert set(faults.index) == {"copies", "two_labels"}
    assert faults.loc["copies", "what"].startswith("2 examples have an exact copy and 4 a near one, in 3 groups")
    assert (faults.loc["copies", "count"], faults.loc["two_labels", "count"]) == (6, 4)
    assert faults.loc["two_labels", "what"].startswith("4 examples have a copy with another label")
    assert arrays["group"][:8].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert np.flatnonzero(two_labels(arrays["same"], np.arange(90) % 3))[:2].tolist() == [0, 1]


def test_only_kinds_of_copies_that_are_there_are_counted():
    """What to do stands beside the count; a count of 0 is none to read."""
    data = copied()
    exact, near = pictures(90), data.images[:, 0].copy()
    exact[1], near[1] = exact[0], pictures(90)[1]
    alone = [seen(dataset(images, np.full(90, 1)))[1].loc["copies", "what"] for images in (exact, near)]
    assert alone[0].startswith("2 examples have an exact copy, in 1 group. For the list nothing need be done, as ")
    assert alone[1].startswith("4 examples have a near copy, in 2 groups. For the list nothing need be done, as ")
    assert all(what.endswith("look at them in the table copies, and keep one of each group") for what in alone)


def test_nothing_to_tell():
    arrays, faults, table = seen(dataset(pictures(60), np.arange(60) % 3))
    assert faults.empty and table.empty and arrays["group"].tolist() == list(range(60))


def test_unlabelled_examples_contradict_nothing():
    data = copied()
    data.human_labels["given"][[1, 3, 5]] = -1
    _, faults, table = seen(data)
    assert "two_labels" not in faults.index and not table["two_labels"].any()
    assert list(table["given"].fillna("")[:4]) == ["01", "", "cat", ""]


def test_a_data_set_of_the_study_has_no_given_label():
    _, faults, table = seen(copied()._replace(human_labels={}))
    assert list(faults.index) == ["copies"] and set(table["given"]) == {""} and not table["two_labels"].any()


def test_many_exact_copies_are_told_as_such():
    images = pictures(60)
    images[40:] = images[0]
    _, faults, _ = seen(dataset(images, np.arange(60) % 3))
    assert faults.loc["identical", "count"] == 20
    assert faults.loc["identical", "what"].startswith("20 of 60 examples repeat another one exactly")
    assert (
        faults.loc["identical", "where"].startswith("sub/0.png, sub/40.png")
        and "16 more" in faults.loc["identical", "where"]
    )


def test_a_class_that_is_one_group_is_told():
    images, given = pictures(60), np.where(np.arange(60) < 3, 2, np.arange(60) % 2)
    _, faults, _ = seen(dataset(images, given, groups=np.where(np.arange(60) < 4, 0, -1)))
    assert list(faults.index) == ["one_group"] and faults.loc["one_group", "where"] == "cat"


def test_too_few_groups_are_told():
    _, faults, _ = seen(dataset(pictures(60), np.arange(60) % 3, groups=np.arange(60) // 4))
    assert list(faults.index) == ["few_groups"] and faults.loc["few_groups", "count"] == 15


def test_two_names_of_one_class_are_told():
    rng = np.random.default_rng(0)
    images = pictures(160) // 4 + np.where(np.arange(160) < 80, 0, 120)[:, None, None].astype(np.uint8)
    given = np.where(np.arange(160) < 80, rng.integers(0, 2, 160), 2)
    _, faults, _ = seen(dataset(images, given))
    assert faults.loc["confused", "where"] == "01, 1" and faults.loc["confused", "count"] == 80


def test_what_the_loader_saw_comes_along():
    _, faults, _ = seen(
        dataset(pictures(60), notes=(Note("skipped", "2 files are no images", 2, "a.txt, b.txt"),))
    )
    assert faults.loc["skipped", "what"] == "2 files are no images" and faults.loc["skipped", "count"] == 2


def test_the_stage_writes_what_others_read_twice_the_same(tmp_path, monkeypatch):
    dataset, written = copied(), []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        monkeypatch.chdir(folder)
        stage_script.parameters()
        at = artifacts.of("mnist")
        npz.save(dataset, at.images)
        stage_script.run("features", "mnist")
        written.append({path.name: path.read_bytes() for path in (at.groups, *at.tables.iterdir())})
    assert set(written[0]) == {"groups.npz", "copies.csv", "input_faults.csv"}
    table = results.read("copies", at.tables)
    assert list(table["given"][:3]) == ["01", "1", "cat"] and table["two_labels"].dtype == bool
    group = files.load_arrays(at.groups)["group"]
    assert group.dtype == np.int64 and group.shape == (90,)
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 1, 1], [0, 1]),
        ([0, 0, 1, 2], [2, 3]),
        ([-1, 1, 2, 2], []),
        ([-1, -1, -1, -1], []),
        ([2, 1, -1, 0], [0, 1]),
    ],
)
def test_two_labels_by_hand(labels, expected):
    assert np.flatnonzero(two_labels(np.array([0, 0, 1, 1]), np.array(labels))).tolist() == expected
