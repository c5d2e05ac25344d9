"""What finished runs left: found by their keys, wherever their entries are, in an order that nothing changes."""

import json
import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import tiny_study

from labelnoise.runs import results
from labelnoise.runs.run import BAG, SPLIT, Run, settings
from labelnoise.train import store

METHODS = ("elr", "mae")


def runs() -> list[Run]:
    """Two methods in two cells of three seeds, one of them after a recheck too, and bags of one run."""
    made = [run for name in METHODS for run in tiny_study.runs(method=name)]
    after = [run._replace(data="rechecked", change="random 0.0 0.4") for run in made[:1]]
    return [*made, *after, *tiny_study.bags(tiny_study.runs()[0])]


def entered(folder, every) -> dict[Run, str]:
    """An entry per run, with its own numbers: `value` is its place among all runs."""
    places = {}
    for at, run in enumerate(every):
        places[run] = store.key({"at": at})
        arrays = {"value": np.array(at), "history_a": np.array(at + 0.5), "history_b": np.array(-at)}
        store.write(folder, places[run], store.text({"at": at}), arrays)
    return places


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The runs, and where they are."""
    folder, every = tmp_path_factory.mktemp("store"), runs()
    return every, entered(folder, every), folder


@pytest.fixture(scope="module")
def done(made):
    return results.of(made[1], made[2])


def test_every_run_has_its_own_numbers(made, done):
    every, places, _ = made
    assert len(done) == len(every) == len(places)
    for at, run in enumerate(every):
        row = done.keys[done.keys["entry"] == places[run]]
        own = done.only(done.keys.index == row.index[0])
        assert own["value"].tolist() == [at]
        for column in ("data", "network", "noise", "noise_rate", "seed", "name", "method", "change", "source"):
            assert row[column].item() == getattr(run, column)
        assert (row["examples"].item(), row["number"].item()) == (run.examples.kind, run.examples.number)


def test_selections_are_by_value_by_list_and_by_mask(made, done):
    every, *_ = made
    own = done.select(name="mae", noise_rate=0.4)
    assert own.keys["seed"].tolist() == [0, 1, 2] and own["value"].tolist() == [9, 10, 11]
    wanted = [at for at, run in enumerate(every) if run.name in METHODS and run.seed in (0, 2) and not run.change]
    for seeds in ([0, 2], {0, 2}):
        assert sorted(done.select(name=list(METHODS), seed=seeds, change="")["value"]) == wanted
    assert done.select(name="mae").only(done.select(name="mae").keys["seed"] == 1)["value"].tolist() == [7, 10]
    assert len(done.select(name="gce")) == 0 and len(done.select(examples=BAG)) == 4


def test_groups_come_in_the_order_of_the_runs_and_hold_all_of_them(done):
    parts = list(done.select(examples=SPLIT, change="").groups("name", "noise_rate"))
    assert [value for value, _ in parts] == [("elr", 0.2), ("mae", 0.2), ("elr", 0.4), ("mae", 0.4)]
    assert [part["value"].tolist() for _, part in parts] == [[0, 1, 2], [6, 7, 8], [3, 4, 5], [9, 10, 11]]
    ((value, _),) = list(done.select(name="elr", noise_rate=0.4).groups("name"))
    assert value == ("elr",)


def test_each_run_comes_with_its_own_part_of_what_patterns_name(done):
    own = done.select(name="elr", noise_rate=0.4)
    for key, arrays in own.each("value", "history_*"):
        assert arrays.keys() == {"value", "history_a", "history_b"}
        value = 3 + key.seed
        assert (arrays["value"], arrays["history_a"], arrays["history_b"]) == (value, value + 0.5, -value)
    assert [arrays for _, arrays in own.each("nothing")] == [{}] * 3


def test_the_order_does_not_depend_on_who_was_trained_first(made, done):
    _, places, folder = made
    turned = results.of(dict(reversed(places.items())), folder)
    columns = ["network", "noise", "noise_rate", "seed", "change", "number"]
    pd.testing.assert_frame_equal(done.keys[columns], turned.keys[columns])
    keys = list(done.keys[columns].itertuples(index=False, name=None))
    assert keys == sorted(keys)
    # runs of equal keys, as methods of one cell, stay in the order of the plan
    assert done.select(seed=0, noise_rate=0.2, change="", number=0).keys["name"].tolist() == [
        *METHODS, "cross_entropy"
    ]  # fmt: skip


def test_what_is_written_is_read_again(made, done, tmp_path):
    """In another folder and with another text than the plan's: JSON in the columns that are tuples."""
    _, places, folder = made
    results.write(places, folder, tmp_path)
    again = results.load(tmp_path)
    pd.testing.assert_frame_equal(again.keys, done.keys)
    assert again["value"].tolist() == done["value"].tolist()
    own = [dict(json.loads(section)) for section in again.select(name="elr").keys["section"]]
    assert own == [dict(run.section) for run in runs() if run.name == "elr"]
    text = (tmp_path / results.INDEX).read_bytes()
    assert b"\r" not in text and text.count(b"\n") == len(places) + 1


def test_nothing_else_of_the_store_is_written_and_nothing_is_copied_where_it_can_be_linked(made, tmp_path):
    _, places, folder = made
    some = {run: place for run, place in places.items() if run.name == "mae"}
    results.write(some, folder, tmp_path)
    names = set(some.values())
    assert {path.name for path in tmp_path.iterdir()} == {results.INDEX, *(f"{name}.npz" for name in names)}
    for name in names:
        assert os.path.samefile(store.finished(folder, name), store.finished(tmp_path, name))
    results.write(some, folder, tmp_path)  # again, where there is something
    assert Counter(results.load(tmp_path).keys["entry"]) == Counter(some.values())


def test_where_the_file_system_cannot_link_entries_are_copied(made, tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    _, places, folder = made
    results.write(places, folder, tmp_path)
    for name in places.values():
        one, other = store.finished(folder, name), store.finished(tmp_path, name)
        assert one.read_bytes() == other.read_bytes() and not os.path.samefile(one, other)


def test_no_runs_make_a_selection_of_none(tmp_path):
    results.write({}, tmp_path, tmp_path / "out")
    none = results.load(tmp_path / "out")
    assert len(none) == 0 and list(none.keys.columns) == list(results.of({}, tmp_path).keys.columns)
    assert list(none.groups("name")) == [] == list(none.each("*"))


def test_names_that_look_like_missing_values_stay_names(tmp_path):
    run = tiny_study.runs()[0]._replace(noise="None", layers=settings({"dropout": 0.5}))
    places = entered(tmp_path, [run])
    results.write(places, tmp_path, tmp_path / "out")
    assert results.load(tmp_path / "out").select(noise="None")["value"].tolist() == [0]
