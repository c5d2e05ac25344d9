"""The table `coverage` by counting; who falls short, who is a rival; and that wrong intervals show in it."""

import numpy as np
import pandas as pd
import pytest

from labelnoise import results
from labelnoise.coverage import simulated, table
from labelnoise.statistics import proportions

CELL = {"network": "mlp", "realised_rate": 0.3}


@pytest.fixture(autouse=True)
def few(request, monkeypatch):
    """Simulated rows cost a second, and are looked at once."""
    if "simulated" not in request.node.name:
        monkeypatch.setattr(simulated, "SAMPLES", 20)


def empty() -> dict[str, pd.DataFrame]:
    return {name: results.empty(name) for name in table.NEEDED}


def made(**tables: pd.DataFrame) -> pd.DataFrame:
    found = results.check("coverage", table.made(empty() | tables, 0.95))
    return found[found["source"] != "simulated"].set_index(["quantity", "noise", "kind"])


def rates(*bounds: tuple[float, float], noise: str = "symmetric") -> pd.DataFrame:
    """Table `noise_rate` of runs whose rate is .3."""
    low, high = zip(*bounds)
    return pd.DataFrame({
        **CELL, "noise": noise, "noise_rate": 0.3, "seed": range(len(low)), "estimator": "noise_model",
        "estimate": 0.3, "low": low, "high": high,
    })  # fmt: skip


def audits(covered: float, width: float, seeds: int = 2) -> pd.DataFrame:
    """Table `audit_coverage` of two looks, of which the second is nearer to 100."""
    rows = [
        {**CELL, "noise": "symmetric", "noise_rate": 0.3, "seed": seed, "look": look, "rechecker_error": error,
         "draws": 500, "truth_covered": covered - error * 4, "widened_covered": 1.0, "textbook_covered": 0.6,
         "width": width, "widened_width": 3 * width, "textbook_width": width / 10}
        for seed in range(seeds) for look in (20, 90) for error in (0.0, 0.05)
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=results.columns("audit_coverage"))


def test_ranges_are_counted_by_cell_and_over_all():
    both = [rates((0.2, 0.4), (0.31, 0.4), (0.1, 0.2)), rates((0.25, 0.3), noise="pair_flip")]
    found = made(noise_rate=pd.concat(both))
    one = found.loc[("noise rate", "symmetric", table.RANGE)]
    assert (one["n"], one["share"], one["noise_rate"]) == (3, pytest.approx(1 / 3), 0.3)
    assert one["width"] == pytest.approx(0.1) and one["source"] == "in the study"
    whole = found.loc[("noise rate", "all", table.RANGE)]
    assert (whole["n"], whole["share"]) == (4, 0.5) and np.isnan(whole["noise_rate"])
    assert (whole["low"], whole["high"]) == pytest.approx(proportions.wilson(2, 4, 0.95))


def test_what_is_not_known_is_no_interval():
    hidden = rates((0.2, 0.4), (0.2, 0.4)).assign(realised_rate=[np.nan, 0.3])
    assert made(noise_rate=hidden).loc[("noise rate", "all", table.RANGE), "n"] == 1
    assert made().empty


def test_tiers_keep_their_promise_or_not():
    tiers = pd.DataFrame({
        **CELL, "noise": "symmetric", "noise_rate": 0.3, "seed": range(4), "tier": "obvious",
        "count": [9, 9, 9, 0], "share_wrong": [0.96, 0.94, 1.0, np.nan],
        "errors_found_share": 0.5, "stated": 0.9, "suggestion_right": 1.0,
    })  # fmt: skip
    row = made(tiers=tiers).loc[("share of wrong labels, tier obvious", "all", "promise of 95%")]
    assert (row["n"], row["share"]) == (3, pytest.approx(2 / 3))


def test_audits_count_their_draws_at_the_look_nearest_to_a_hundred():
    found = made(audit_coverage=audits(0.96, 0.1))
    row = found.loc[("noise rate", "all", "audit of 90 answers")]
    assert (row["n"], row["share"], row["source"]) == (1000, 0.96, "resampled")
    assert found.loc[("noise rate", "all", "audit of 90 answers, 5% of them wrong"), "share"] == 0.76
    assert not any("20 answers" in kind for _, _, kind in found.index)


def test_the_narrowest_honest_other_kind_is_the_rival():
    """The textbook's intervals and the range are narrower, and hold the truth too rarely."""
    found = made(audit_coverage=audits(0.96, 0.1), noise_rate=rates(*[(0.31, 0.32)] * 40))
    own = found.loc[("noise rate", "symmetric")]
    assert own.loc[table.RANGE, ["rival", "rival_width"]].tolist() == ["audit of 90 answers", 0.1]
    assert own.loc["audit of 90 answers", "rival"] == "audit of 90 answers, widened"
    short = table.falls_short(own)
    assert short[table.RANGE] and short["audit of 90 answers, textbook"] and not short["audit of 90 answers"]


def test_a_rival_is_of_as_many_wrong_answers():
    """Without wrong answers an audit is narrower and holds; it is no answer to those who err."""
    found = made(audit_coverage=audits(0.96, 0.1)).loc[("noise rate", "symmetric")]
    err = "audit of 90 answers, 5% of them wrong"
    assert found.loc[err, "rival"] == f"{err}, widened" and pd.isna(found.loc[f"{err}, widened", "rival"])
    assert found.loc["audit of 90 answers, widened", "rival"] == "audit of 90 answers"


def accuracy(methods: int = 3, seeds: int = 10) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        {**CELL, "noise": noise, "noise_rate": 0.3, "seed": seed, "method": method, "selection": "last",
         "test_accuracy": 0.8 + 0.05 * rng.normal()}
        for noise in ("symmetric", "pair_flip") for seed in range(seeds)
        for method in ("cross_entropy", *(f"m{k}" for k in range(methods)))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_differences_are_drawn_from_those_of_the_study():
    found = made(accuracy=accuracy()).loc[("difference to cross-entropy", "all")]
    assert set(found.index) == {"t over seeds", "mean ± 2 standard errors"}
    assert (found["n"] == 3 * table.DRAWS).all() and (found["source"] == "resampled").all()
    assert found.loc["t over seeds", "share"] > 0.92
    assert made(accuracy=accuracy().query("method == 'cross_entropy'")).empty


def test_one_seed_of_each_cell_has_no_spread_to_draw_from():
    assert made(accuracy=accuracy(seeds=1)).empty


def test_simulated_kinds_show_which_fall_short():
    """t covers, also where one run in ten collapses; labels taken as independent are far off."""
    found = {(of.quantity, of.kind): of.held / of.n for of in simulated.all_kinds(0.95)}
    assert found["mean over seeds", "t over seeds"] >= 0.94
    assert found["difference, one run in ten of both sides collapsed", "t over seeds"] >= 0.94
    assert found["difference, one run in ten of one side collapsed", "t over seeds"] >= 0.93
    assert found["mean over seeds", "mean ± 2 standard errors"] < 0.93
    assert found["share, seeds differ", "jackknife over seeds"] >= 0.94
    assert found["share, seeds differ", "Wilson, labels taken as independent"] < 0.9


def test_equal_input_equal_rows():
    pd.testing.assert_frame_equal(table.made(empty(), 0.95), table.made(empty(), 0.95))
