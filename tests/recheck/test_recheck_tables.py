"""Tables of a whole study: their schema, what answers change in them, and what is left without the truth."""

import numpy as np
import synthetic_recheck as tiny

from labelnoise import results
from labelnoise.detect import tiers
from labelnoise.recheck import detected, lists, tables


def made(data, drawn, of=tiny.PEOPLE):
    found = tiny.detected(drawn)
    judgement = detected.judge(found, detected.listed_runs(found, of), data, drawn, of, tiny.LIMITS)
    all_ = tables.all_tables(found, drawn, data, judgement, of, tiny.section(), 0.95)
    return found, judgement, {name: results.check(name, table) for name, table in all_.items()}


def test_every_run_has_its_economics():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    _, _, found = made(data, drawn)
    assert set(found) == {"budget", "budget_needed", "errors_left", "audit", "gallery"}
    orders = {"noise_model", "early_disagreement", "oob_margin_window", "random", "oracle"}
    for _, part in found["budget"].groupby(["noise", "seed", "rechecker_error"]):
        assert set(part["order"]) == orders and len(part) == 5 * 51
    ends = found["budget"].query("rechecked_share == 1 and rechecker_error == 0")
    assert len(ends) == 4 * 5 and np.allclose(ends["errors_found_share"], 1)
    prices = found["budget_needed"].query("rechecker_error == 0 and found_share == 0.8")
    best = prices.pivot_table("rechecked_share", "order")["rechecked_share"]
    assert best["oracle"] <= best["noise_model"] < best["random"] < 1
    left = found["errors_left"].query("rechecked_share == 0 and noise == 'given'").set_index("seed")["truth"]
    assert (left == (tiny.WORSE != tiny.CLEAN).sum()).all()  # labels from people: test parts are on the list too


def test_another_consistent_model_widens_errors_left_where_it_judges():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found = tiny.detected(drawn)
    at = int(np.flatnonzero(drawn.noise == "given")[0])
    blank = np.full((len(found.p_wrong), tiny.N), np.nan)
    sure = np.where(drawn.labels >= 0, 1.0, np.nan)  # every label of the pool is wrong
    bounds = {}
    for name, score in {"blank": blank, "sure": sure}.items():
        own = found._replace(scores=found.scores | {"noise_model_confident_joint": score})
        table = tables._left({}, own, drawn, data, at, tiny.PEOPLE, 0.95).set_index("rechecked_share")
        bounds[name] = table.loc[0.0]
    assert bounds["blank"]["estimate"] == bounds["sure"]["estimate"] < bounds["sure"]["high"]
    assert bounds["blank"]["low"] == bounds["sure"]["low"]
    assert bounds["blank"]["high"] < (drawn.labels[at] >= 0).sum() <= bounds["sure"]["high"] < tiny.N


def test_audit_of_the_truth_by_hand():
    data = tiny.dataset()
    drawn = tiny.columns(data)
    found, judgement, result = made(data, drawn)
    top = lists.ranked(judgement)[:10]
    for seed, at in enumerate(np.flatnonzero(drawn.noise == "given")):
        audit = result["audit"].query(f"seed == {seed}").set_index("tier")
        obvious = found.tier[at, top] >= tiers.OBVIOUS
        assert audit["answered"]["obvious"] == obvious.sum()
        assert audit["wrong"]["obvious"] == (tiny.WORSE != tiny.CLEAN)[top][obvious].sum()
        assert audit["answered"][["obvious", "possible", "rest"]].sum() == 10


def test_answers_are_audited_before_they_came_in_and_not_paid_for_again():
    data, given = tiny.dataset(truth=False), np.full(tiny.N, -1, np.int16)
    wrong = np.flatnonzero(tiny.WORSE != tiny.CLEAN)[:4]
    given[wrong] = tiny.CLEAN[wrong]
    right = np.flatnonzero(tiny.WORSE == tiny.CLEAN)[:3]
    given[right] = tiny.CLEAN[right]
    _, _, result = made(data, tiny.columns(data, given))
    audit = result["audit"]
    assert set(audit["noise"]) == {"given"}
    total = audit[audit["tier"] != "sure"].groupby("seed")[["answered", "wrong"]].sum()
    assert (total["answered"] == 7).all() and (total["wrong"] == 4).all()
    left = result["errors_left"]
    assert set(left["noise"]) == {"given", "rechecked"} and left["truth"].isna().all()


def test_without_truth_budgets_are_empty_and_the_rest_is_there(tmp_path):
    data = tiny.dataset(truth=False)
    _, _, result = made(data, tiny.columns(data))
    for name in ("budget", "budget_needed", "audit"):
        assert result[name].empty
        results.write(name, result[name], tmp_path)
        assert results.read(name, tmp_path).empty
    assert len(result["gallery"]) and len(result["errors_left"]) == 2 * 51
