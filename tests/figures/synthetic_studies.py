"""Made-up tables of claims, contrasts, ranks, memorisation, gradients, imbalance and confidence, for
`synthetic_tables`."""

from itertools import product

import numpy as np
import pandas as pd


def make(rng, accuracy) -> dict[str, pd.DataFrame]:
    """The tables of claims, contrasts, ranks, memorisation, gradients, imbalance and confidence."""
    return {
        **_claims(), "contrasts": _contrasts(), "ranks": _ranks(accuracy), "fit": _fit(rng),
        "complexity": _complexity(rng), "first_epoch": _first_epoch(), "gradients": _gradients(),
        "imbalance": _imbalance(rng), **_confidence(),
    }  # fmt: skip


def _claims():
    """Claim 1 refuted, 2 a question answered by yes, 3 refuted by one of two units, 4 open after two looks, 5
    without a row, 6 by algebra."""
    effects = {
        1: [("mae - cross_entropy", "accuracy", -0.05, "refuted"),
            ("gce - cross_entropy", "accuracy", -0.03, "refuted")],
        2: [("train accuracy", "accuracy", 0.08, "supported")],
        3: [("elr: lead", "epochs", 7.5, "supported"),
            ("joint_hard - joint_optimization", "accuracy", -0.02, "refuted")],
        4: [("mae - cross_entropy", "accuracy", 0.001, "open")],
    }  # fmt: skip
    rows = [
        {"id": number, "contrast": contrast, "network": "mlp", "noise": "symmetric", "noise_rate": 0.4,
         "claim": f"made-up claim {number}", "family": "losses" if number < 3 else "joint optimisation",
         "unit": unit, "effect": effect, "low": effect - 0.01, "alpha_low": 0.025,
         "high": effect + 0.01, "alpha_high": 0.0125, "threshold": 0.01, "needed": 0.02, "verdict": verdict,
         "look": 1 + (verdict == "open"), "look_one": verdict, "n_seeds": 10, "evidence": "made up"}
        for number, listed in effects.items() for contrast, unit, effect, verdict in listed
    ]  # fmt: skip
    verdicts = {1: "refuted", 2: "supported", 3: "refuted", 4: "open", 5: "not tested", 6: "by algebra"}
    kinds = {2: "question answered", 6: "by algebra"}
    as_written = {1: "wrong", 2: "question", 3: "stands", 4: "open", 5: "open", 6: "stands"}
    against = {
        1: "mae - cross_entropy (mlp, symmetric 0.4)",
        3: "joint_hard - joint_optimization (mlp, symmetric 0.4)",
    }
    told = [
        {"id": number, "said": f"the note said {number} <b>boldly</b>", "claim": f"made-up claim {number}",
         "source": "a chapter", "family": "losses", "verdict": verdict, "rows": len(effects.get(number, [])),
         "against": against.get(number, ""), "as_written": as_written[number],
         "kind": kinds.get(number, "tested"), "proof": "made-up proof" if number == 6 else "",
         "look": 1 + (verdict == "open"), "look_one": verdict}
        for number, verdict in verdicts.items()
    ]  # fmt: skip
    return {"claims": pd.DataFrame(rows), "statements": pd.DataFrame(told)}


def _contrasts():
    rows = [
        {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": seed,
         "method": method, "metric": metric, "value": 0.5 + 0.1 * seed}
        for seed, method, metric in product(range(3), ["joint_hard", "warp_sampled"], ["test_accuracy", "ece"])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _ranks(accuracy):
    means = (
        accuracy[accuracy["selection"] == "last"]
        .groupby(["method", "oracle"], as_index=False)["test_accuracy"]
        .mean()
    )
    honest = means["test_accuracy"].where(~means["oracle"]).rank(ascending=False)
    return means.drop(columns="test_accuracy").assign(
        cells=9, mean_rank=honest, best=honest, worst=honest, mean_accuracy=means["test_accuracy"],
        beats_early_stopping=2, loses_to_early_stopping=3, critical_difference=1.5, friedman_p=0.001,
    )  # fmt: skip


def _fit(rng):
    rows = [
        {"network": network, "condition": condition, "corruption": rate, "regularizer": regularizer, "seed": seed,
         "epochs_to_fit": np.nan if censored else 10 + 60 * rate, "steps_to_fit": np.nan if censored else 200.0,
         "censored": censored, "train_accuracy": 0.8 if censored else 1.0, "train_loss": 0.01,
         "test_accuracy": min(0.97 - 0.85 * rate + rng.normal(0, 0.01), 1.0)}
        for network, (condition, rate), regularizer, seed in product(
            ["mlp", "small_cnn"],
            [("true_labels", 0.0), ("corrupted_labels", 0.4), ("random_labels", 1.0), ("gaussian", 0.0)],
            ["none", "dropout"], range(3))
        for censored in [regularizer == "dropout" and rate == 1 and seed > 0]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _complexity(rng):
    rows = [
        {"network": "mlp", "condition": condition, "seed": seed, "epoch": epoch, "radius": radius,
         "critical_sample_ratio": radius * (2 if condition == "random_labels" else 1) * (1 - 1 / (epoch + 1)),
         "sensitivity_gini": 0.4 + rng.normal(0, 0.01)}
        for condition, seed, epoch, radius in product(
            ["true_labels", "random_labels"], range(3), [1, 8], [0.1, 0.2])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _first_epoch():
    shares = np.arange(11) / 10
    binomial = 110 * np.array([0.01] * 5 + [0.9] + [0.01] * 5)
    parts = [
        pd.DataFrame({"correct_share": shares, "examples": 10, "binomial": binomial})
        .assign(network="mlp", condition=condition)
        for condition in ("true_labels", "random_labels")
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _gradients():
    rows = [
        {"layer": layer, "relation": relation, "confidence": confidence, "norm": 1 - confidence,
         "closed_form": 1 - confidence}
        for layer, relation, confidence in product(
            ["cross_entropy", "linear", "nonlinear_kappa"], ["agree", "disagree"],
            np.linspace(0.1, 0.999, 31).round(4))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _imbalance(rng):
    rows = [
        {"setting": setting, "method": method, "seed": seed, "classes_predicted": 0.9, "test_accuracy": 0.7,
         "mean_recall": 0.6 + rng.normal(0, 0.01), "smallest_recall": 0.1, "prior_loss": 0.2}
        for setting, method, seed in product(
            ["ten_classes", "long_tail"], ["cross_entropy", "joint_optimization"], range(3))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _confidence():
    """In one noise cell, of one score."""
    rows = [
        {"network": "mlp", "noise": "symmetric", "noise_rate": 0.4, "realised_rate": 0.4, "seed": seed,
         "method": "cross_entropy", "selection": selection, "calibration": name, "examples": 144,
         "oracle": name == "designed"}
        for seed, selection, name in product(
            range(3), ["last", "best_noisy_val"], ["noisy_labels", "confident_joint", "designed"])
    ]  # fmt: skip
    sets, temperatures = (pd.DataFrame(rows) for _ in range(2))
    return {
        "conformal": sets.assign(score="least_ambiguous", level=0.9, coverage=0.95, set_size=1.5, empty_share=0.0),
        "temperature": temperatures.assign(temperature=2.0, nll=0.5, brier=0.2, ece=0.1),
    }
