"""Methods beside plain regression that ignores the noise, on made-up features, along another path."""

import numpy as np
import pandas as pd
import pytest
import tiny_setting
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from labelnoise import results
from labelnoise.studies import setting
from labelnoise.studies.accuracy import regression

SEEDS = range(3)
METHODS = {"cross_entropy": 0.0, "elr": 0.3, "forward_oracle": 0.1}


@pytest.fixture(scope="module")
def of():
    """Features in which the class is seen, with noise; three folds."""
    rng = np.random.default_rng(0)
    features = np.eye(tiny_setting.C)[tiny_setting.CLEAN] + rng.normal(0, 0.6, (tiny_setting.N, tiny_setting.C))
    images = features.astype(np.float32)[:, None, None]
    section = {"features": [{"encoder": "pixels"}], "inputs": "pixels"}
    over = {"study": {"seeds": 3}, "datasets": {"digits": section}}
    return tiny_setting.make(over, dataset=tiny_setting.DATASET._replace(images=images))


def accuracy():
    rows = [
        {"network": "mlp", "noise": noise, "noise_rate": rate, "realised_rate": rate, "seed": seed,
         "method": method, "selection": selection, "oracle": method.endswith("oracle"), "epoch": 1,
         "test_accuracy": 0.5 + gain + 0.01 * seed, "diverged_epoch": -1, "judged_by": "clean_labels"}
        for noise, rate in (("symmetric", 0.4), ("pair_flip", 0.45)) for seed in SEEDS
        for method, gain in METHODS.items() for selection in ("last", "best_noisy_val", "best_test")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def by_hand(of, noise, rate, seed):
    """Accuracy and strength: the mean agreement over folds, without scikit-learn's own search."""
    x, clean = of.dataset.images[:, 0, 0], of.dataset.clean_labels
    labels = of.main.training.column(noise, rate, seed)
    rows = np.flatnonzero(labels >= 0)
    scores = []
    for strength in regression.STRENGTHS:
        parts = StratifiedKFold(3).split(x[rows], labels[rows])
        fits = [(LogisticRegression(C=strength).fit(x[rows[a]], labels[rows[a]]), rows[b]) for a, b in parts]
        scores.append(np.mean([(model.predict(x[held]) == labels[held]).mean() for model, held in fits]))
    best = regression.STRENGTHS[int(np.argmax(scores))]
    tested = of.dataset.test_fold == seed % tiny_setting.FOLDS
    right = LogisticRegression(C=best).fit(x[rows], labels[rows]).predict(x[tested]) == clean[tested]
    return right.mean(), best


def test_differences_are_paired_by_seed_with_the_regression(of):
    found = results.check("regression", regression.table(of, accuracy()))
    assert set(found["selection"]) == {"last", "best_noisy_val"} and len(found) == 2 * 3 * 2
    plain = np.array([by_hand(of, "symmetric", 0.4, seed) for seed in SEEDS])
    row = found.query("noise == 'symmetric' and method == 'elr' and selection == 'last'").iloc[0]
    gaps = 0.5 + METHODS["elr"] + 0.01 * np.arange(3) - plain[:, 0]
    assert row["regression"] == pytest.approx(plain[:, 0].mean()) and row["strength"] == np.median(plain[:, 1])
    assert row["diff"] == pytest.approx(gaps.mean()) and row["pair_seeds"] == 3
    half = stats.t.ppf((1 + row["diff_level"]) / 2, 2) * gaps.std(ddof=1) / np.sqrt(3)
    assert row["diff_low"] == pytest.approx(gaps.mean() - half)
    assert found.set_index("method")["oracle"].groupby("method").first().to_dict() == {
        "cross_entropy": False, "elr": False, "forward_oracle": True,
    }  # fmt: skip


def test_what_lost_a_seed_is_not_marked(of):
    rows = accuracy()
    lost = (rows["method"] == "elr") & (rows["seed"] == 1)
    found = regression.table(of, rows.assign(test_accuracy=rows["test_accuracy"].mask(lost) + 0.4))
    assert not found.loc[found["method"] == "elr", "differs"].any()
    assert found.loc[found["method"] == "forward_oracle", "differs"].any()


def test_images_have_no_such_table():
    assert regression.table(tiny_setting.make(), accuracy()).empty


def test_nothing_is_said_where_test_images_have_no_truth(of):
    without = of._replace(main=of.main._replace(reference=of.main.reference._replace(name="given_labels")))
    assert not regression.possible(without) and regression.possible(of)


def test_the_same_labels_give_the_same_bytes(of):
    assert setting.grid(of)
    one, other = (regression.judged(of, "symmetric", 0.4, 1) for _ in range(2))
    assert one == other
