"""Every sentence and table of the screens, counted again from the lowest table by another path."""

import math
import re

import made_report
import pandas as pd
import pytest
import synthetic_detection
import synthetic_tables

from labelnoise import words
from labelnoise.report import screens

METHODS, CELLS = ["cross_entropy", "mae", "elr", "forward_oracle"], made_report.CELLS


@pytest.fixture(scope="module")
def found():
    return synthetic_tables.make(METHODS, CELLS, seeds=3, epochs=3)


@pytest.fixture(scope="module")
def made(found):
    return {screen.key: screen for screen in screens.make(found, 0.95)}


def rows(table: pd.DataFrame, **where) -> list[dict]:
    return [row for row in table.to_dict("records") if all(row[key] == value for key, value in where.items())]


def shown(screen: screens.Screen) -> dict[str, dict]:
    return {row["row"]: row for row in screen.table.frame.to_dict("records")}


def numbers(text: str) -> list[float]:
    return [float(text.replace("−", "-")) for text in re.findall(r"[+−]?\d+(?:\.\d+)?", text)]


def early(found, method: str, noise: str, seed: int) -> float:
    (row,) = rows(found["accuracy"], method=method, noise=noise, seed=seed, selection="best_noisy_val")
    return row["test_accuracy"]


def test_questions_come_in_order(made):
    assert list(made) == ["methods", "errors", "recheck", "note"]


def test_methods_are_told_apart_by_runs(found, made):
    table = shown(made["methods"])
    assert set(table) == {"MAE", "ELR"}  # neither itself nor an oracle
    for method in ("mae", "elr"):
        for noise, rate in CELLS:
            gains = [early(found, method, noise, s) - early(found, "cross_entropy", noise, s) for s in range(3)]
            text = table[words.name(method)][words.cell_name(noise, rate)]
            assert numbers(text)[0] == pytest.approx(100 * math.fsum(gains) / 3, abs=0.06)


def test_better_and_worse_are_counted_as_they_are_marked(made):
    cells = [
        text for row in shown(made["methods"]).values() for text in list(row.values()) if isinstance(text, str)
    ]
    up, down = (sum(text.startswith(mark) for text in cells) for mark in "▲▼")
    total = 2 * len(CELLS)
    assert numbers(made["methods"].found) == [2, len(CELLS), up, total, down, total - up - down]
    assert made["methods"].found.startswith("2 other methods not told the noise, against early-stopped cross-")


def test_marks_are_those_of_the_matrix(found, made):
    for row in rows(found["intervals"], metric="test_accuracy", selection="best_noisy_val"):
        if row["baseline_selection"] != "best_noisy_val" or row["method"] not in ("mae", "elr"):
            continue
        text = shown(made["methods"])[words.name(row["method"])][words.cell_name(row["noise"], row["noise_rate"])]
        assert text[:1] == ("▲" if row["diff"] > 0 else "▼") or not row["differs"]
        assert row["differs"] == (text[:1] in "▲▼")


def test_seeds_that_diverged_leave_a_method_unmarked(found):
    table = found["intervals"].copy()
    hit = (table["method"] == "mae") & (table["noise"] == "symmetric")
    table.loc[hit, ["n_seeds", "pair_seeds"]] = 2
    screen = screens.make({**found, "intervals": table}, 0.95)[0]
    assert shown(screen)["MAE"]["symmetric 0.4"][0] in "+−"


def test_how_many_may_be_the_best_is_counted_method_by_method(found, made):
    early = rows(found["unknown"], selection="best_noisy_val", oracle=False)
    tied = sum(bool(row["tied"]) for row in early)
    expected = f"open among {tied} methods" if tied > 1 else "Other data may order methods otherwise."
    assert early and expected in made["methods"].doubt


