"""What the report says of the gate, counted anew row by row; and that page and list have the same counts."""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_detection

sys.path.insert(0, str(Path(__file__).parents[1] / "recheck"))
import synthetic_recheck

from labelnoise import results
from labelnoise.detect import tiers
from labelnoise.recheck import cell, detected, lists
from labelnoise.report import answers_own, detection, gate, noise_kind, parts

CELLS = [("none", 0.0), ("symmetric", 0.4), ("asymmetric", 0.2), ("asymmetric", 0.4), ("boundary", 0.1)]


@pytest.fixture(scope="module")
def table():
    """In one of two seeds of asymmetric 0.2 the tier is withheld too, and one of symmetric 0.4 has a cut."""
    made = synthetic_detection.make(CELLS, seeds=2)["gate"]
    half = (made["noise"] == "asymmetric") & (made["noise_rate"] == 0.2) & (made["seed"] == 1)
    made.loc[half, ["rule", "withheld", "withheld_wrong", "flagged", "flagged_wrong"]] = [
        "none",
        50,
        0.8,
        0,
        np.nan,
    ]
    cut = (made["noise"] == "symmetric") & (made["seed"] == 1)
    made.loc[cut, ["rule", "cut", "withheld", "withheld_wrong", "flagged_wrong"]] = ["cut", 0.98, 40, 0.5, 0.96]
    return made


def _rows(table, tmp_path):
    results.write("gate", table, tmp_path)
    with open(tmp_path / "gate.csv") as file:
        return [
            {k: v if k in ("noise", "network", "verdict", "rule") else float(v or "nan") for k, v in row.items()}
            for row in csv.DictReader(file)
        ]


def _cells(rows, where):
    """Cells of which all seeds, and those of which some, are so."""
    by = {}
    for row in rows:
        by.setdefault((row["noise"], row["noise_rate"]), []).append(where(row))
    return {c for c, found in by.items() if all(found)}, {c for c, found in by.items() if any(found)}


def test_given_and_withheld_are_counted_row_by_row(table, tmp_path):
    rows = _rows(table, tmp_path)
    every, some = _cells(rows, lambda row: row["flagged"] > 0)
    given = [row for row in rows if row["flagged"] > 0]
    count = sum(row["flagged"] for row in given)
    share = sum(row["flagged"] * row["flagged_wrong"] for row in given) / count
    least = min(given, key=lambda row: row["flagged_wrong"])
    explained, first, whole, raised, nothing = gate.sentences(table)
    assert first.startswith(
        f"Obvious errors are reported in {len(every)} of {len(CELLS)} noise cells and in some checked seeds of "
        f"{len(some - every)} more: {share:.1%} of {count:,.0f} labels are wrong; least in {least['noise']} "
        f"{least['noise_rate']:g} (seed {least['seed']:.0f}), {least['flagged_wrong']:.1%} of"
    )
    kept = [row for row in rows if row["flagged"] == 0 and row["withheld"] > 0]
    where = {(row["noise"], row["noise_rate"]) for row in kept}
    assert len(where) == 3 and whole.startswith(f"The gate withholds the whole tier in {len(where)} noise cells")
    for noise, rate in where:
        own = [row for row in kept if (row["noise"], row["noise_rate"]) == (noise, rate)]
        labels = sum(row["withheld"] for row in own)
        wrong = sum(row["withheld"] * row["withheld_wrong"] for row in own) / labels
        seeds = "" if len(own) == 2 else " in 1 of 2 seeds"
        assert f"{noise} {rate:g}{seeds} ({labels:,.0f} labels, {wrong:.1%} of them wrong)" in whole
    assert raised == (
        "A raised limit of P(wrong) leaves a smaller tier, and keeps back: symmetric 0.4 in 1 of 2 seeds (40 "
        "labels, 50.0% of them wrong)."
    )
    assert all(word in explained for word in ("gate", "signal", "halving", "worlds", "checked"))
    assert nothing == "Nothing is called obvious, nor would be without the gate: no noise."


