"""Differences of a table: each matrix is marked by itself, and what does not take part is not marked."""

import numpy as np
import pandas as pd

from labelnoise.statistics import differences, means


def table(values: np.ndarray, kinds: list[str]) -> pd.DataFrame:
    """A row per row of `values` [rows, S], compared with 0; the index is not that of a fresh table."""
    rows = [{"kind": k, **differences.unmarked(v, np.zeros(len(v)))} for k, v in zip(kinds, values, strict=True)]
    return pd.DataFrame(rows, index=np.arange(len(rows)) + 7)


def test_every_matrix_by_itself():
    """The first row alone is marked; beside nine that say nothing it is not (p = .02)."""
    rng = np.random.default_rng(0)
    clear = rng.normal(size=10)
    clear += 0.87 * clear.std(ddof=1) - clear.mean()  # t = .87 sqrt 10
    others = rng.normal(size=(9, 10))
    others -= others.mean(1, keepdims=True)
    values, everything = np.vstack([clear, others]), pd.Series(True, np.arange(10) + 7)
    apart = differences.marked(table(values, ["a"] + ["b"] * 9), ["kind"], everything, 0.95)
    assert apart["differs"].tolist() == [True] + [False] * 9
    together = differences.marked(table(values, ["a"] * 10), ["kind"], everything, 0.95)
    assert not together["differs"].any()
    alone = differences.marked(
        table(values, ["a"] * 10), ["kind"], everything.where(everything.index < 8, False), 0.95
    )
    assert alone["differs"].tolist() == [True] + [False] * 9
    _, low, high = means.interval(values, 0.95)
    np.testing.assert_allclose(together[["diff_low", "diff_high"]].T, [low, high])
    assert list(together.columns) == [
        "kind",
        "diff",
        "pair_seeds",
        "diff_low",
        "diff_high",
        "diff_level",
        "differs",
    ]


def test_what_has_no_other_side_is_no_difference():
    rows = pd.DataFrame([{"kind": "a", **differences.unmarked(np.ones(4), None)}])
    found = differences.marked(rows, ["kind"], pd.Series([True]), 0.95).iloc[0]
    assert np.isnan([found["diff"], found["pair_seeds"], found["diff_low"]]).all() and not found["differs"]


def test_a_table_without_rows_stays_as_it_is():
    empty = pd.DataFrame(columns=["kind", "diff"])
    assert differences.marked(empty, ["kind"], pd.Series(dtype=bool), 0.95) is empty
