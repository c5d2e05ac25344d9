"""Which seeds the parameters plan, of a study, of development and of two looks, and in which cells."""

from pathlib import Path

import pytest
import yaml

from labelnoise import params, planned, preset

ROOT = Path(__file__).parents[1]
COMMITTED = yaml.safe_load((ROOT / "params.yaml").read_text())
CLAIMS = yaml.safe_load((ROOT / "claims.yaml").read_text("utf-8"))
CELLS = {"symmetric": [0.4, 0.2]}
PAIRS = {"kind": "pairs", "threshold": 0.0, "pairs": [["warp", "mae"]], "cells": CELLS}
WITHOUT = {"kind": "without_noise", "threshold": 0.0, "of": ["mae"], "metric": "nll", "unit": "", "cells": CELLS}
OFF = dict.fromkeys(("none", "asymmetric", "pair_flip", "instance_dependent", "instance_dependent_as_published"))
DIGITS = {
    "noises": OFF | {"symmetric": [0.2, 0.4], "pair_flip": [0.45]},
    "detection_noises": OFF | {"ambiguous": [0.1]},
    "bootstrap": {"cells": OFF | {"pair_flip": [0.45], "symmetric": [0.4]}, "seeds": 6},
    "detection": {"seeds": 7, "checked": 1},
}
OVER = {"study": {"first_seed": 10, "development": 2}, "recheck": {"cell": {"seed": 10}}}


def made(comparing: dict[str, list[dict]], left_open: list[str] | None = None, **over: dict) -> params.Params:
    """Parameters whose study begins at seed 10, with a claim by name for each list of comparisons."""
    values = preset.merged(preset.merged(COMMITTED, OVER), over)
    values["claims"] = {"seeds": 3, "more": 2, "level": 0.9, "variants": {}} | over.get("claims", {})
    said = {"family": "losses", "said": "a", "claim": "b", "source": "c"}
    statements = {name: {"id": at, **said, "compare": of} for at, (name, of) in enumerate(comparing.items(), 1)}
    more = {"statements": statements, "registration": {"open": left_open}}
    return params.Params.model_validate({**params.with_defaults(values), **more})


def test_seeds_of_studies_of_development_and_of_both_looks():
    p = made({})
    assert list(planned.seeds(p, 4)) == [10, 11, 12, 13] and list(planned.development(p)) == [0, 1]
    assert [list(look) for look in planned.looks(p)] == [[10, 11, 12], [13, 14]]
    once = made({}, claims={"more": 0})
    assert [list(look) for look in planned.looks(once)] == [[10, 11, 12], []]
    assert list(planned.development(made({}, study={"development": 0}))) == []


def test_no_seed_of_the_committed_study_is_one_of_development():
    p = params.load(ROOT / "params.yaml")
    studied = {seed for own in planned.trained_cells(p, "digits").values() for seed in own}
    assert len(planned.development(p)) > 0 and not studied & {*planned.development(p)}


def test_what_claims_compare_is_run_where_they_compare_it():
    first = [10, 11, 12]
    assert planned.contrast_runs(made({"made": [PAIRS, WITHOUT]})) == {
        "warp": {("symmetric", 0.4): first, ("symmetric", 0.2): first},
        "mae": {("symmetric", 0.4): first, ("symmetric", 0.2): first, ("none", 0.0): first},
    }


def test_look_two_is_of_what_open_claims_compare():
    """A method that an open claim shares with a closed one has further seeds in the open one's cells alone."""
    other = PAIRS | {"pairs": [["mae", "elr"]], "cells": {"symmetric": [0.4]}}
    first, both = [10, 11, 12], [10, 11, 12, 13, 14]
    assert planned.contrast_runs(made({"closed": [PAIRS], "undecided": [other]}, ["undecided"])) == {
        "warp": {("symmetric", 0.4): first, ("symmetric", 0.2): first},
        "mae": {("symmetric", 0.4): both, ("symmetric", 0.2): first},
        "elr": {("symmetric", 0.4): both},
    }
    closed = planned.contrast_runs(made({"closed": [PAIRS], "undecided": [other]}, []))
    assert closed["elr"] == {("symmetric", 0.4): first}


def test_rows_for_claims_alone_run_in_the_variants_cells_at_look_one():
    p = made({"one": [PAIRS]}, claims={"variants": {"asymmetric": [0.4]}})
    found, rows = planned.contrast_runs(p), params.claim_only_names(p)
    assert rows and found.keys() == {*rows, "warp", "mae"}
    assert all(found[name] == {("asymmetric", 0.4): [10, 11, 12]} for name in rows)
    assert ("asymmetric", 0.4) not in found["warp"]


def test_claims_about_finding_errors_and_other_studies_ask_for_no_run():
    """They read what the runs of the study and of the bootstrap say: no method is trained for them."""
    names = ("training_dynamics", "bootstrap_uncertainty", "sample_and_class", "obvious_errors", "augmentation")
    names += ("dual_transition",)
    found = [CLAIMS["prior_loss"]["compare"][1], *(CLAIMS[name]["compare"][0] for name in names)]
    assert planned.contrast_runs(made({"one": found})) == {}


@pytest.mark.parametrize("more", [False, True])
def test_seeds_of_a_noise_cell(more):
    """Networks: those of the study, of claims that compare, of the bootstrap. Labels are drawn for development
    too, and errors are looked for in more."""
    claim = PAIRS | {"cells": {"symmetric": [0.4], "asymmetric": [0.4]}}
    sizes = {"study": {"seeds": 5}, "claims": {"seeds": 8, "more": 3}, "datasets": {"digits": DIGITS}}
    p = made({"one": [claim]}, ["one"] if more else [], **sizes)
    ten = {count: list(range(10, 10 + count)) for count in (5, 6, 7, 8, 11)}
    compared = ten[11] if more else ten[8]
    trained = {("symmetric", 0.2): ten[5], ("symmetric", 0.4): compared, ("pair_flip", 0.45): ten[6]}
    assert planned.trained_cells(p, "digits") == trained
    drawn = {("symmetric", 0.2): ten[7], ("symmetric", 0.4): compared, ("pair_flip", 0.45): ten[7]}
    drawn = {cell: [0, 1, *seeds] for cell, seeds in drawn.items()}
    assert planned.noise_cells(p, "digits") == drawn | {("ambiguous", 0.1): ten[7]}
