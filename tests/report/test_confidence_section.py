"""What the report says of confidence, against values worked out by hand."""

from itertools import product

import pandas as pd
import pytest
from scipy import stats

from labelnoise import results
from labelnoise.report import confidence

COVERED = {"noisy_labels": 0.98, "confident_joint": 0.8, "designed": 0.9, "clean_labels": 0.91}
NLL = {"none": 0.8, "noisy_labels": 0.9, "confident_joint": 0.6}
CELLS = [("none", 0.0), ("symmetric", 0.4), ("pair_flip", 0.45)]


def facts(noise, rate, seed, selection, calibration):
    run = {"network": "mlp", "noise": noise, "noise_rate": rate, "realised_rate": rate, "seed": seed}
    told = calibration in ("designed", "clean_labels")
    return run | {"method": "cross_entropy", "selection": selection, "calibration": calibration, "oracle": told}


def made(seeds=3, cells=CELLS):
    """Coverage rises by .01 a seed and falls by .1 with pair flip; other scores, epochs and cells are far off."""
    runs = list(product(cells, range(seeds), ["last", "best_noisy_val"]))
    sets = [
        facts(*cell, seed, selection, name) | {
            "score": score, "level": 0.9, "examples": 144 + (seed == 2), "set_size": 2 + seed, "empty_share": 0.0,
            "coverage": share + 0.01 * seed - 0.1 * (cell[0] == "pair_flip")
            if (score, selection) == ("least_ambiguous", "best_noisy_val") and cell[0] != "none" else 0.1}
        for (cell, seed, selection), (name, share), score in product(
            runs, COVERED.items(), ["least_ambiguous", "adaptive"])
    ]  # fmt: skip
    scaled = [
        facts(*cell, seed, selection, name) | {
            "temperature": 2.0, "examples": 144, "brier": 0.2, "ece": 0.1,
            "nll": value + 0.1 * seed if selection == "best_noisy_val" and cell[0] != "none" else 9.0}
        for (cell, seed, selection), (name, value) in product(runs, NLL.items())
    ]  # fmt: skip
    tables = {"conformal": pd.DataFrame(sets), "temperature": pd.DataFrame(scaled)}
    return {name: results.check(name, table) for name, table in tables.items()}


def half(step, seeds):
    """Half of a 95% t interval of seeds that rise by `step`, by hand: three have a deviation of one step."""
    return stats.t.ppf(0.975, seeds - 1) * step / seeds**0.5


def test_sentences_by_hand():
    """Over two noisy cells: .98 + .01 - .05 = .94 in the middle seed, and .76."""
    sets, scaled, doubt = confidence.sentences(made(), 0.95)
    by = 100 * half(0.01, 3)
    assert f"94.0% [{94 - by:.1f}, {94 + by:.1f}] of the test images and have 3.0 classes" in sets
    assert f"76.0% [{76 - by:.1f}, {76 + by:.1f}]" in sets and "true class of 90% of the images" in sets
    assert "mean over 2 noise cells, 95% t interval over 3 seeds" in sets
    by = half(0.1, 3)
    for name, told in (
        ("none", "as it is"),
        ("noisy_labels", "with a temperature"),
        ("confident_joint", "with one"),
    ):
        middle = NLL[name] + 0.1
        assert f"{middle:.2f} [{middle - by:.2f}, {middle + by:.2f}] nats {told}" in scaled
    # the lowest is that of pair flip and seed 0, the highest that of symmetric and seed 2
    assert "144–145 labels" in doubt and "70.0 to 82.0% through the estimated T" in doubt
    assert "80.0 to 92.0% through the true T; 81.0 to 93.0% from as many clean labels" in doubt


def test_a_seed_of_which_a_run_diverged_is_left_out_and_one_seed_has_no_interval():
    tables = made()
    lost = tables["conformal"]["seed"].isin([1]) & (tables["conformal"]["noise"] == "symmetric")
    tables["conformal"].loc[lost, ["coverage", "set_size"]] = float("nan")
    assert "94.0% [" in confidence.sentences(tables, 0.95)[0]  # the mean of seeds 0 and 2
    (sets, *_) = confidence.sentences(made(seeds=1), 0.95)
    assert "93.0% of the test images" in sets and "one seed, no interval" in sets


@pytest.mark.parametrize("missing", ["cells", "tables", "method"])
def test_nothing_is_said_of_what_is_not_there(missing):
    tables = made(cells=CELLS[:1]) if missing == "cells" else {} if missing == "tables" else made()
    if missing == "method":
        tables = {name: table.assign(method="gce") for name, table in tables.items()}
    assert confidence.sentences(tables, 0.95) == []


def test_tables_show_early_stopping_alone():
    found = made()
    frame = confidence.sets(found["conformal"]).frame
    (row,) = frame[
        (frame["group"] == "cross entropy: least ambiguous") & (frame["row"] == "noisy labels")
    ].to_dict("records")
    assert row["symmetric 0.4"] == "99.0\n(98.0–100.0)\n3.00 classes" and len(frame) == 2 * 4
    frame = confidence.temperatures(found["temperature"]).frame
    assert list(frame["row"]) == ["none", "noisy labels", "confident joint"] * 2
    assert frame["symmetric 0.4"].iloc[2] == "0.70\n(0.60–0.80)"
