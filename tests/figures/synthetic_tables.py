"""Made-up tables with the exact schema of labelnoise.results, to develop and test figures and report on."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import synthetic_detection
import synthetic_studies

from labelnoise import results, words

ALL = [name for name, method in words.METHODS.items() if method.family]  # of the full grid
METHODS = ["cross_entropy", "mae", "forward_oracle", "forward_estimated", "noise_layer", "joint_optimization"]
CELLS = [
    ("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4), ("symmetric", 0.6), ("symmetric", 0.8),
    ("asymmetric", 0.2), ("asymmetric", 0.4), ("pair_flip", 0.45), ("instance_dependent", 0.4),
]  # fmt: skip
SELECTIONS = ["last", "best_noisy_val", "best_test"]
KEYS = ["network", "noise", "noise_rate", "realised_rate"]


def make(methods=METHODS, cells=CELLS, seeds=5, epochs=60, networks=("mlp",)) -> dict[str, pd.DataFrame]:
    """All tables, the same at every call."""
    rng = np.random.default_rng(0)
    curves = _curves(rng, methods, cells, seeds, epochs, networks)
    accuracy = _accuracy(curves)
    calibration = _calibration(rng, accuracy)
    tables = {
        "ledger": _ledger(rng, cells, seeds), "curves": curves, "accuracy": accuracy, "calibration": calibration,
        "intervals": _intervals(accuracy, calibration), "reliability": _reliability(rng, accuracy),
        "unknown": _unknown(accuracy), "best": _best(accuracy), "coverage": _coverage(),
        "transition": _transition(rng, cells, seeds, networks),
        "uncertainty": _uncertainty(rng, cells, networks), "left_out": results.empty("left_out"),
    }  # fmt: skip
    tables |= synthetic_studies.make(rng, accuracy) | synthetic_detection.make(cells, 2, networks=networks)
    return {name: results.check(name, table) for name, table in tables.items()}


def identifier(text: str) -> str:
    """The method that figures call `text`; what is no method's name has underscores for spaces."""
    return next((name for name in words.METHODS if words.name(name) == text), text.replace(" ", "_"))


