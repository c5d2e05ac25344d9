import pandas as pd

from labelnoise.report import layout, numbers

FACTS = pd.DataFrame(
    {
        "noise": ["none", "symmetric", "symmetric"],
        "noise_rate": [0.0, 0.2, 0.4],
        "method": ["a_b", "a_b", "c"],
        "x": [1, 2, 3],
    }
)
GROUP = layout.Group("all", FACTS, "method", lambda facts: str(facts["x"].sum()))


def test_rows_by_cell_with_dashes_where_nothing_was_run():
    frame, spanners = layout.by_cell([GROUP], ["c", "a_b", "never_run"])
    assert frame.to_dict("records") == [
        {"group": "all", "row": "c", "no noise": "–", "symmetric 0.2": "–", "symmetric 0.4": "3"},
        {"group": "all", "row": "a b", "no noise": "1", "symmetric 0.2": "2", "symmetric 0.4": "–"},
    ]
    assert spanners == {"symmetric": ["symmetric 0.2", "symmetric 0.4"]}


def test_markdown_keeps_one_row_per_line():
    frame = pd.DataFrame({"row": ["a|b"], "x": ["1\n[0, 2]"]})
    assert layout.flat(frame).splitlines()[-1] == r"| a\|b | 1 [0, 2] |"


def test_numbers():
    fact = pd.DataFrame(
        [{"diff": -0.0001, "diff_low": -0.05, "diff_high": 0.02, "pair_incomplete": False, "differs": False}]
    )
    assert numbers.difference(fact) == "+0.0\n[−5.0, 2.0]"
    assert numbers.difference(fact.assign(diff=-0.03, diff_high=-0.01, differs=True)) == "▼ −3.0\n[−5.0, −1.0]"
    assert numbers.difference(fact.assign(diff=0.03, diff_low=0.01, differs=True)) == "▲ +3.0\n[1.0, 2.0]"
    assert numbers.difference(fact.assign(diff=0.03, diff_low=0.01)) == "+3.0\n[1.0, 2.0]"  # one of many
    assert numbers.spread(pd.Series([0.1, 0.2, None])) == "0.15\n(0.10–0.20)"
    assert numbers.spread(pd.Series([0.1, 0.1])) == "0.10"  # all seeds the same
    assert numbers.span(pd.Series([1, 2]), "{:.0f}".format) == "1–2"
    assert numbers.span(pd.Series([-2, -1]), "{:.0f}".format) == "-2 to -1"  # no dash before a minus
    missing = {"mean": float("nan"), "low": 0, "high": 1, "incomplete": False}
    assert numbers.interval(pd.DataFrame([missing])) == "–"
    one = {"mean": 0.5, "low": float("nan"), "high": float("nan"), "incomplete": False}
    assert numbers.interval(pd.DataFrame([one])) == "50.0"  # one seed


def test_numbers_of_fewer_seeds_say_so_and_are_never_better():
    seeds = {"n_seeds": 1, "pair_seeds": 1, "all_seeds": 3, "differs": False}
    fact = pd.DataFrame([{"mean": 0.5, "low": 0.4, "high": 0.6, "incomplete": True, **seeds}])
    assert numbers.interval(fact) == "50.0\n[40.0, 60.0]\nn=1 of 3"
    assert numbers.interval(fact.assign(mean=float("nan"), n_seeds=0)) == "–\nn=0 of 3"
    pair = pd.DataFrame([{"diff": 0.2, "diff_low": 0.1, "diff_high": 0.3, "pair_incomplete": True, **seeds}])
    assert numbers.difference(pair) == "+20.0\n[10.0, 30.0]\nn=1 of 3"


def test_runs_say_what_they_are_of_where_every_cell_has_as_many():
    cells = [("none", 0.0, 0.0), ("symmetric", 0.4, 0.41), ("symmetric", 0.2, 0.2)]
    rows = [("mlp", *cell, seed, seed > 1) for cell in cells for seed in range(4)]
    table = pd.DataFrame(rows, columns=["network", "noise", "noise_rate", "realised_rate", "seed", "true"])
    assert numbers.runs(table) == "12 runs, 3 cells × 4 seeds"
    assert numbers.runs(table, table["true"]) == "6 of 12 runs, 3 cells × 4 seeds"
    both = pd.concat([table, table.assign(network="another")])
    assert numbers.runs(both) == "24 runs"  # 3 cells, of two networks
    noisy = table[table["noise"] != "none"]
    assert numbers.runs(noisy, noisy["true"]) == "4 of 8 runs, 2 noisy cells × 4 seeds"
    assert numbers.runs(noisy[1:]) == "7 runs" and numbers.runs(noisy[:4]) == "4 runs"
