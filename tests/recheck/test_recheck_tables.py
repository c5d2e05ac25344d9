"""Tables of a whole study: their schema, what answers change in them, and what is left without the truth."""

import numpy as np
import synthetic_recheck as tiny

from labelnoise import results
from labelnoise.recheck import tables


def made(data, drawn, of=tiny.PEOPLE):
    found = tiny.detected(drawn)
    all_ = tables.budget_tables(found, drawn, data, of, tiny.section().errors, 0.95)
    return found, {name: results.check(name, table) for name, table in all_.items()}


def test_every_run_has_its_budget():
    data = tiny.dataset()
    found, result = made(data, tiny.columns(data))
    assert list(found.noise) == ["given", "symmetric", "symmetric"]
    orders = {"noise_model", "ridge_margin", "probe_self_confidence", "random", "oracle"}
    for _, part in result["budget"].groupby(["noise", "seed", "rechecker_error"]):
        assert set(part["order"]) == orders and len(part) == 5 * 51
    ends = result["budget"].query("rechecked_share == 1 and rechecker_error == 0")
    assert len(ends) == 3 * 5 and np.allclose(ends["errors_found_share"], 1)
    prices = result["budget_needed"].query("rechecker_error == 0 and found_share == 0.8")
    best = prices.pivot_table("rechecked_share", "order")["rechecked_share"]
    assert best["oracle"] <= best["noise_model"] < best["random"] < 1
    left = result["errors_left"].query("rechecked_share == 0 and noise == 'given'")["truth"]
    assert list(left) == [(tiny.WORSE != tiny.CLEAN).sum()]  # labels from people: test parts are on the list too


def test_errors_left_go_down_the_list_as_the_curves_do():
    """By P(wrong) with T low, whatever the estimate is summed of."""
    data = tiny.dataset()
    _, result = made(data, tiny.columns(data))
    found = result["budget"].query("order == 'noise_model' and rechecker_error == 0")
    key = ["network", "noise", "noise_rate", "seed", "rechecked_share"]
    both = result["errors_left"].merge(found, on=key)
    total = both.groupby(key[:-1])["truth"].transform("first")
    assert len(both) > 51
    np.testing.assert_allclose(both["truth"], total * (1 - both["errors_found_share"]), atol=1e-9)


def test_the_cautious_model_widens_errors_left():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found = tiny.detected(drawn)
    at = int(np.flatnonzero(found.noise == "given")[0])
    pool = np.arange(tiny.N)
    low = {}
    for name, own in {"alike": found._replace(p_low=found.p_wrong), "apart": found}.items():
        table = tables._left({}, own, pool, tiny.WORSE, data, at, 0.95).set_index("rechecked_share")
        low[name] = table.loc[0.0]
    assert low["alike"]["estimate"] == low["apart"]["estimate"] and low["alike"]["high"] == low["apart"]["high"]
    assert low["apart"]["low"] < low["alike"]["low"]
    np.testing.assert_allclose(low["apart"]["estimate"], found.p_wrong[at].sum())


def test_answers_are_not_paid_for_again():
    data, given = tiny.dataset(), np.full(tiny.N, -1, np.int16)
    both = [*np.flatnonzero(tiny.WORSE != tiny.CLEAN)[:4], *np.flatnonzero(tiny.WORSE == tiny.CLEAN)[:3]]
    given[both] = tiny.CLEAN[both]
    found, result = made(data, tiny.columns(data, given))
    left = result["errors_left"]
    assert set(left["noise"]) == {"given", "rechecked", "symmetric"}
    start = left.query("noise == 'rechecked' and rechecked_share == 0")
    (after,) = np.flatnonzero(found.noise == "rechecked")
    np.testing.assert_allclose(start["estimate"].item(), found.p_wrong[after, given < 0].sum())
    assert start["truth"].item() == (tiny.WORSE != tiny.CLEAN).sum() - 4


def test_without_truth_budgets_are_empty_and_the_rest_is_there(tmp_path):
    data = tiny.dataset(truth=False)
    _, result = made(data, tiny.columns(data))
    for name in ("budget", "budget_needed"):
        assert result[name].empty
        results.write(name, result[name], tmp_path)
        assert results.read(name, tmp_path).empty
    assert len(result["errors_left"]) == 51 and result["errors_left"]["truth"].isna().all()
