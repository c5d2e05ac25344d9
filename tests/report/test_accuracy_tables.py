"""The accuracy tables: families, marks of the best and of what ties with it."""

import numpy as np
import pandas as pd
import pytest
import synthetic_tables

from labelnoise import results
from labelnoise.report import accuracy, beaten

METHODS = ["cross_entropy", "mae", "gce", "elr", "forward_oracle"]
CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4}


def _intervals(means: dict[str, tuple[float, float, float]], lost: str = "") -> pd.DataFrame:
    """One cell at both selections; method -> low, mean, high. Early-stopped cross-entropy has .8 exactly.
    Differences are marked where they leave out 0."""
    rows = []
    for method, (low, mean, high) in means.items():
        for selection in ("last", "best_noisy_val"):
            early = method == "cross_entropy" and selection == "best_noisy_val"
            mine = (0.79, 0.8, 0.81) if early else (low, mean, high)
            for baseline in ("last", "best_noisy_val"):
                base = 0.8 if baseline == "best_noisy_val" else means["cross_entropy"][1]
                seeds = 3 - (method == lost)
                rows.append(
                    {**CELL, "method": method, "selection": selection, "metric": "test_accuracy",
                     "baseline_selection": baseline, "oracle": method.endswith("_oracle"),
                     "n_seeds": seeds, "pair_seeds": seeds, "diff_level": 0.96,
                     **dict(zip(["low", "mean", "high"], mine)),
                     **dict(zip(["diff_low", "diff", "diff_high"], (value - base for value in mine))),
                     "differs": mine[0] > base or mine[2] < base}
                )  # fmt: skip
    return pd.DataFrame(rows)


def _best(ahead: dict[tuple[str, str], float], contest: str = "last", reach: float = 0.12) -> pd.DataFrame:
    """Table `best` of one contest: (method, selection) -> how far ahead; tied within `reach`."""
    keys = [{**CELL, "contest": contest, "method": method, "selection": selection} for method, selection in ahead]
    gaps = np.array(list(ahead.values()))
    return pd.DataFrame(keys).assign(ahead=gaps, low=gaps - reach, high=gaps + reach, tied=gaps > -reach)


MEANS = {
    "cross_entropy": (0.5, 0.6, 0.7), "mae": (0.85, 0.9, 0.95), "gce": (0.7, 0.8, 0.9), "elr": (0.8, 0.85, 0.89),
    "forward_oracle": (0.9, 0.99, 1.0),
}  # fmt: skip
BEST = _best({("cross_entropy", "last"): -0.3, ("mae", "last"): 0.05, ("gce", "last"): -0.1,
              ("elr", "last"): -0.2, ("cross_entropy", "best_noisy_val"): -0.1})  # fmt: skip


def _marks(table):
    return {row["row"]: row["symmetric 0.4"][0] for _, row in table.frame.iterrows() if row["group"][:3] != "For"}


def test_the_best_and_what_ties_with_it_are_marked_as_the_table_best_has_it():
    """elr has a higher mean than gce, but the comparisons with the best rule it out."""
    tables = accuracy.means(_intervals(MEANS), BEST, METHODS, 0.95)
    assert _marks(tables[0]) == {"cross entropy": "6", "MAE": "●", "GCE": "○", "ELR": "8", "forward oracle": "9"}
    assert [table.key for table in tables] == ["accuracy", "accuracy-early"]
    assert set("●○") & set("".join(tables[1].frame["symmetric 0.4"])) == set()  # nothing competed there


def test_what_did_not_compete_has_no_mark():
    """As a mean over survivors."""
    best = BEST[BEST["method"] != "mae"].assign(ahead=[-0.25, -0.05, 0.05, -0.05])
    table = accuracy.means(_intervals(MEANS, lost="mae"), best, METHODS, 0.95)[0]
    assert _marks(table) == {"cross entropy": "6", "MAE": "9", "GCE": "○", "ELR": "●", "forward oracle": "9"}
    assert "n=2 of 3" in table.note + " ".join(table.frame["symmetric 0.4"])


