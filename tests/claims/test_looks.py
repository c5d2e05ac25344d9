"""Registration: what the hash is of, which claims look two is of, and that a wrong list is refused."""

from types import SimpleNamespace

import pandas as pd
import pytest
from hand_made import HERE, statement

from labelnoise import planned
from labelnoise.claims import looks
from labelnoise.sections import Claims, Registration

PAIR = {"kind": "pairs", "pairs": [["elr", "gce"]], "threshold": 0.01, "cells": HERE}
STATEMENTS = {
    "of_methods": statement(id=1, compare=[PAIR]),
    "of_scores": statement(id=2),
    "of_others": statement(id=3, compare=[PAIR | {"pairs": [["sop", "mae"]]}]),
}


def made(**registration):
    return SimpleNamespace(
        statements=STATEMENTS,
        claims=Claims(seeds=3, more=2, level=0.95, variants={}),
        study=SimpleNamespace(first_seed=5),
        methods={"elr": {}, "gce": {}},
        registration=Registration(**registration),
    )


def told(**words):
    return pd.DataFrame({"id": [1, 2, 3], "look_one": [words.get(name, "open") for name in STATEMENTS]})


def test_claims_are_registered_where_they_say_what_was_hashed():
    p = made(hash=looks.hash_of(made()))
    assert looks.registered(p) and not looks.registered(made())
    p.statements = STATEMENTS | {"of_methods": statement(id=1, compare=[PAIR | {"threshold": 0.02}])}
    assert not looks.registered(p)
    p.statements, p.study = STATEMENTS, SimpleNamespace(first_seed=6)
    assert not looks.registered(p)


def test_look_two_is_of_open_claims_whose_methods_are_trained():
    assert looks.left_open(made(), told()) == ["of_methods"]
    assert looks.left_open(made(), told(of_methods="refuted")) == []


def test_another_list_of_open_claims_is_refused():
    known = looks.hash_of(made())
    looks.check(made(hash=known, open=["of_methods"]), told())
    looks.check(made(hash=known), told())  # before look one
    looks.check(made(open=["of_scores"]), told())  # not registered: one look
    with pytest.raises(
        ValueError, match=r"open has 0 claims, look one leaves 1 open \(they differ in of_methods\)"
    ):
        looks.check(made(hash=known, open=[]), told())


def test_seeds_of_the_looks_and_the_runs_of_the_second():
    p = made(open=["of_methods"])
    assert planned.looks(p) == (range(5, 8), range(8, 10))
    assert planned.contrast_runs(p)["elr"] == {("symmetric", 0.4): [5, 6, 7, 8, 9]}
    assert planned.contrast_runs(made(open=[]))["elr"] == {("symmetric", 0.4): [5, 6, 7]}
