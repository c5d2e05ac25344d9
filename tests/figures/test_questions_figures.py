"""The small figures of the page of answers: what they draw is what their tables hold."""

from pathlib import Path

import in_process
import numpy as np
import pandas as pd
import synthetic_tables

from labelnoise import results, words
from labelnoise.figures import by_rate, leading, looks, obvious, published, verdicts

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "questions.py"


def _points(axis, marker):
    """(x, y, face) of points with a marker."""
    lines = [line for line in axis.lines if line.get_marker() == marker and len(line.get_xdata()) == 1]
    return [(line.get_xdata()[0], line.get_ydata()[0], line.get_markerfacecolor()) for line in lines]


def test_the_best_methods_stand_on_top_without_oracles(tables):
    drawn = leading.draw(tables["unknown"])
    assert list(drawn) == ["leading_best_noisy_val", "leading_last"]
    for name, fig in drawn.items():
        axis, table = fig.axes[0], tables["unknown"]
        rows = table[(table["selection"] == name.removeprefix("leading_")) & ~table["oracle"].astype(bool)]
        rows = rows.sort_values("diff", ascending=False)
        names = [text.get_text() for text in axis.get_yticklabels()]
        assert names == [words.name(method) for method in rows["method"]] and axis.yaxis_inverted()
        points = sorted(_points(axis, "o"), key=lambda point: point[1])
        np.testing.assert_allclose([x for x, _, _ in points], 100 * rows["diff"])
        assert [face != "white" for *_, face in points] == list(rows["tied"])
        cost = [text.get_text() for text in axis.texts]
        assert cost == [f"{trainings:.0f}×" for trainings in rows["trainings"]]


def test_cross_entropy_alone_is_no_figure(tables):
    rows = tables["unknown"]
    assert leading.draw(rows[rows["method"] == "cross_entropy"]) == {}


def test_what_is_far_worse_is_an_arrow_at_the_edge(tables):
    rows = tables["unknown"].assign(worst_diff=-0.5)
    axis = leading.draw(rows)["leading_last"].axes[0]
    assert not _points(axis, "x") and {x for x, *_ in _points(axis, "<")} == {leading.FLOOR}


def test_a_method_that_lost_a_seed_is_not_shown(tables):
    rows = tables["unknown"].copy()
    rows.loc[rows["method"] == "mae", "n_seeds"] = 1
    names = [text.get_text() for text in leading.draw(rows)["leading_last"].axes[0].get_yticklabels()]
    assert "MAE" not in names and "cross entropy" in names


def test_accuracy_by_rate_is_the_mean_and_white_where_undecided(tables):
    drawn = by_rate.draw(tables["intervals"])
    assert next(iter(drawn)) == "by_rate_symmetric" and list(drawn)[-1] == "by_rate_single"
    rows = tables["intervals"].query(
        "metric == 'test_accuracy' and selection == 'best_noisy_val' and baseline_selection == 'best_noisy_val'"
    )
    axis = drawn["by_rate_symmetric"].axes[0]
    shown = [text.get_text() for text in axis.texts]
    assert len(shown) == by_rate.BEST + 1 and "cross entropy" in shown and "forward oracle" not in shown
    best = by_rate.best(rows.assign(incomplete=False).query("not oracle"))
    assert {words.name(name) for name in best} == set(shown) - {"cross entropy"}
    own = rows[rows["noise"].isin(["symmetric", "none"])].set_index(["method", "noise_rate"])
    for method, (color, marker) in zip(best, by_rate.LOOKS, strict=True):
        for x, y, face in _points(axis, marker):
            row = own.loc[(method, x / 100)]
            assert np.isclose(y, 100 * row["mean"])
            assert (face == color) == bool(row["differs"] and row["diff"] > 0)
            assert (face == "white") == (not row["differs"])


def test_kinds_with_one_rate_are_points_that_no_line_joins(tables):
    axis = by_rate.draw(tables["intervals"])["by_rate_single"].axes[0]
    long = [line for line in axis.lines if len(line.get_xdata()) > 2]
    assert all(line.get_linestyle() == "None" for line in long)
    names = [label.get_text().replace("\n", " ") for label in axis.get_xticklabels()]
    assert names == ["instance dependent 0.4", "pair flip 0.45"]