def test_obvious_errors_are_counted_label_by_label(found, made):
    table, screen = shown(made["errors"]), made["errors"]
    worst = (2.0, "")
    for noise, rate in CELLS:
        own = rows(found["tiers"], noise=noise, noise_rate=rate, tier="obvious")
        count = sum(row["count"] for row in own)
        row = table[words.cell_name(noise, rate)]
        assert numbers(row["obvious"].replace(",", "")) == [count]
        known = [row for row in own if not math.isnan(row["share_wrong"])]
        if known:
            wrong = sum(round(row["share_wrong"] * row["count"]) for row in known) / sum(r["count"] for r in known)
            assert numbers(row["wrong [%]"])[0] == pytest.approx(100 * wrong, abs=0.051)
            worst = min(worst, (wrong, words.cell_name(noise, rate)))
    assert f"{worst[0]:.1%} of them are wrong ({worst[1]})" in screen.found


def test_noise_cells_of_the_list_alone_are_told(found, made):
    assert "alone" not in made["errors"].found
    fewer = found["intervals"][found["intervals"]["noise"] != "pair_flip"]
    told = screens.screens_list.errors({**found, "intervals": fewer}).found
    assert f" of {len(CELLS)} noise cells (1 for the list alone) some labels are" in told


def test_ranges_that_hold_the_truth_are_counted_run_by_run(found, made):
    own = [row for row in rows(found["noise_rate"], estimator="noise_model") if not math.isnan(row["low"])]
    held = [row["low"] <= row["realised_rate"] <= row["high"] for row in own]
    assert f"holds the true share in {sum(held)} of {len(held)} runs" in made["errors"].doubt
    off = [max(r["low"] - r["realised_rate"], r["realised_rate"] - r["high"]) for r in own]
    off = [value for value, within in zip(off, held, strict=True) if not within]
    told = (
        f"{100 * math.fsum(off) / len(off):.1f} points beyond its nearer end on average, {100 * max(off):.1f}"
        if off
        else ""
    )
    assert told in made["errors"].doubt and ("nearer end" in made["errors"].doubt) == bool(off)
    here = [row for row in own if row["noise"] == "symmetric"]
    held = [row["low"] <= row["realised_rate"] <= row["high"] for row in here]
    assert shown(made["errors"])["symmetric 0.4"]["runs whose range holds it"] == f"{sum(held)} of {len(held)}"


def test_looks_per_error_from_runs(found, made):
    table, worst = shown(made["recheck"]), (0.0, "")
    for noise, rate in CELLS[1:]:
        own = rows(found["budget_needed"], noise=noise, order="noise_model", rechecker_error=0.0, found_share=0.5)
        looks = [r["rechecked_share"] / (0.5 * r["realised_rate"]) for r in own]
        looks = [value for value in looks if not math.isnan(value)]
        mean = math.fsum(looks) / len(looks)
        name = words.cell_name(noise, rate)
        assert numbers(table[name]["looks per error, first 50%"]) == [pytest.approx(mean, abs=0.0051)]
        worst = max(worst, (mean, name))
    sizes = {}
    for row in rows(found["tiers"]):
        if row["tier"] != "sure":
            run = (row["noise"], row["noise_rate"], row["seed"])
            sizes[run] = sizes.get(run, 0) + row["count"]
    least, most = (f"{of(sizes.values()):,.0f}" for of in (min, max))
    told = least if least == most else f"{least}–{most}"
    assert f"in % of all ({told} labels)" in made["recheck"].table.note
    assert "no noise" not in table
    assert f"at most {worst[0]:.2f} labels" in made["recheck"].found and f"({worst[1]})" in made["recheck"].found


def test_errors_left_are_counted_run_by_run(found, made):
    own = [r for r in rows(found["errors_left"]) if not math.isnan(r["truth"]) and r["rechecked_share"] < 1]
    held = sum(row["low"] <= row["truth"] <= row["high"] for row in own)
    assert f"in {held / len(own):.0%} of {len(own):,} runs" in made["recheck"].doubt