def write(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    for name, table in tables.items():
        results.write(name, table, folder)


def _runs(cells, seeds, networks):
    for network, (noise, rate), seed in product(networks, cells, range(seeds)):
        yield {"network": network, "noise": noise, "noise_rate": rate, "realised_rate": rate, "seed": seed}


def _strength(method):
    """How much of the wrong labels a made-up method withstands."""
    return {"cross_entropy": 0.0, "mae": 0.75, "forward_oracle": 0.7, "forward_estimated": 0.55}.get(
        method, sum(map(ord, method)) % 10 / 12
    )


def _curves(rng, methods, cells, seeds, epochs, networks):
    rows = []
    time = np.arange(epochs)
    for run, method in product(_runs(cells, seeds, networks), methods):
        rate, strength = run["noise_rate"], _strength(method)
        wrong = (1 - strength) * (1 - np.exp(-time / 18)) * (rate > 0)
        learned = 1 - 0.9 * np.exp(-(time + 1) / 2)
        test = learned * (0.97 - 0.1 * rate**2) - 0.75 * rate * wrong + rng.normal(0, 0.01, epochs)
        test = np.clip(test, 0.1, 0.99)
        frame = pd.DataFrame({
            **run, "method": method, "epoch": time, "oracle": method.endswith("_oracle"),
            "train_accuracy": np.clip(learned, 0, 1), "test_accuracy": test,
            "fitted_clean": np.clip(learned + 0.01, 0, 1),
            "fitted_wrong": wrong if rate else np.nan, "recovered": test * (1 - wrong) if rate else np.nan,
            "val_accuracy": np.clip(test * (1 - rate), 0, 1), "train_loss": 2.3 * np.exp(-time / 20),
        })  # fmt: skip
        rows.append(frame)
    return pd.concat(rows, ignore_index=True)


def _accuracy(curves):
    keys = [*KEYS, "seed", "method"]
    groups = curves.groupby(keys)
    picks = {"last": groups["epoch"].idxmax(), "best_noisy_val": groups["val_accuracy"].idxmax(),
             "best_test": groups["test_accuracy"].idxmax()}  # fmt: skip
    parts = [
        curves.loc[index, [*keys, "oracle", "epoch", "test_accuracy"]].assign(selection=name)
        for name, index in picks.items()
    ]
    return pd.concat(parts).assign(diverged_epoch=-1, judged_by="clean_labels")


def _calibration(rng, accuracy):
    table = accuracy.drop(columns=["epoch", "test_accuracy", "diverged_epoch", "judged_by"])
    error = 1 - accuracy["test_accuracy"]
    noise = rng.uniform(0.9, 1.1, (4, len(table)))
    return table.assign(ece=0.6 * error * noise[0], nll=3 * error * noise[1], brier=1.4 * error * noise[2],
                        aurc=error**2 * noise[3])  # fmt: skip


def _intervals(accuracy, calibration):
    keys = [*KEYS, "seed", "method", "selection", "oracle"]
    long = accuracy[[*keys, "test_accuracy"]].merge(calibration, on=keys).melt(keys, var_name="metric")
    rows = []
    for values, part in long.groupby([*KEYS, "method", "selection", "oracle", "metric"]):
        mean, half = part["value"].mean(), 2 * part["value"].std(ddof=1) + 0.004
        fact = dict(zip([*KEYS, "method", "selection", "oracle", "metric"], values))
        images = fact["metric"] == "ece"
        fact |= {"mean": mean, "low": mean - half, "high": mean + half, "n_seeds": len(part),
                 "interval": "images" if images else "seeds", "floor": 0.02 if images else np.nan}  # fmt: skip
        rows.append(fact)
    means = pd.DataFrame(rows)
    base = means[means["method"] == "cross_entropy"]
    base = base[base["selection"].isin(["last", "best_noisy_val"])]
    base = base.rename(columns={"selection": "baseline_selection", "mean": "base"})
    table = means.merge(base[[*KEYS, "metric", "baseline_selection", "base"]], on=[*KEYS, "metric"])
    diff, half = table["mean"] - table["base"], table["high"] - table["mean"]
    return table.drop(columns="base").assign(
        diff=diff, diff_low=diff - half, diff_high=diff + half, differs=diff.abs() > half,
        diff_level=np.where(diff.abs() > half, 0.97, 0.95), pair_seeds=table["n_seeds"],
    )  # fmt: skip


def _best(accuracy):
    """The highest mean, and all within .02 of it."""
    rows = []
    for contest in ("last", "best_noisy_val"):
        early = (accuracy["method"] == "cross_entropy") & (accuracy["selection"] == "best_noisy_val")
        own = accuracy[((accuracy["selection"] == contest) | early) & ~accuracy["oracle"]]
        mean = own.groupby([*KEYS, "method", "selection"], as_index=False)["test_accuracy"].mean()
        ranked = mean.groupby(KEYS)["test_accuracy"]
        top, second = ranked.transform("max"), ranked.transform(lambda part: part.nlargest(2).iloc[-1])
        rival = top.where(mean["test_accuracy"] < top, second)
        ahead = mean["test_accuracy"] - rival
        rows.append(mean.drop(columns="test_accuracy").assign(
            contest=contest, ahead=ahead, low=ahead - 0.02, high=ahead + 0.02, tied=ahead > -0.02))  # fmt: skip
    return pd.concat(rows)


def _coverage():
    """One kind that falls short in all noise cells, one in a single one, and one that holds."""
    rows = [
        ("noise rate", "range between two models", "in the study", 0.4),
        ("entry of T", "range", "in the study", 0.95),
        ("noise rate", "audit of 100 answers", "resampled", 0.99),
    ]  # fmt: skip
    return pd.DataFrame([
        {"quantity": quantity, "kind": kind, "source": source, "noise": noise, "noise_rate": rate, "n": 100,
         "share": own, "low": own - 0.05, "high": min(own + 0.05, 1.0), "width": 0.1,
         "rival": "audit of 100 answers", "rival_width": 0.2}
        for quantity, kind, source, share in rows
        for noise, rate, own in [("all", np.nan, share), ("symmetric", 0.4, share - 0.2 * (kind == "range"))]
    ])  # fmt: skip


def _unknown(accuracy):
    """The highest mean of a selection is tied with the best."""
    own = accuracy[(accuracy["noise"] != "none") & (accuracy["selection"] != "best_test")]
    table = own.groupby(["network", "method", "selection", "oracle"], as_index=False)["test_accuracy"].mean()
    base = table.query("method == 'cross_entropy' and selection == 'best_noisy_val'")
    diff = table["test_accuracy"] - table["network"].map(base.set_index("network")["test_accuracy"])
    best = diff.where(~table["oracle"]).groupby([table["network"], table["selection"]]).transform("max")
    return table.drop(columns="test_accuracy").assign(
        n_seeds=own["seed"].nunique(), diff=diff, diff_low=diff - 0.02, diff_high=diff + 0.02,
        worst_noise="symmetric", worst_rate=0.8, worst_diff=diff - 0.1,
        regret=(best - diff).where(~table["oracle"]), trainings=1, tied=diff == best,
    )  # fmt: skip


def _reliability(rng, accuracy):
    cells = accuracy[[*KEYS, "method", "selection", "oracle"]].drop_duplicates()
    bins = pd.DataFrame({"bin": range(15), "confidence": (np.arange(15) + 0.5) / 15})
    table = cells.merge(bins, how="cross")
    count = rng.integers(0, 60, len(table)) * (table["bin"] > 1)
    share = np.clip(table["confidence"] * 0.9 + rng.normal(0, 0.05, len(table)), 0, 1)
    half = 1 / np.sqrt(np.maximum(count, 1))
    empty = count == 0
    return table.assign(
        count=count, accuracy=share.mask(empty), low=(share - half).clip(0, 1).mask(empty),
        high=(share + half).clip(0, 1).mask(empty), confidence=table["confidence"].mask(empty),
    )  # fmt: skip


def _transition(rng, cells, seeds, networks):
    rows = [
        {
            **run,
            "estimator": e,
            "relative_l1": rng.uniform(0.02, 0.3),
            "rate_estimate": run["noise_rate"] + 0.01,
            "condition_number": 1 + 10 * run["noise_rate"],
        }
        for run, e in product(_runs(cells, seeds, networks), ["anchor", "confident_joint", "out_of_bag"])
    ]
    return pd.DataFrame(rows)


def _uncertainty(rng, cells, networks):
    statistics = {"oob_entropy": 0.6, "oob_mutual_information": 0.3, "oob_self_confidence": 0.4}
    rows = []
    for run, (name, center), labels in product(_runs(cells, 2, networks), statistics.items(), ["right", "wrong"]):
        count = int(1437 * (run["noise_rate"] if labels == "wrong" else 1 - run["noise_rate"]))
        shift = 0.08 if labels == "wrong" else 0.0
        quantiles = center + shift + np.array([-0.25, -0.1, 0, 0.12, 0.3]) + rng.normal(0, 0.01)
        values = dict(zip(["q05", "q25", "q50", "q75", "q95"], quantiles if count else [np.nan] * 5))
        rows.append({**run, "statistic": name, "labels": labels, "count": count, "missing": 0, **values})
    return pd.DataFrame(rows)


def _ledger(rng, cells, seeds):
    rows = []
    for (noise, rate), seed in product(cells, range(seeds)):
        designed = (1 - rate) * np.eye(10) + rate / 9 * (1 - np.eye(10))
        given = json.dumps(designed.round(4).tolist()) if noise != "instance_dependent" else np.nan
        rows.append({
            "noise": noise, "noise_rate": rate, "seed": seed, "definition": f"made-up definition of {noise}",
            "convention": "flips to other classes", "realised_rate": rate + rng.normal(0, 0.005) * (rate > 0),
            "examples": 1437, "label_imbalance": 1.1, "designed_transition": given,
            "realised_transition": json.dumps(designed.round(4).tolist()), "hash": f"{seed:08x}",
        })  # fmt: skip
    return pd.DataFrame(rows)