def test_obvious_errors_and_stated_shares(tables):
    drawn = obvious.draw(tables["tiers"], tables["detection_reliability"])
    axis = drawn["obvious_cells"].axes[0]
    part = tables["tiers"].query("tier == 'obvious' and noise == 'symmetric' and noise_rate == 0.4")
    at = [label.get_text() for label in axis.get_yticklabels()].index("symmetric 0.4")
    wrong = (part["share_wrong"] * part["count"]).round().sum() / part["count"].sum()
    assert np.isclose([x for x, y, _ in _points(axis, "o") if y == at], 100 * wrong).all()
    assert np.isclose(
        [x for x, y, _ in _points(axis, "D") if y == at], 100 * part["errors_found_share"].mean()
    ).all()
    line = drawn["obvious_stated"].axes[0].lines[1]
    table = tables["detection_reliability"]
    score = next(name for name in obvious.READ if (table["score"] == name).any())
    rows = table[(table["score"] == score) & (table["count"] > 0)]
    one = rows[rows["bin"] == rows["bin"].min()]
    assert np.isclose(line.get_ydata()[0], 100 * np.average(one["share_wrong"], weights=one["count"]))


def test_looks_per_error_by_hand():
    budget = pd.DataFrame({
        "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": [0, 0, 1, 1, 0],
        "order": ["noise_model"] * 4 + ["random"], "rechecker_error": 0.0,
        "rechecked_share": [0.2, 0.4, 0.2, 0.4, 0.2], "errors_found_share": [0.5, 0.8, 0.4, 0.8, 0.2],
    })  # fmt: skip
    found = looks.per_error(budget)
    np.testing.assert_allclose(found["looks"], [(1 + 1.25) / 2, 1.25])
    np.testing.assert_allclose(found["errors_found_share"], [0.45, 0.8])


def test_bars_of_a_claim_are_the_shares_of_its_verdicts(tables):
    claims = tables["claims"]
    drawn = verdicts.draw(claims)
    widths = [round(bar.get_width(), 6) for fig in drawn.values() for bar in fig.axes[0].patches]
    tested = claims[claims["verdict"].isin(verdicts.LOOKS)]
    expected = [
        round(100 * float((part["verdict"] == verdict).mean()), 6)
        for _, part in tested.groupby("id") for verdict in verdicts.LOOKS
    ]  # fmt: skip
    assert sorted(widths) == sorted(expected)
    assert verdicts.draw(claims[:0]) == {}


def test_published_values_stand_beside_ours():
    rows = pd.DataFrame({
        "metric": ["test_accuracy", "relative_l1", "noise_rate"], "published": [0.9, 0.5, 0.2],
        "mean": [0.8, 0.4, 0.2], "agrees": ["no", "yes", "yes"],
    })  # fmt: skip
    axis = published.draw(rows)["published"].axes[0]
    points = {(round(x), round(y)) for line in axis.lines[1:] for x, y in zip(*line.get_data(), strict=True)}
    assert points == {(90, 80), (20, 20)}  # a distance is no share
    assert published.draw(rows[:0]) == {}


def test_the_notebook_draws_from_tables_with_and_without_rows(tables, tmp_path):
    synthetic_tables.write(tmp_path / "tables", tables | {"papers": results.empty("papers")})
    given = {"tables": str(tmp_path / "tables"), "figures": str(tmp_path / "figures")}
    in_process.run(NOTEBOOK, given)
    drawn = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert {"leading_last", "by_rate_symmetric", "obvious_cells", "looks_per_error", "verdicts_0"} <= drawn
    assert all("<text" in path.read_text() for path in (tmp_path / "figures").glob("*.svg"))
    empty = {name: results.empty(name) for name in tables} | {"intervals": tables["intervals"]}
    synthetic_tables.write(tmp_path / "none", {**empty, "papers": results.empty("papers")})
    in_process.run(NOTEBOOK, given | {"tables": str(tmp_path / "none"), "figures": str(tmp_path / "few")})
    assert all(path.stem.startswith("by_rate") for path in (tmp_path / "few").glob("*.svg"))