def test_statements_are_counted_once_however_many_claims_they_have(found):
    """What asks is no statement; a claim that could not be tested is not open."""
    texts = found["statements"]
    wrong, asked = (texts[texts["as_written"] == word].iloc[[0]] for word in ("wrong", "question"))
    more = [wrong.assign(id=98), asked.assign(id=99, said="another question")]
    twice = pd.concat([texts, *more])
    counts = {}
    for row in twice.to_dict("records"):
        word = row["as_written"]
        counts.setdefault(row["said"], set()).add("untested" if row["verdict"] == "not tested" else word)
    states = [said for said in counts.values() if said != {"question"}]
    screen = {one.key: one for one in screens.make({**found, "statements": twice}, 0.95)}["note"]
    wrong = sum("wrong" in said for said in states)
    undecided = sum("open" in said for said in states if "wrong" not in said)
    untested = sum("untested" in said for said in states if not said & {"wrong", "open"})
    stand = sum(said <= {"stands", "question"} for said in states)
    assert numbers(screen.found) == [len(states), wrong, stand, undecided, untested]
    assert len(states) == wrong + stand + undecided + untested
    assert numbers(screen.doubt) == [len(twice), len(counts) - len(states)]
    assert len(screen.table.frame) == len(twice)


def test_how_many_seeds_stand_by_the_numbers(found, made):
    """Accuracy and rates have three here, labels are looked for in two."""
    of = {"methods": ("accuracy", 3), "errors": ("tiers", 2), "recheck": ("budget_needed", 2)}
    for key, (table, expected) in of.items():
        assert len({row["seed"] for row in rows(found[table])}) == expected
        assert f"{expected} seeds" in made[key].table.note
    fewer = found["tiers"].query("noise != 'symmetric' or seed == 0")
    note = {one.key: one for one in screens.make({**found, "tiers": fewer}, 0.95)}["errors"].table.note
    assert "of 1 to 2 seeds a cell" in note


def test_labels_without_a_known_truth_are_told_of_without_one():
    found = synthetic_tables.make(METHODS, [("given", 0.0)], seeds=2, epochs=3)
    found |= synthetic_detection.make([("given", 0.0)], seeds=1, truth=False)
    made = {screen.key: screen for screen in screens.make(found, 0.95)}
    frame = made["errors"].table.frame
    known = {"wrong [%]", "true rate [%]", "of all errors [%]", "runs whose range holds it"}
    assert not known & set(frame)
    assert "are called obvious errors" in made["errors"].found and "are wrong" not in made["errors"].found
    assert "recheck" not in made


def test_papers_of_which_no_value_can_be_compared_are_counted(found):
    shared = {"dataset": "mnist", "kind": "published", "verified": "yes", "values": 9, "stand_in": 0}
    counts = [("A 2020", 3, 2, 1, 0), ("B 2021", 0, 0, 0, 0), ("C 2022", 0, 0, 0, 0)]
    table = pd.DataFrame([
        {**shared, "paper": paper, "here": here, "agree": yes, "disagree": no, "undecided": open_}
        for paper, here, yes, no, open_ in counts
    ])  # fmt: skip
    screen = {one.key: one for one in screens.make({**found, "papers_agreement": table}, 0.95)}["papers"]
    assert list(screen.table.frame["row"]) == ["A 2020"] and "2 other papers: no value" in screen.table.note
    assert "27 published values of mnist, 3 have one of ours beside them" in screen.found
    none = table.assign(here=0, agree=0, disagree=0, undecided=0)
    screen = {one.key: one for one in screens.make({**found, "papers_agreement": none}, 0.95)}["papers"]
    assert len(screen.table.frame) == 3 and "None of 27 published values" in screen.found
    assert "other paper" not in screen.table.note  # all are in the table


def test_why_a_range_misses_a_truth_of_nought(found):
    """A range begins above 0: without noise it cannot hold the truth."""
    rates = found["noise_rate"].copy()
    own = (rates["estimator"] == "noise_model") & (rates["noise"] == "none")
    for low, told in ((0.0004, "by less than 0.1 points."), (0.02, "by 2.0 points at most."), (0.0, "")):
        rates.loc[own, ["realised_rate", "low", "high"]] = [0.0, low, 0.03]
        doubt = {one.key: one for one in screens.make({**found, "noise_rate": rates}, 0.95)}["errors"].doubt
        assert ("Without noise the truth is 0" in doubt) == bool(told) and doubt.endswith(told)
