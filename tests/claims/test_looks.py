"""Registration: what the hash is of, which claims look two is of, and where look one differs from it."""

from types import SimpleNamespace

import pandas as pd
from hand_made import HERE, statement

from labelnoise import planned
from labelnoise.claims import looks
from labelnoise.claims.registration import hash_of
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


def test_the_hash_is_of_what_decides_verdicts():
    p, known = made(), hash_of(made())
    p.statements = STATEMENTS | {"of_methods": statement(id=1, compare=[PAIR | {"threshold": 0.02}])}
    assert hash_of(p) != known
    assert hash_of(SimpleNamespace(**vars(made()) | {"study": SimpleNamespace(first_seed=6)})) != known
    more = Claims(seeds=3, more=3, level=0.95, variants={})
    assert hash_of(SimpleNamespace(**vars(made()) | {"claims": more})) != known
    assert hash_of(made(hash="x", open=["of_methods"])) == known


def test_claims_that_are_registered_have_two_looks():
    assert looks.registered(made(hash="x")) and not looks.registered(made())
    one = Claims(seeds=3, more=0, level=0.95, variants={})
    assert not looks.registered(SimpleNamespace(**vars(made(hash="x")) | {"claims": one}))


def test_look_two_is_of_open_claims_whose_methods_are_trained():
    assert looks.left_open(made(), told()) == ["of_methods"]
    assert looks.left_open(made(), told(of_methods="refuted")) == []


def test_claims_that_another_processor_moves_over_their_threshold_are_named():
    assert looks.differing(made(hash="x", open=["of_methods"]), told()) == []
    assert looks.differing(made(hash="x"), told()) == []  # before look one
    assert looks.differing(made(open=["of_scores"]), told()) == []  # not registered: one look
    assert looks.differing(made(hash="x", open=[]), told()) == ["of_methods"]
    assert looks.differing(made(hash="x", open=["of_methods"]), told(of_methods="refuted")) == ["of_methods"]


def test_seeds_of_the_looks_and_the_runs_of_the_second():
    p = made(open=["of_methods"])
    assert planned.looks(p) == (range(5, 8), range(8, 10))
    assert planned.contrast_runs(p)["elr"] == {("symmetric", 0.4): [5, 6, 7, 8, 9]}
    assert planned.contrast_runs(made(open=[]))["elr"] == {("symmetric", 0.4): [5, 6, 7]}
