"""Every kind of comparison on hand-made tables: supported, refuted, and nothing where the truth is not known."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hand_made import (
    HERE,
    SPREAD,
    accuracies,
    alternatives,
    compared,
    contrasts,
    fit,
    imbalance,
    statement,
    tiers,
    verdicts,
)  # fmt: skip

from labelnoise import results
from labelnoise.claims import compare, kinds, statements

RANDOM = ("random_labels", 1.0)


def of_methods(means: dict[tuple[str, str], float]) -> dict[str, pd.DataFrame]:
    """Table `contrasts` from (method, metric) -> mean at symmetric noise 0.4."""
    return contrasts({(*what, "symmetric", 0.4): mean for what, mean in means.items()})


@pytest.mark.parametrize(("left", "expected"), [(0.9, "supported"), (0.7, "refuted"), (0.81, "open")], ids=str)
def test_pairs_follow_the_difference(left, expected):
    tables = accuracies(left=left, right=0.8)
    # a spread over seeds that the pairs do not share
    table = tables["contrasts"]
    odd = (table["seed"] % 2 == 1) & (table["method"] == "left")
    table.loc[odd, "value"] += 0.002
    table.loc[~odd & (table["method"] == "left"), "value"] -= 0.002
    assert verdicts(compared(tables, "pairs", pairs=[["left", "right"]])) == {"left - right": expected}


@pytest.mark.parametrize(("threshold", "expected"), [(-0.01, "supported"), (0.01, "refuted")])
def test_a_tie_is_not_worse_and_not_better(threshold, expected):
    tied = compared(accuracies(a=0.8, b=0.8), "pairs", threshold, pairs=[["a", "b"]])
    assert list(verdicts(tied).values()) == [expected]


@pytest.mark.parametrize(("nnaqc", "expected"), [(0.05, "supported"), (0.4, "refuted")])
def test_pairs_of_another_metric(nnaqc, expected):
    tables = of_methods({("a", "overconfidence_agreeing"): 0.4, ("b", "overconfidence_agreeing"): nnaqc})
    own = {"metric": "overconfidence_agreeing", "unit": "confidence", "pairs": [["a", "b"]]}
    (found,) = compared(tables, "pairs", 0.05, **own)
    assert verdicts([found]) == {"a - b": expected} and found.unit == "confidence"


@pytest.mark.parametrize(("loss", "expected"), [(0.9, "supported"), (0.95, "refuted")])
def test_pairs_with_early_stopping_on_the_left(loss, expected):
    means = {("mae", "test_accuracy"): loss, ("cross_entropy", "test_accuracy_early"): 0.92}
    tables = of_methods({**means, ("cross_entropy", "test_accuracy"): 0.1})
    found = compared(tables, "pairs", -0.01, pairs=[["cross_entropy", "mae"]], early=True)
    assert verdicts(found) == {"cross_entropy (best_noisy_val) - mae": expected}
    assert found[0].evidence == "contrasts: test_accuracy_early, test_accuracy; mlp, symmetric 0.4"


@pytest.mark.parametrize(("fitted", "expected"), [(0.5, "supported"), (0.02, "refuted")])
def test_level_of_a_metric(fitted, expected):
    own = {"of": ["mae"], "metric": "fitted_wrong", "what": "wrong labels fitted", "unit": "share of wrong labels"}
    found = compared(of_methods({("mae", "fitted_wrong"): fitted}), "level", 0.1, **own)
    assert verdicts(found) == {"mae: wrong labels fitted": expected}


@pytest.mark.parametrize(("forward", "expected"), [(0.2, "supported"), (0.8, "refuted")])
def test_level_less_another_metric_of_the_same_run(forward, expected):
    first, second = (f"gradient_share_wrong_{name}" for name in ("cross_entropy", "forward"))
    own = {"of": ["f"], "metric": first, "minus": second, "what": "p - e minus p - q", "unit": "share of gradient"}
    found = compared(of_methods({("f", first): 0.8, ("f", second): forward}), "level", 0.05, **own)
    assert verdicts(found) == {"f: p - e minus p - q": expected}
    assert found[0].evidence == f"contrasts: {first}, {second}; mlp, symmetric 0.4"


@pytest.mark.parametrize(("noisy", "expected"), [(0.05, "supported"), (0.3, "refuted")])
def test_without_noise_is_compared_with_every_noise(noisy, expected):
    tables = contrasts({("mae", "brier", "none", 0.0): 0.02, ("mae", "brier", "symmetric", 0.4): noisy})
    (found,) = compared(tables, "without_noise", -0.05, of=["mae"], metric="brier", unit="Brier score")
    assert verdicts([found]) == {"mae: brier without noise - with noise": expected}
    assert found.cell.noise == "symmetric" and found.evidence.endswith("mlp, symmetric 0.4 and none 0")


@pytest.mark.parametrize(("gradient", "expected"), [(0.2, "supported"), (0.95, "refuted")])
def test_damping(gradient, expected):
    norms = {"nonlinear": gradient, "linear": 1.0}
    means = {("nnaqc", f"gradient_disagreeing_{name}"): norm for name, norm in norms.items()}
    (found,) = compared(of_methods(means), "damping", 0.1, of=["nnaqc"], against="linear")
    assert verdicts([found]) == {"nnaqc: 1 - nonlinear / linear": expected}
    assert found.effects.mean() == pytest.approx(1 - gradient, abs=1e-3)


def scores(tables, left, right, metric="auprc", threshold=0.01):
    return compared(tables, "scores", threshold, scores=left, against=right, metric=metric, unit=metric.upper())


def test_scores_are_held_against_others_one_by_one():
    tables = alternatives(loss_last=(0.84, 0.69), aum=(0.93, 0.88), forgetting=(0.9, 0.6))
    found = scores(tables, ["aum", "forgetting"], ["loss_last"])
    assert verdicts(found) == {"aum - loss_last": "supported", "forgetting - loss_last": "refuted"}
    # of the precision and not the AUROC; the spread over seeds is the same on both sides
    np.testing.assert_allclose(found[0].effects, 0.19)
    assert found[0].evidence == "alternatives: auprc; mlp, symmetric 0.4" and found[0].unit == "AUPRC"


@pytest.mark.parametrize(("auroc", "expected"), [(0.54, "refuted"), (0.601, "open"), (0.9, "supported")])
def test_scores_are_held_against_chance(auroc, expected):
    tables = alternatives(oob_entropy=(auroc, 0.3), oob_margin=(0.95, 0.9))
    found = scores(tables, ["oob_entropy", "oob_margin"], ["chance"], "auroc", 0.1)
    assert verdicts(found) == {"oob_entropy - chance": expected, "oob_margin - chance": "supported"}
    np.testing.assert_allclose(found[0].effects, auroc + SPREAD[:4] - 0.5)


def test_scores_are_paired_on_the_seeds_that_both_have():
    short, long = alternatives(2, aum=(0.9, 0.8)), alternatives(4, loss_last=(0.9, 0.5))
    tables = {"alternatives": pd.concat([short["alternatives"], long["alternatives"]])}
    (found,) = scores(tables, ["aum"], ["loss_last"])
    np.testing.assert_allclose(found.effects, [0.3, 0.3])


def test_a_score_or_a_cell_that_is_not_there_is_not_tested():
    tables = alternatives(aum=(0.9, 0.8), loss_last=(0.8, 0.7))
    assert [len(row.effects) for row in scores(tables, ["aum"], ["loss_last", "mixture"])] == [4, 0]
    assert scores(tables, ["aum"], ["mixture"])[0].evidence.startswith("no auprc of mixture in alternatives")


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((0.98, 0.99, 0.97, 0.98, 0.98), "supported"), ((0.9, 0.91, 0.9, 0.89, 0.9), "refuted"),
     ((0.99, 0.91, 0.97, 0.94, 0.96), "open"), ((0.98, 0.99, 0.97, 0.98), "open"),
     ((1.0, 1.0, 1.0, 1.0, 1.0), "open")],  # four seeds have no interval; of five without an error little follows
)  # fmt: skip
def test_a_tier_is_to_be_right_in_95_of_100(shares, expected):
    found = compared(tiers(*shares), "tier", 0.95, tier="obvious")
    assert verdicts(found) == {"obvious tier": expected}
    assert (found[0].threshold, found[0].evidence) == (0.95, "tiers: share_wrong; mlp, symmetric 0.4")


def test_a_seed_with_an_empty_tier_is_left_out_and_other_tiers_do_not_count():
    others = [tiers(0.98, np.nan, 0.97)["tiers"], tiers(0.1, 0.2, 0.3, tier="possible")["tiers"]]
    (found,) = compared({"tiers": pd.concat(others)}, "tier", 0.95, tier="obvious")
    np.testing.assert_array_equal(found.effects, [0.98, 0.97])
    (found,) = compared(tiers(np.nan, np.nan), "tier", 0.95, tier="obvious")
    assert not len(found.effects)


@pytest.mark.parametrize(("reached", "expected"), [(1.0, "supported"), (0.6, "refuted")])
def test_fit_of_one_regularizer(reached, expected):
    tables = fit(train_accuracy={(*RANDOM, "none"): reached, ("true_labels", 0.0, "none"): 0.0})
    own = {"condition": RANDOM[0], "metric": "train_accuracy", "unit": "accuracy", "regularizers": [["none"]]}
    (found,) = compared(tables, "fit", 0.99, **own)
    assert (found.cell.noise, found.cell.noise_rate) == RANDOM
    assert found.evidence == "fit: train_accuracy; mlp, random_labels 1"
    assert verdicts([found]) == {"train accuracy": expected}


def test_fit_of_two_regularizers_is_judged_one_by_one():
    means = {(*RANDOM, "none"): 1.0, (*RANDOM, "dropout"): 0.999, (*RANDOM, "augmentation"): 0.4}
    own = {"condition": RANDOM[0], "metric": "train_accuracy", "unit": "train accuracy"}
    pairs = [["dropout", "none"], ["augmentation", "none"], ["large_lr", "none"]]
    *found, lacking = compared(fit(train_accuracy=means), "fit", -0.01, regularizers=pairs, **own)
    assert verdicts(found) == {"dropout - none": "supported", "augmentation - none": "refuted"}
    assert lacking.evidence == "no train_accuracy of large_lr in fit (mlp, random_labels 1)"


@pytest.mark.parametrize(("average", "expected"), [(0.6, "supported"), (0.4, "refuted")])
def test_imbalance_in_one_setting_and_between_two(average, expected):
    tables = imbalance(
        {
            ("long_tail", "joint_optimization"): (1.0, 0.5),
            ("long_tail", "joint_prior_average"): (1.0, average),
            ("long_tail_oversampled", "joint_optimization"): (1.0, average),
        }
    )
    own = {"metric": "mean_recall", "unit": "mean recall"}
    same = {"settings": ["long_tail"], "pairs": [["joint_prior_average", "joint_optimization"]]}
    other = {"settings": ["long_tail_oversampled"], "pairs": [["joint_optimization"] * 2], "against": "long_tail"}
    found = [*compared(tables, "imbalance", **own, **same), *compared(tables, "imbalance", **own, **other)]
    assert verdicts(found) == {
        "joint_prior_average - joint_optimization": expected,
        "joint_optimization: oversampled - as it is": expected,
    }
    assert [row.cell.noise for row in found] == ["long_tail", "long_tail_oversampled"]
    assert found[1].evidence == "imbalance: mean_recall; long_tail_oversampled - long_tail"


def every_kind():
    """A statement with a comparison of each kind."""
    own = [
        {"kind": "pairs", "pairs": [["a", "b"]], "cells": HERE},
        {"kind": "level", "of": ["a"], "metric": "nll", "what": "NLL", "unit": "nats", "cells": HERE},
        {"kind": "without_noise", "of": ["a"], "metric": "nll", "unit": "nats", "cells": HERE},
        {"kind": "damping", "of": ["a"], "against": "linear", "cells": HERE},
        {"kind": "scores", "scores": ["aum"], "against": ["chance"], "metric": "auroc", "unit": "", "cells": HERE},
        {"kind": "tier", "tier": "obvious", "cells": HERE},
        {"kind": "fit", "condition": "true_labels", "metric": "test_accuracy", "unit": "accuracy",
         "regularizers": [["none"]]},
        {"kind": "imbalance", "settings": ["long_tail"], "pairs": [["a", "b"]], "metric": "mean_recall",
         "unit": "recall"},
        {"kind": "estimators", "pairs": [["dual_t", "anchor_points"]], "cells": HERE},
    ]  # fmt: skip
    return statement(compare=[{**one, "threshold": 0.0} for one in own])


@pytest.mark.parametrize("missing", [True, False])
def test_without_the_truth_nothing_is_tested(missing, tmp_path):
    """The tables are as they are written without the truth: read back from their header alone."""
    for name in compare.TABLES:
        results.write(name, pd.DataFrame(columns=results.columns(name)), tmp_path)
    tables = {} if missing else {name: results.read(name, tmp_path) for name in compare.TABLES}
    assert kinds.run(tables, {"every": every_kind()}) == {"every": []}


def test_every_kind_has_a_model_and_a_function():
    assert {of.kind for of in every_kind().compare} == kinds.KINDS.keys() == set(statements.KINDS)
    assert len(get_args(statements.Kind)) == len(kinds.KINDS)