def test_early_stopped_cross_entropy_stands_on_top_and_can_be_the_best():
    only = {name: MEANS[name] for name in ("cross_entropy", "forward_oracle")}
    best = _best({("cross_entropy", "last"): -0.2, ("cross_entropy", "best_noisy_val"): 0.2})
    table = accuracy.means(_intervals(only), best, METHODS, 0.95)[0]
    first = table.frame.iloc[0]
    assert first["group"].startswith("For comparison") and first["symmetric 0.4"].startswith("● 80.0")


def test_one_seed_has_no_interval_in_the_table():
    one = _intervals(MEANS).assign(low=np.nan, high=np.nan, diff_low=np.nan, diff_high=np.nan, differs=False)
    table = accuracy.means(one, results.empty("best"), METHODS, 0.95)[0]
    assert "90.0" in set(table.frame["symmetric 0.4"])
    assert "+10.0" in set(accuracy.differences(one, METHODS, 0.95)[0].frame["symmetric 0.4"])


def test_marks_of_differences_and_the_level_of_their_intervals():
    table = accuracy.differences(_intervals(MEANS), METHODS, 0.95)[0]
    found = dict(zip(table.frame["row"], table.frame["symmetric 0.4"]))
    assert found["MAE"] == "▲ +10.0\n[5.0, 15.0]" and found["GCE"] == "+0.0\n[−10.0, 10.0]"
    assert found["cross entropy"].startswith("▼ −20.0") and "of marked differences 96.0%" in table.note


def test_rows_are_grouped_by_family_and_oracles_stand_last():
    frame = accuracy.means(_intervals(MEANS), BEST, METHODS, 0.95)[0].frame
    assert list(zip(frame["group"], frame["row"]))[1:] == [
        ("Baselines", "cross entropy"),
        ("Robust losses", "MAE"),
        ("Robust losses", "GCE"),
        ("Changed labels", "ELR"),
        ("oracles, given the truth", "forward oracle"),
    ]


@pytest.fixture(scope="module")
def studied():
    cells = [("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4), ("asymmetric", 0.4)]
    return synthetic_tables.make(METHODS, cells, seeds=3, epochs=4)


def test_score_counts_cells_by_hand(studied):
    frame = beaten.score(studied["intervals"], METHODS).frame.set_index("row")
    rows = studied["intervals"].query("metric == 'test_accuracy' and selection == 'last' and method == 'mae'")
    rows = rows[rows["baseline_selection"] == "best_noisy_val"]
    expected = [(rows["differs"] & (rows["diff"] > 0)).sum(), (rows["differs"] & (rows["diff"] < 0)).sum()]
    counts = [int(n) for n in frame.loc["MAE", "last epoch, against early stopping"].split(" / ")]
    assert counts[:2] == expected and sum(counts) == len(rows)
    assert frame.loc["cross entropy", "last epoch, against last epoch"] == "–"


@pytest.mark.parametrize(("lost", "expected"), [("", "2 of 3: MAE, ELR"), ("mae", "1 of 3: ELR")])
def test_winners_are_named_largest_difference_first(lost, expected):
    means = MEANS | {"elr": (0.805, 0.85, 0.89)}
    frame = beaten.winners(_intervals(means, lost)).frame
    assert frame.iloc[0]["better at last epoch"] == expected
    worse = {name: (0.1, 0.2, 0.3) for name in means} | {"forward_oracle": (0.9, 0.99, 1.0)}
    assert beaten.winners(_intervals(worse)).frame.iloc[0]["better at last epoch"] == "none of 3"


def test_ranks_leave_oracles_out(studied):
    table = beaten.ranks(studied["ranks"])
    frame = table.frame.set_index("row")
    assert (
        frame.loc["forward oracle", "mean rank"] == "–" and frame.loc["forward oracle", "group"][:7] == "oracles"
    )
    assert [float(value) for value in frame["mean rank"][:-1]] == sorted(float(v) for v in frame["mean rank"][:-1])
    assert "differ by less than 1.5" in table.note
