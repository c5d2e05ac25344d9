"""The accuracy tables: families, marks of the best and of what ties with it."""

import pandas as pd
import pytest
import synthetic_tables

from labelnoise.report import accuracy, beaten

METHODS = ["cross_entropy", "mae", "gce", "elr", "forward_oracle"]
CELL = {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4}


def _intervals(means: dict[str, tuple[float, float, float]], lost: str = "") -> pd.DataFrame:
    """One cell at both selections; method -> low, mean, high. Early-stopped cross-entropy has .8 exactly."""
    rows = []
    for method, (low, mean, high) in means.items():
        for selection in ("last", "best_noisy_val"):
            early = method == "cross_entropy" and selection == "best_noisy_val"
            mine = (0.79, 0.8, 0.81) if early else (low, mean, high)
            for baseline in ("last", "best_noisy_val"):
                base = 0.8 if baseline == "best_noisy_val" else means["cross_entropy"][1]
                rows.append(
                    {**CELL, "method": method, "selection": selection, "metric": "test_accuracy",
                     "baseline_selection": baseline, "oracle": method.endswith("_oracle"),
                     "n_seeds": 3 - (method == lost), "t_low": mine[0], "t_high": mine[2],
                     **dict(zip(["low", "mean", "high"], mine)),
                     **dict(zip(["diff_low", "diff", "diff_high"], (value - base for value in mine))),
                     "diff_t_low": 0.0, "diff_t_high": 0.0}
                )  # fmt: skip
    return pd.DataFrame(rows)


MEANS = {
    "cross_entropy": (0.5, 0.6, 0.7), "mae": (0.85, 0.9, 0.95), "gce": (0.7, 0.8, 0.9), "elr": (0.8, 0.85, 0.89),
    "forward_oracle": (0.9, 0.99, 1.0),
}  # fmt: skip


def _marks(table):
    return {row["row"]: row["symmetric 0.4"][0] for _, row in table.frame.iterrows() if row["group"][:3] != "For"}


def test_the_best_and_what_reaches_it_are_marked_but_no_oracle():
    table = accuracy.means(_intervals(MEANS), METHODS, 0.95)[0]
    assert _marks(table) == {"cross entropy": "6", "mae": "●", "gce": "○", "elr": "8", "forward oracle": "9"}


def test_a_mean_over_survivors_is_never_the_best():
    table = accuracy.means(_intervals(MEANS, lost="mae"), METHODS, 0.95)[0]
    assert _marks(table) == {"cross entropy": "6", "mae": "9", "gce": "○", "elr": "●", "forward oracle": "9"}
    assert "n=2 of 3" in table.note + " ".join(table.frame["symmetric 0.4"])


def test_early_stopped_cross_entropy_stands_on_top_and_can_be_the_best():
    only = {name: MEANS[name] for name in ("cross_entropy", "forward_oracle")}
    table = accuracy.means(_intervals(only), METHODS, 0.95)[0]
    first = table.frame.iloc[0]
    assert first["group"].startswith("For comparison") and first["symmetric 0.4"].startswith("● 80.0")


def test_rows_are_grouped_by_family_and_oracles_stand_last():
    frame = accuracy.means(_intervals(MEANS), METHODS, 0.95)[0].frame
    assert list(zip(frame["group"], frame["row"]))[1:] == [
        ("Baselines", "cross entropy"),
        ("Robust losses", "mae"),
        ("Robust losses", "gce"),
        ("Changed labels", "elr"),
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
    expected = [(rows["diff_low"] > 0).sum(), (rows["diff_high"] < 0).sum()]
    counts = [int(n) for n in frame.loc["mae", "last epoch, against early stopping"].split(" / ")]
    assert counts[:2] == expected and sum(counts) == len(rows)
    assert frame.loc["cross entropy", "last epoch, against last epoch"] == "–"


@pytest.mark.parametrize(("lost", "expected"), [("", "2 of 3: mae, elr"), ("mae", "1 of 3: elr")])
def test_winners_are_named_largest_difference_first(lost, expected):
    means = MEANS | {"elr": (0.805, 0.85, 0.89)}
    frame = beaten.winners(_intervals(means, lost), METHODS).frame
    assert frame.iloc[0]["better at last epoch"] == expected
    worse = {name: (0.1, 0.2, 0.3) for name in means} | {"forward_oracle": (0.9, 0.99, 1.0)}
    assert beaten.winners(_intervals(worse), METHODS).frame.iloc[0]["better at last epoch"] == "none of 3"


def test_ranks_leave_oracles_out(studied):
    table = beaten.ranks(studied["ranks"])
    frame = table.frame.set_index("row")
    assert (
        frame.loc["forward oracle", "mean rank"] == "–" and frame.loc["forward oracle", "group"][:7] == "oracles"
    )
    assert [float(value) for value in frame["mean rank"][:-1]] == sorted(float(v) for v in frame["mean rank"][:-1])
    assert "differ by less than 1.5" in table.note