def test_every_figure_of_the_gate_is_in_the_table(table, tmp_path):
    shown = gate.table(table)
    frame = shown.frame.set_index("row")
    assert list(frame.index) == ["no noise", *(f"{n} {r:g}" for n, r in [*CELLS[2:4], CELLS[4], CELLS[1]])]
    row = frame.loc["symmetric 0.4"]
    own = [r for r in _rows(table, tmp_path) if r["noise"] == "symmetric"]
    assert row["reported"] == "all" and row["signal"] == "70–80" and row["halving [points]"] == "0.4"
    assert row["rate [%]"] == "40.0 to 42.0" and row["least P(wrong)"] == "0.980"
    assert row["fewest kept [%]"] == "60.0" and row["contradiction [nats]"] == "0"
    assert row["rule"] == "all that the model calls so (1), those above a raised limit (1)"
    assert row["obvious in worlds labels"] == f"{sum(r['worlds_flagged'] for r in own):,.0f}"
    assert row["given labels"] == f"{sum(r['flagged'] for r in own):,.0f}"
    assert row["withheld labels"] == "40" and row["withheld wrong [%]"] == "50.0"
    assert frame.loc["no noise", "given wrong [%]"] == "–"
    seeds = gate.by_seed(table)
    assert seeds.folded and len(seeds.frame) == len(table)
    assert gate.by_seed(table[table["seed"] == 0]) is None


@pytest.mark.parametrize("verdict", ["nothing", "order", "cautious", "all"])
def test_no_share_is_told_that_the_gate_withholds_of_unknown_truth(verdict):
    tables = synthetic_detection.make([("given", 0.0)], seeds=1, truth=False)
    judged = tables["gate"].assign(verdict=verdict, rate_low=0.3, rate_high=0.2, against_low=-23.0)
    told = verdict in ("cautious", "all")
    row = gate.table(judged).frame.iloc[0]
    assert row["rate [%]"] == ("20.0 to 30.0" if told else "withheld") and row["contradiction [nats]"] == "−23"
    assert row["fewest kept [%]"] == ("60.0" if told else "withheld")
    shown = detection.tiers(tables["tiers"], judged).frame
    stated = shown[shown["group"].str.startswith("stated")].set_index("row").iloc[:, -1]
    assert (stated["rest"] == "withheld") != told and detection.tiers(tables["tiers"]).frame.size
    often = gate.table(judged.assign(contradicted=0.5)).frame.iloc[0]["reported"]
    assert (often == "P(wrong), the rate as a limit") == (verdict == "all")
    known = judged.assign(realised_rate=0.3)  # the study judges every cell
    assert gate.table(known).frame.iloc[0]["rate [%]"] == "20.0 to 30.0" and not gate.untold(known)


def test_what_is_not_seen_is_said(table):
    made = table.copy()
    made.loc[made["noise"] == "boundary", ["verdict", "d", "flagged", "withheld"]] = ["nothing", np.nan, 0, 0]
    made.loc[made["noise"] == "symmetric", "verdict"] = "order"
    blind, order = gate.sentences(made)[-2:]
    assert "do not see the classes" in blind and "boundary 0.1" in blind
    assert "only the order is reported" in order and "symmetric 0.4" in order


@pytest.mark.parametrize(
    ("verdict", "contradicted", "told"),
    [("all", 0.44, "30.0 to 34.0%, range between two models"), ("all", 0.46, "at most 30.0%"),
     ("cautious", 0.44, "at most 30.0%"), ("order", 0.44, "not reported"), ("nothing", 0.46, "not reported")],
)  # fmt: skip
def test_a_rate_without_truth_is_told_as_the_gate_lets_it(verdict, contradicted, told):
    """Where the predictors contradict over half again as many labels as the model takes for wrong: a limit."""
    tables = synthetic_detection.make([("given", 0.0)], seeds=1, truth=False)
    figures = {"rate_low": 0.3, "rate_high": 0.2, "contradicted": contradicted}
    tables["gate"] = tables["gate"].assign(verdict=verdict, **figures)
    rates = tables["noise_rate"]
    rates.loc[rates["estimator"] == "noise_model", ["low", "high"]] = [0.3, 0.34]
    assert noise_kind.how_much(rates, tables["gate"], ("given", 0.0)).startswith(told)
    shown = parts.shown_by_gate(tables)
    assert ("noise_rate" in shown) == ("errors_left" in shown) == told.startswith("30.0 to")
    known = tables | {"noise_rate": rates.assign(realised_rate=0.3)}
    assert parts.shown_by_gate(known) == known  # the study judges every cell


