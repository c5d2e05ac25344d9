"""Methods beside plain regression over several data sets, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.report import on_features

DIFF = {"diff_level": 0.95, "pair_seeds": 5}
# method -> difference to the regression under each noise, and whether it is marked
GAPS = {
    "cross_entropy": [(-0.01, False), (-0.01, False)],
    "elr": [(0.02, True), (0.01, False)],
    "mae": [(-0.3, True), (-0.4, True)],
    "forward_oracle": [(0.2, True), (0.2, True)],
}
NOISES = ["human_aggregate", "human_random1"]


def row(noise, method, gap, marked, **more):
    own = {"network": "linear", "noise": noise, "noise_rate": 0.1, "realised_rate": 0.1, "method": method}
    own |= {"oracle": method.endswith("oracle"), "diff": gap, "diff_low": gap - 0.01, "diff_high": gap + 0.01}
    return own | DIFF | {"differs": marked} | more


@pytest.fixture
def tables():
    """To early-stopped cross-entropy every difference is half of that to the regression, and none is marked."""
    regression, intervals = [], []
    for method, gaps in GAPS.items():
        for noise, (gap, marked) in zip(NOISES, gaps, strict=True):
            for selection in ("last", "best_noisy_val"):
                more = {"selection": selection, "regression": 0.7, "strength": 0.001}
                regression.append(row(noise, method, gap, marked, **more))
                facts = dict.fromkeys(("mean", "low", "high", "floor"), 0.5) | {"interval": "seeds", "n_seeds": 5}
                for base in ("last", "best_noisy_val"):
                    for metric in ("test_accuracy", "nll"):
                        key = {"selection": selection, "baseline_selection": base, "metric": metric}
                        intervals.append(row(noise, method, gap / 2, metric == "nll", **key, **facts))
    made = (pd.DataFrame(regression), pd.DataFrame(intervals))
    return on_features.Tables(
        *(results.check(n, t) for n, t in zip(on_features.Tables._fields, made, strict=True))
    )


def test_marks_are_counted_without_oracles_and_cross_entropy_itself(tables):
    found = on_features.counts(on_features.compared({"people": tables, "mlp": tables}))
    assert list(found) == on_features.COLUMNS and len(found) == 2 * 2 * 3 * 2
    own = found.query("dataset == 'people' and selection == 'best_noisy_val'").set_index(["noise", "plain"])
    first = own.loc["human_aggregate", "regression"]
    assert (first["methods"], first["better"], first["worse"], first["best_method"]) == (2, 1, 1, "elr")
    np.testing.assert_allclose(first[["diff", "diff_low", "diff_high"]].astype(float), [0.02, 0.01, 0.03])
    assert own.loc["human_random1", "regression"][["better", "worse"]].tolist() == [0, 1]
    early = own.loc["human_random1", "cross_entropy_early"]
    assert (first["accuracy"], early["accuracy"]) == (0.7, 0.5)
    assert (early["better"], early["worse"], early["diff"]) == (0, 0, 0.005)


def test_texts_say_what_the_counts_say(tables):
    rows = on_features.compared({"people": tables, "twins": tables})
    counts = on_features.counts(rows)
    assert on_features.sentences(counts) == (
        "Methods that stop early, on labels by people (4 cells): beside regression, penalty cross-validated: 2"
        " better, 4 worse of 8; beside cross-entropy, last epoch: 0 better, 0 worse of 8; beside cross-entropy,"
        " stopped early: 0 better, 0 worse of 8."
    )
    lines = on_features.counts_table(counts).splitlines()
    assert (
        lines[2]
        == "| people | human_aggregate | 70.0 | 1 / 1 of 2 | 0 / 0 of 2 | 0 / 0 of 2 | elr +2.0 [+1.0, +3.0] |"
    )
    assert on_features.grid(rows).splitlines()[2:] == [
        "| elr | +1.5 ▲ | +1.5 ▲ |", "| mae | -35.0 ▼▼ | -35.0 ▼▼ |",
    ]  # fmt: skip


def test_what_wrong_labels_cost_is_told_where_the_true_ones_were_fitted(tables):
    true = tables.regression.query("noise == 'human_random1'").assign(noise="none", regression=0.724)
    both = on_features.Tables(pd.concat([tables.regression, true]), tables.intervals)
    counts = on_features.counts(on_features.compared({"people": both, "mlp": tables}))
    assert on_features.sentences(counts).endswith(
        " of 8. Against the true labels, labels by people cost regression 2.4 points with human_aggregate"
        " (people), 2.4 points with human_random1 (people)."
    )


def test_the_page_says_what_its_table_says():
    page, table = on_features.ON_FEATURES / "README.md", on_features.ON_FEATURES / "tables" / "beside_plain.csv"
    if not table.exists():
        pytest.skip("the preset was not reproduced")
    counts, text = pd.read_csv(table), page.read_text("utf-8")
    assert on_features.sentences(counts) in text and on_features.counts_table(counts) in text
