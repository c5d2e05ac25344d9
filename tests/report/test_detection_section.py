"""What the report says of label errors and rechecking, against numbers put into the tables by hand, or counted
anew from the lowest table, row by row."""

import csv
import io
import re
from collections import defaultdict
from statistics import mean

import pandas as pd
import pytest
import synthetic_detection
import synthetic_tables

from labelnoise import words
from labelnoise.figures import budget, p_wrong_reliability
from labelnoise.figures import table as figures_table
from labelnoise.report import detection, noise_kind, recheck

CELL = ("symmetric", 0.4)
CELLS = [("none", 0.0), CELL, ("asymmetric", 0.2), ("asymmetric", 0.4), ("boundary", 0.1)]
TABLES = synthetic_detection.make(CELLS, seeds=2)


def _rows(table):
    """Rows of a table as its CSV has them, numbers as numbers."""
    text = (TABLES[table] if isinstance(table, str) else table).to_csv(index=False)
    return [{k: _number(v) for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]


def _number(text):
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return text


def _by_cell(rows, value):
    """Mean over seeds of a column, by noise cell; cells without a value are left out."""
    found = defaultdict(list)
    for row in rows:
        if row[value] == row[value]:
            found[row["noise"], row["noise_rate"]].append(row[value])
    return {cell: mean(values) for cell, values in found.items()}


def test_the_obvious_tier_is_averaged_over_every_cell_with_wrong_labels():
    own = [row for row in _rows("tiers") if row["tier"] == "obvious"]
    shares = _by_cell(own, "errors_found_share")
    assert len(shares) == 4 and min(shares.values()) == 0  # withheld in two of them
    count = sum(row["count"] for row in own)
    wrong = sum(row["count"] * row["share_wrong"] for row in own if row["count"])
    said = next(text for text in detection.sentences(TABLES) if text.startswith("Obvious errors"))
    assert f"{wrong / count:.1%} of the {count:,.0f} labels so called are wrong" in said
    assert f"They hold {mean(shares.values()):.0%} of all wrong labels, mean over the 4 noise cells" in said
    assert f"(0% to {max(shares.values()):.0%} by cell" in said


def test_no_obvious_error_anywhere_is_said():
    table = TABLES["tiers"].query("noise == 'boundary'")
    said = detection.sentences({"tiers": table})
    assert said == ["Obvious errors: no label is called one in any of 1 noise cell."]


def _auprc(score):
    """AUPRC of a score, mean over seeds and then over the cells in which something is wrong."""
    by = _by_cell([row for row in _rows("detection") if row["score"] == score], "auprc")
    return mean(by.values()), len(by)


def test_rivals_are_counted_in_the_cells_that_can_be_ranked_and_variants_are_no_rivals():
    said = next(text for text in detection.sentences(TABLES) if text.startswith("Finding wrong labels"))
    rivals = set(synthetic_detection.SCORES) - {"noise_model", "noise_model_high", "noise_model_mean"}
    best = max(rivals, key=lambda score: _auprc(score)[0])
    own, count = _auprc("noise_model")
    assert count == len(CELLS) - 1  # nothing to rank without noise
    assert f"a mean AUPRC of {own:.3f} over {count} noise cells with wrong labels" in said
    assert f"best other score on the same features, {words.name(best)}, {_auprc(best)[0]:.3f}" in said
    intervals = [r for r in _rows("detection_intervals") if r["score"] == best and r["metric"] == "auprc"]
    better = sum(row["differs"] and row["diff"] > 0 for row in intervals)
    worse = sum(row["differs"] and row["diff"] < 0 for row in intervals)
    told = re.search(r"better in (\d+) cells?, worse in (\d+).*?, undecided in (\d+)", said)
    assert [int(n) for n in told.groups()] == [better, worse, count - better - worse]
    assert f"all doubt is noise {_auprc('noise_model_high')[0]:.3f}" in said
    assert f"mean of both {_auprc('noise_model_mean')[0]:.3f}" in said


def test_a_better_variant_is_never_the_best_other_score():
    intervals = TABLES["detection_intervals"].copy()
    intervals.loc[intervals["score"] == "noise_model_mean", "mean"] = 0.999
    said = detection.sentences({"detection_intervals": intervals})[0]
    assert "same features, noise model" not in said and "noise model, mean of both 0.999" in said


def test_cells_that_are_lost_are_named():
    intervals = TABLES["detection_intervals"].copy()
    rival = (intervals["score"] == "ridge_margin") & (intervals["metric"] == "auprc")
    intervals.loc[rival, "mean"] = 0.97
    intervals.loc[rival, "diff"], intervals.loc[rival, "differs"] = -0.05, True
    (said,) = detection.sentences({"detection_intervals": intervals})
    assert "ridge: margin, 0.970" in said and "better in 0 cells" in said
    assert ", worse in 4 (asymmetric 0.2, asymmetric 0.4, boundary 0.1, symmetric 0.4)" in said
    assert detection.sentences({"detection_intervals": intervals[:0]}) == []


def test_scores_that_need_bags_are_held_against_the_noise_model_where_they_are():
    table = TABLES["alternatives_intervals"]
    bags = table["score"].str.contains("oob|bags|mixture|planted")
    few = table[~bags | ((table["noise"] == "symmetric") & (table["noise_rate"] == 0.4))].copy()
    few.loc[few["score"] == "oob_margin", "mean"] = 0.99
    everywhere, where_bags = detection.sentences({"alternatives_intervals": few})
    assert "over 4 noise cells" in everywhere and "out-of-bag" not in everywhere
    assert "over 1 noise cell " in where_bags and "out-of-bag margin, 0.990" in where_bags
    assert "no rivals: noise model on bags of networks" in where_bags


def test_the_best_score_that_needs_networks_needs_them():
    table = TABLES["alternatives_intervals"].copy()
    table.loc[table["score"].isin(["sample_only", "class_only"]), "mean"] = 0.999
    assert not any("alone" in text for text in detection.sentences({"alternatives_intervals": table}))


def test_stated_probabilities_in_words_and_in_the_right_direction():
    said = next(text for text in detection.sentences(TABLES) if text.startswith("P(wrong)"))
    rows = [row for row in _rows("detection_reliability") if row["score"] == "noise_model_mean"]
    gaps = {}
    for step in range(5):
        own = [r for r in rows if r["count"] and min(int(r["stated"] / 0.2), 4) == step]
        count = sum(r["count"] for r in own)
        stated = sum(r["count"] * r["stated"] for r in own) / count
        wrong = sum(r["count"] * r["share_wrong"] for r in own) / count
        gaps[f"{stated:.0%}"] = wrong - stated
        if step in (1, 2, 3):
            assert f"with a stated {stated:.0%}, {wrong:.0%} are wrong" in said
    low = [at for at, gap in gaps.items() if gap > 0.05]
    high = [at for at, gap in gaps.items() if gap < -0.05]
    assert low and high
    assert f"too low at {' and '.join(low)}, where more are wrong" in said
    assert f"too high at {' and '.join(high)}, where fewer are wrong" in said


@pytest.mark.parametrize(
    ("share", "expected"), [(0.77, "too low at 50%, where more"), (0.2, "too high at 50%"), (0.52, "what it says")]
)
def test_the_direction_of_a_stated_half(share, expected):
    table = pd.DataFrame({
        "network": "pixels", "noise": ["a", "b"], "noise_rate": 0.1, "realised_rate": 0.1, "score": "noise_model",
        "bin": 7, "count": 100, "stated": 0.5, "share_wrong": share, "low": 0.0, "high": 1.0,
    })  # fmt: skip
    (said,) = detection.sentences({"detection_reliability": table})
    assert f"with a stated 50%, {share:.0%} are wrong" in said and expected in said
    caption = p_wrong_reliability.CAPTIONS["p_wrong_reliability"][1]
    assert "above the diagonal: more labels are wrong than stated" in caption
    assert "below it: fewer are wrong than stated" in caption


def _rates(low, high, truth=float("nan"), noise="given"):
    row = {"network": "pixels", "noise": noise, "noise_rate": 0.0, "realised_rate": truth, "seed": 0}
    rows = [
        {**row, "estimator": "noise_model", "estimate": (low + high) / 2, "low": low, "high": high},
        {**row, "estimator": "disagreement", "estimate": 0.2, "low": float("nan"), "high": float("nan")},
    ]
    return {"noise_rate": pd.DataFrame(rows)}


def test_a_rate_is_a_range_between_models_and_no_interval():
    said = noise_kind.sentences(_rates(0.08, 0.12), *CELL)
    assert said == [
        "Labels as given: share of wrong labels 8.0 to 12.0%, range between two models. "
        "Such a range is no confidence interval."
    ]
    (_, warning) = noise_kind.sentences(_rates(0.74, 0.82), *CELL)
    assert (
        warning == "The labels cannot tell 74% noise from 82% in labels as given: take the rate as a range there."
    )
    (known,) = noise_kind.sentences(_rates(0.38, 0.42, 0.41, "symmetric"), "symmetric", 0.0)
    assert "In truth 41.0% are wrong (they were made wrong on purpose)." in known
    assert known.endswith("Run by run, the range holds the true share in 1 of 1.")
    shown = noise_kind.rates(_rates(0.1, 0.2)["noise_rate"]).frame.set_index("row").iloc[:, -1]
    assert list(shown) == ["15.0\n[10.0–20.0]", "20.0"]


def test_the_coverage_of_the_range_is_counted_run_by_run():
    table = TABLES["noise_rate"].copy()
    own = table["estimator"] == "noise_model"
    table.loc[own & (table["seed"] == 0), ["low", "high"]] = [0.9, 0.95]  # holds nothing
    rows = [row for row in _rows(table) if row["estimator"] == "noise_model"]
    held = [row["low"] <= row["realised_rate"] <= row["high"] for row in rows]
    off = [
        max(row["low"] - row["realised_rate"], row["realised_rate"] - row["high"])
        for row, inside in zip(rows, held)
        if not inside
    ]
    (said,) = noise_kind.coverage(table)
    assert 0 < sum(held) <= len(rows) / 2
    assert f"holds the true share in {sum(held)} of {len(rows)} runs, 5 cells × 2 seeds" in said
    assert f"{100 * mean(off):.1f} points beyond its nearer end on average, {100 * max(off):.1f} at most" in said
    shown = noise_kind.rates(table)
    assert f"It holds the truth in {sum(held)} of {len(rows)} runs, 5 cells × 2 seeds." in shown.note
    line = shown.frame[shown.frame["group"].str.startswith("runs whose range")].iloc[0]
    by = defaultdict(list)
    for row, inside in zip(rows, held):
        by[row["noise"], row["noise_rate"]].append(inside)
    assert line["symmetric 0.4"] == f"{sum(by[CELL])} of 2"


def test_nothing_calls_a_range_a_confidence_interval():
    texts = [text for both in figures_table.captions("noisy").values() for text in both]
    texts += [
        noise_kind.rates(TABLES["noise_rate"]).note,
        noise_kind.confusions(TABLES["noise_matrix"], CELL).note,
    ]
    texts += [*noise_kind.sentences(TABLES, *CELL), *noise_kind.coverage(TABLES["noise_rate"])]
    assert not any("95%" in text or re.search(r"(?<!no confidence )interval", text) for text in texts)


def test_the_kind_of_noise():
    matrix = pd.DataFrame([
        {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "clean": i,
         "given": j, "estimate": estimate, "low": estimate, "high": estimate + 0.02, "truth": float("nan")}
        for i, row in zip("abc", [[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.0, 0.4, 0.6]])
        for j, estimate in zip("abc", row)
    ])  # fmt: skip
    said = noise_kind.sentences(_rates(0.1, 0.1) | {"noise_matrix": matrix}, *CELL)
    assert "c labelled b (40.0%" in said[1] and said[1].index("c labelled b") < said[1].index("a labelled b")
    assert said[2].startswith(
        "Errors of a class go mostly to one other class (80% on the most frequent; 50% would be even"
    )
    told = noise_kind.sentences(_rates(0.1, 0.1) | {"noise_matrix": matrix.assign(truth=0.25)}, *CELL)
    assert "truth" not in said[1] and "c labelled b (40.0%, range 40.0 to 42.0%; truth 25.0%)" in told[1]
    frame = noise_kind.confusions(matrix, ("given", 0.0)).frame
    assert frame["row"].iloc[0] == "c → b" and "truth" not in frame and "range" in frame


@pytest.mark.parametrize(
    ("most", "how"),
    [(0.3, "go mostly to one other class"), (0.08, "lean to some"), (0.03, "are spread almost evenly")],
)
def test_errors_that_go_to_one_class_and_errors_that_spread(most, how):
    names = list("abcdefghijk")
    rows = [
        {"network": "mlp", "noise": "given", "noise_rate": 0.0, "realised_rate": float("nan"), "clean": clean,
         "given": given, "estimate": most if (j - i) % 11 == 1 else 0.02, "low": 0.0, "high": 0.0,
         "truth": float("nan")}
        for i, clean in enumerate(names) for j, given in enumerate(names)
    ]  # fmt: skip
    said = noise_kind.sentences(_rates(0.1, 0.1) | {"noise_matrix": pd.DataFrame(rows)}, *CELL)
    share = most / (most + 9 * 0.02)
    assert how in said[2] and f"({share:.0%} on the most frequent; 10% would be even)" in said[2]


def test_tiers_without_truth_tell_what_is_stated_alone():
    table = TABLES["tiers"]
    full = detection.tiers(table).frame
    assert "share of wrong labels [%]" in set(full["group"])
    assert list(dict.fromkeys(full["row"])) == ["obvious", "of which sure", "possible", "rest"]
    blind = table.assign(share_wrong=float("nan"), errors_found_share=float("nan"), suggestion_right=float("nan"))
    groups = set(detection.tiers(blind).frame["group"])
    assert groups == {"labels, per seed", "stated share of wrong labels [%]"}


def test_what_the_answers_changed():
    cells = [("given", 0.0), ("rechecked", 0.0)]
    tables = synthetic_detection.make(cells, seeds=2, truth=False)
    tables["accuracy"] = synthetic_tables.make(["cross_entropy"], cells, 2, 3)["accuracy"]
    tables["gate"] = tables["gate"].assign(contradicted=tables["gate"]["rate_low"])  # else a limit alone is told
    after = (tables["noise_rate"]["noise"] == "rechecked") & (tables["noise_rate"]["estimator"] == "noise_model")
    tables["noise_rate"].loc[after, ["low", "high"]] = [0.05, 0.06]
    frame = recheck.answers(tables, *CELL).frame
    assert list(frame["row"]) == ["labels as they were", "with the answers"]
    assert frame["wrong labels"].iloc[1] == "5.0 to 6.0%, range between two models"
    assert recheck.answers(TABLES, *CELL) is None


def test_what_finding_most_errors_takes_run_by_run():
    table = TABLES["budget_needed"]
    shares = {}
    for row in table.to_dict("records"):
        if row["found_share"] == 0.8 and row["rechecker_error"] == 0 and row["noise"] != "none":
            shares.setdefault(row["order"], []).append(row["rechecked_share"])
    means = {order: sum(of) / len(of) for order, of in shares.items()}
    (said, *_) = recheck.sentences({"budget_needed": table})
    told = re.search(r"labels, (\d+)% of .* order and (\d+)% at random; the fewest possible are (\d+)%", said)
    wanted = [100 * means[order] for order in ("noise_model", "random", "oracle")]
    assert [float(number) for number in told.groups()] == pytest.approx(wanted, abs=0.5001)


def test_what_people_who_err_need():
    key = {"network": "mlp", "noise": "given", "noise_rate": 0.0, "found_share": 0.8}
    costs = [(0.0, 0.3), (0.0, 0.5), (0.05, 0.5), (0.05, 0.7), (0.1, 0.6), (0.1, float("nan"))]
    key |= {"seed": 0, "realised_rate": 0.1}
    rows = [key | {"order": "noise_model", "rechecker_error": e, "rechecked_share": share} for e, share in costs]
    rows.append(key | {"order": "random", "rechecker_error": 0.0, "rechecked_share": 0.8})
    (said,) = recheck.sentences({"budget_needed": pd.DataFrame(rows)})
    assert "80% of the wrong labels, 40% of the labels" in said
    assert "If 5% of answers are wrong, 80% are still found in 2 of 2 runs, after 60% of the labels." in said
    assert said.endswith(
        "If 10% of answers are wrong, 80% are still found in 1 of 2 runs, after 60% of the labels."
    )


def test_the_coverage_of_errors_left_is_told_and_answers_say_when_to_stop():
    table = TABLES["errors_left"].copy()
    table.loc[table["noise"] == "boundary", ["low", "high"]] = [0.0, 1.0]  # as of errors on unclear images
    everything = table.assign(rechecked_share=1.0, estimate=0.0, low=0.0, high=0.0, truth=0.0)
    table = pd.concat([table, everything.drop_duplicates(["noise", "noise_rate", "seed"])])  # says nothing
    rows = [row for row in _rows(table) if row["rechecked_share"] < 1]
    held = sum(row["low"] <= row["truth"] <= row["high"] for row in rows)
    more = sum(row["truth"] > row["high"] for row in rows)
    start = [row["low"] <= row["truth"] <= row["high"] for row in rows if row["rechecked_share"] == 0]
    assert held < len(rows) and more
    (said,) = recheck.sentences({"errors_left": table})
    expected = (
        f"the band holds the truth in {held / len(rows):.0%} of {len(rows)} runs × budgets, at the start in "
        f"{sum(start)} of {len(start)} runs, 5 cells × 2 seeds; in {more / len(rows):.0%} more are left than it "
        "says."
    )
    assert said.startswith(f"Errors left: {expected}") and "do not stop by it" in said
    shown = recheck.errors_left(table)
    assert expected[1:] in shown.note and "Answers to an audit" in shown.note
    line = shown.frame[shown.frame["group"].str.startswith("runs whose band")].set_index("row")
    assert line.loc["0%", "boundary 0.1"] == "0 of 2"
    assert "alone say when to stop" in budget.CAPTIONS["errors_left"][1]


def test_links_are_there_for_files_that_are_and_name_what_is_listed(tmp_path):
    (tmp_path / "to_recheck.csv").touch()
    assert recheck.links(tmp_path) == [("to_recheck.csv", "all labels, the most suspect first")]