@pytest.mark.parametrize(
    ("cells", "expected"),
    [([("symmetric", 0.4), ("none", 0.0)], ("symmetric", 1)), ([("given", 0.0), ("symmetric", 0.4)], ("given", 0)),
     ([("human_worse", 0.0), ("human_aggre", 0.0), ("symmetric", 0.4)], ("human_aggre", 0)),
     ([("given", 0.0), ("rechecked", 0.0)], ("rechecked", 0)), ([("symmetric", 0.2)], None),
     ([("symmetric", 0.4), ("rechecked", 0.4)], ("rechecked", 1))],
)  # fmt: skip
def test_the_listed_run_is_that_of_the_list(cells, expected):
    made = synthetic_detection.make(cells, seeds=2)["gate"]
    people = [noise for noise, _ in cells if noise == "given" or noise.startswith("human_")]
    made = made[(made["seed"] == 0) | ~made["noise"].isin([*people, "rechecked"] if people else [])]
    row = gate.listed(made, "symmetric", 0.4, 1)
    assert (row if row is None else (row["noise"], row["seed"])) == expected
    noises = {noise: [rate] for noise, rate in cells if noise != "rechecked"}
    if expected:  # the same as the list stage chooses
        settings = pd.Series({"noise": "symmetric", "noise_rate": 0.4, "seed": 1})
        of = cell.source(noises, settings)
        run = made.iloc[detected.listed_run(made, of)]
        assert (run["noise"], run["seed"]) == expected


def test_page_and_list_have_the_same_counts():
    data = synthetic_recheck.dataset()
    answers = np.full(synthetic_recheck.N, -1)
    drawn = synthetic_recheck.columns(data, answers)
    found = synthetic_recheck.detected(drawn)
    at = detected.run_before(found, synthetic_recheck.PEOPLE)
    listed = detected.as_shown(found, at, data, drawn, synthetic_recheck.PEOPLE)
    rows = list(csv.DictReader(lists.text(data, lists.to_recheck(data, listed)).splitlines()))
    key = detected.key(found, drawn, at)
    within = tiers.members(found.tier[at], found.sure[at], np.isfinite(found.p_low[at]))
    suggestion = found.posterior[at].argmax(1)
    table = tiers.table_rows(key, within, found.p_low[at], suggestion, listed.given, data.clean_labels)
    own = pd.Series(key | {"verdict": "all", "rate_low": 0.3, "contradicted": 0.3})
    value = " ".join(answers_own.first({"tiers": table}, own).lines)
    careful, often = (
        answers_own.first({"tiers": table}, pd.Series(own.to_dict() | change)).lines
        for change in ({"verdict": "cautious"}, {"contradicted": 0.5})
    )
    unsaid = "How many of them are wrong the models cannot say."
    assert careful[0] == often[0] == unsaid and "are expected to be wrong" in value
    obvious = [row for row in rows if row["tier"] == "obvious"]
    sure = sum(row["sure"] == "true" for row in obvious)
    possible = sum(row["tier"] == "possible" for row in rows)
    assert obvious and sure and possible and all(row["suggestion"] != row["given"] for row in rows)
    assert f"{len(obvious)} obvious errors, {sure} of them sure" in value and f"; {possible} possible." in value
    audit = pd.DataFrame({"what": ["rate"], "look": [60], "noise": own["noise"]})
    said = answers_own.first(
        {"tiers": table, "audit": audit}, own
    )  # P(wrong) is another one now, and so are tiers
    assert said.answer == "those that list.html names" and "obvious" not in " ".join(said.lines)
    early = answers_own.first({"tiers": table, "audit": audit.assign(look=0)}, own)
    assert early == answers_own.first({"tiers": table}, own)
