"""Made-up tables of detection and rechecking, in the schema of labelnoise.results: plausible, and small."""

from itertools import product

import numpy as np
import pandas as pd

from labelnoise import results, words

CELLS = [
    ("none", 0.0), ("symmetric", 0.1), ("symmetric", 0.2), ("symmetric", 0.4), ("symmetric", 0.6),
    ("asymmetric", 0.2), ("asymmetric", 0.4), ("pair_flip", 0.3), ("instance_dependent", 0.2),
    ("instance_dependent", 0.4), ("boundary", 0.1),
]  # fmt: skip
SCORES = [
    "noise_model", "noise_model_high", "noise_model_mean", "ridge_self_confidence", "ridge_margin",
    "probe_self_confidence", "probe_margin", "neighbours_self_confidence", "neighbours_margin",
    "confident_learning", "sample_only", "class_only",
]  # fmt: skip
ALTERNATIVES = [
    "noise_model", "noise_model_on_bags", "noise_model_with_bags", "early_disagreement", "early_probability",
    "loss_last", "loss_mean", "loss_gmm", "aum", "forgetting", "cartography_confidence", "cartography_variability",
    "confident_learning_folds", "oob_self_confidence", "oob_margin", "oob_entropy", "oob_mutual_information",
    "mixture", "planted", "sample_only", "class_only",
]  # fmt: skip
ORDERS = ["noise_model", "ridge_margin", "probe_self_confidence", "random", "oracle"]
ESTIMATORS = ["noise_model", "confident_joint", "disagreement"]  # the first alone has a range
CLASSES = [str(c) for c in range(10)]
CELL = ["network", "noise", "noise_rate", "realised_rate"]
N = 1437


def make(
    cells=CELLS, seeds=2, scores=SCORES, classes=CLASSES, truth=True, networks=("mlp",)
) -> dict[str, pd.DataFrame]:
    """All tables, the same at every call; without `truth`, those that need it have no rows."""
    rng = np.random.default_rng(1)
    runs = [
        {
            "network": network,
            "noise": noise,
            "noise_rate": rate,
            "realised_rate": rate if truth else np.nan,
            "seed": s,
        }
        for network, (noise, rate), s in product(networks, cells, range(seeds))
    ]
    detection = _detection(rng, runs, scores)
    alternatives = _detection(np.random.default_rng(2), runs, ALTERNATIVES)
    tables = {
        "detection": detection, "detection_intervals": _intervals(detection),
        "alternatives": alternatives, "alternatives_intervals": _intervals(alternatives),
        "detection_reliability": _reliability(rng, runs), "tiers": _tiers(rng, runs), "gate": _gate(runs),
        "noise_rate": _noise_rate(rng, runs), "noise_matrix": _matrix(rng, runs, classes),
        "budget": _budget(runs), "budget_needed": _needed(runs), "retrained": _retrained(rng, runs),
        "errors_left": _errors_left(rng, runs), "audit": _audit(runs, classes),
        "audit_coverage": _audit_coverage(runs), "recalibrated": _recalibrated(runs),
        "input_faults": _input_faults(), "copies": _copies(),
        "gallery": _gallery(rng, runs, classes),
    }  # fmt: skip
    tables = {name: table if len(table) else results.empty(name) for name, table in tables.items()}
    return tables if truth else _blind(tables)


def _blind(tables):
    """What is left where no clean label is known."""
    needs = [
        "detection", "detection_intervals", "alternatives", "alternatives_intervals", "detection_reliability",
        "budget", "budget_needed", "audit_coverage", "recalibrated",
    ]  # fmt: skip
    tables |= {name: tables[name][:0] for name in needs}
    tables["tiers"][["share_wrong", "errors_found_share", "suggestion_right"]] = np.nan
    tables["gate"][["flagged_wrong", "withheld_wrong"]] = np.nan
    tables["noise_matrix"]["truth"] = tables["errors_left"]["truth"] = np.nan
    tables["gallery"]["truth"] = ""
    return tables


def _skill(score):
    return {"noise_model": 0.98, "ridge_margin": 0.95, "oob_entropy": 0.32, "loss_last": 0.69}.get(
        score, 0.70 + sum(map(ord, score)) % 27 / 100
    )


def _detection(rng, runs, scores):
    rows = []
    for run, score in product(runs, scores):
        skill = _skill(score) - 0.15 * (run["noise"] in ("asymmetric", "boundary")) + rng.normal(0, 0.004)
        fact = {name: np.nan for name in ("auroc", "auprc", "precision_at_noise_rate")}
        if run["noise_rate"]:
            fact = {"auroc": min(skill + 0.01, 0.999), "auprc": skill, "precision_at_noise_rate": skill - 0.03}
        fact |= {f"precision_{b}": min(skill + 0.01, 1) for b in (1, 5, 10)}
        fact |= {f"recall_{b}": min(1.0, b / 100 / max(run["noise_rate"], 0.01)) * skill for b in (1, 5, 10)}
        ece = 0.2 * (1 - skill) if words.is_probability(score) else np.nan
        rows.append({**run, "score": score, **fact, "ece": ece})
    return pd.DataFrame(rows)


def _intervals(detection):
    rows = []
    metrics = ["auroc", "auprc", "precision_at_noise_rate", "ece"]
    for values, part in detection.groupby([*CELL, "score"], dropna=False):
        own = dict(zip([*CELL, "score"], values))
        same = detection[(detection["noise"] == own["noise"]) & (detection["noise_rate"] == own["noise_rate"])]
        for metric in metrics:
            mean = part[metric].mean()
            if np.isnan(mean):
                continue
            best = same.loc[same["score"] == "noise_model", metric].mean()
            half = 0.012 + 0.1 * (1 - mean) ** 2
            rows.append({
                **own, "metric": metric, "mean": mean, "low": mean - half, "high": mean + half,
                "n_seeds": len(part), "diff": best - mean, "diff_low": best - mean - half,
                "diff_high": best - mean + half, "diff_level": 0.95, "pair_seeds": len(part),
                "differs": abs(best - mean) > half,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _reliability(rng, runs):
    rows = []
    shown = ["noise_model", "noise_model_high", "noise_model_mean", "ridge_self_confidence", "sample_only"]
    for run, score, bin_ in product(_once(runs), shown, range(15)):
        count = int(rng.integers(2, 40) + 900 * (bin_ == 0) + 300 * (bin_ == 14) * (run["noise_rate"] > 0))
        stated = (bin_ + 0.5) / 15
        share = np.clip(stated + rng.normal(0, 0.05) + (0.2 - 0.3 * stated) * (score != "noise_model"), 0, 1)
        share = round(share * count) / count
        half = 1 / np.sqrt(count)
        rows.append({
            **run, "score": score, "bin": bin_, "count": count, "stated": stated, "share_wrong": share,
            "low": max(share - half, 0), "high": min(share + half, 1),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _once(runs):
    """A row per cell: tables that pool the seeds."""
    return [{key: value for key, value in run.items() if key != "seed"} for run in runs if run["seed"] == 0]


WITHHELD = [("asymmetric", 0.4), ("boundary", 0.1)]  # cells whose obvious tier the gate withholds


def _obvious(run):
    """Labels that the model would call obvious, and how many of them are wrong."""
    errors = round(N * run["noise_rate"])
    wrong = round(errors * (0.85 - 0.3 * (run["noise"] == "boundary")))
    return round(wrong / (0.9 if _withheld(run) else 0.975)), wrong


def _withheld(run):
    return (run["noise"], run["noise_rate"]) in WITHHELD


def _tiers(rng, runs):
    right = {"sure": 0.995, "possible": 0.7, "rest": 0.01}
    found = {"sure": 0.6, "possible": 0.1, "rest": 0.05}
    rows = []
    for run, tier in product(runs, ("sure", "obvious", "possible", "rest")):
        errors = round(N * run["noise_rate"])
        if tier == "obvious":
            count, wrong = _obvious(run)
        else:
            wrong = round(errors * found[tier])
            count = round(wrong / right[tier]) if tier != "rest" else N - round(errors * 0.97)
        if _withheld(run) and tier in ("sure", "obvious"):
            count, wrong = 0, 0
        share = wrong / count if count else np.nan
        rows.append({
            **run, "tier": tier, "count": count, "share_wrong": share,
            "errors_found_share": wrong / errors if errors else np.nan,
            "stated": right.get(tier, 0.975) if count else np.nan, "suggestion_right": 0.95 if count else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _gate(runs):
    """Every seed is checked; tiers are withheld in the cells WITHHELD."""
    rows = []
    for run in runs:
        count, wrong = _obvious(run)
        share, kept = wrong / count if count else np.nan, not _withheld(run)
        rows.append({
            **run, "verdict": "all", "rule": "A" if kept and count else "none", "z": 80.0 - 10 * run["seed"],
            "d": 0.004, "rate_low": run["noise_rate"], "rate_high": run["noise_rate"] + 0.02, "smallest_kept": 0.6,
            "against_low": -0.1, "worlds_flagged": 3.0 * count, "worlds_right": 0.96 if kept else 0.9,
            "cut": np.nan, "contradicted": run["noise_rate"] + 0.01,
            "flagged": count if kept else 0, "flagged_wrong": share if kept else np.nan,
            "withheld": 0 if kept else count, "withheld_wrong": np.nan if kept else share,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _noise_rate(rng, runs):
    rows = []
    for run, (place, name) in product(runs, enumerate(ESTIMATORS)):
        estimate = max(run["noise_rate"] + rng.normal(0, 0.01) + 0.02 * place, 0)
        low, high = (np.nan, np.nan) if place else (max(estimate - 0.01, 0), estimate + 0.01)
        rows.append({**run, "estimator": name, "estimate": estimate, "low": low, "high": high})
    return pd.DataFrame(rows)


def _matrix(rng, runs, classes):
    rows = []
    for run, (i, clean), (j, given) in product(_once(runs), enumerate(classes), enumerate(classes)):
        rate = run["noise_rate"]
        beside = rate if (j - i) % len(classes) == 1 else 0.0
        spread = rate / (len(classes) - 1)
        off = beside if run["noise"] in ("pair_flip", "asymmetric") else spread
        truth = 1 - rate if i == j else off
        estimate = float(np.clip(truth + rng.normal(0, 0.01), 0, 1))
        low, high = max(estimate - 0.015, 0), min(estimate + 0.015, 1)
        fact = {"clean": clean, "given": given, "estimate": estimate, "low": low, "high": high, "truth": truth}
        rows.append({**run, **fact})
    return pd.DataFrame(rows)


def _found(order, error, share, rate):
    """Share of the errors found when `share` is rechecked in some order, with a rechecker who errs."""
    skill = {"oracle": 1.0, "noise_model": 0.97, "ridge_margin": 0.93, "probe_self_confidence": 0.9}
    ideal = min(1.0, share / rate)
    got = share if order == "random" else skill[order] * ideal + (1 - skill[order]) * share
    return got * (1 - error)


def _budget(runs):
    shares = [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0]
    rows = [
        {**run, "order": order, "rechecker_error": error, "rechecked_share": share,
         "errors_found_share": _found(order, error, share, run["noise_rate"] + 0.004 * run["seed"])}
        for run, order, error, share in product(runs, ORDERS, (0.0, 0.05, 0.1), shares) if run["noise_rate"]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _needed(runs):
    shares = np.linspace(0, 1, 501)
    rows = []
    for run, order, error, goal in product(runs, ORDERS, (0.0, 0.05, 0.1), (0.5, 0.8, 0.95)):
        if run["noise_rate"]:
            found = np.array([_found(order, error, share, run["noise_rate"]) for share in shares])
            need = shares[np.argmax(found >= goal)] if (found >= goal).any() else np.nan
            rows.append({**run, "order": order, "rechecker_error": error, "found_share": goal,
                         "rechecked_share": need})  # fmt: skip
    return pd.DataFrame(rows)


def _retrained(rng, runs):
    rows = []
    several = [(order, 0.0) for order in ORDERS] + [("noise_model", 0.1)]
    shares = (0.0, 0.05, 0.1, 0.2, 0.4)
    for run, (order, error), share, selection in product(runs, several, shares, ["last", "best_noisy_val"]):
        if run["noise_rate"] == 0.4:
            left = run["noise_rate"] * (1 - _found(order, error, share, run["noise_rate"]))
            accuracy = 0.97 - 0.6 * left + rng.normal(0, 0.006)
            key = {"order": order, "rechecker_error": error, "rechecked_share": share, "selection": selection}
            rows.append({**run, **key, "test_accuracy": accuracy})
    return pd.DataFrame(rows)


def _errors_left(rng, runs):
    rows = []
    for run, share in product(runs, (0.0, 0.01, 0.05, 0.1, 0.2, 0.3)):
        rate = run["noise_rate"]
        truth = round(N * rate * (1 - _found("noise_model", 0.0, share, rate))) if rate else 0
        estimate = max(truth * 0.95 + rng.normal(0, 4), 0)
        rows.append({**run, "rechecked_share": share, "estimate": estimate, "low": max(estimate - 18, 0),
                     "high": estimate + 18, "truth": truth})  # fmt: skip
    return pd.DataFrame(rows)


LOOKS = (60, 100, 200)  # answers of an audit


def _audit(runs, classes):
    """After 100 answers to the labels of one run, where there is one that people get a list of."""
    run = next((run for run in runs if run["noise"] in ("given", "symmetric")), None)
    if run is None:
        return results.empty("audit")
    parts = [("rate", "all", N, 100, 45), ("tier", "obvious", 500, 40, 39), ("tier", "possible", 90, 30, 5)]
    parts += [("tier", "rest", N - 590, 30, 1), ("stratum", "suspect", 520, 40, 39)]
    parts += [("stratum", "doubtful", 100, 30, 5), ("stratum", "rest", N - 620, 30, 1)]
    parts += [("class", name, N // len(classes), 10, at % 7) for at, name in enumerate(classes)]
    parts += [("left", f"{share:g}", round(N * (1 - share)), 60, 5) for share in (0.0, 0.01, 0.1, 0.5)]
    rows = []
    for what, of, labels, answered, wrong in parts:
        middle = labels * wrong / answered
        ends = {"estimate": middle, "low": 0.8 * middle, "high": 1.3 * middle + 10}
        usual = {"textbook_low": 0.9 * middle, "textbook_high": 1.1 * middle}
        counts = {"labels": labels, "answered": answered, "wrong": wrong, "unsure": 2 * (what == "rate")}
        rows.append({**run, "what": what, "of": of, "look": 100, **counts, **ends, **usual})
    return pd.DataFrame(rows)


def _audit_coverage(runs):
    """Limits hold nearly always; the textbook interval and the model's range do not; slips hide the truth."""
    rows = []
    for (place, run), look, error in product(enumerate(runs), LOOKS, (0.0, 0.05, 0.1)):
        width = 0.9 / np.sqrt(look) + 0.001 * place
        hold = 0.999 - 0.00037 * place - 0.02 * error - 0.1 / look
        rows.append({
            **run, "look": look, "rechecker_error": error, "draws": 1000, "answers_covered": hold,
            "truth_covered": hold if error == 0 else 0.9 - 4 * error - 0.003 * place,
            "widened_covered": hold - 0.004, "textbook_covered": hold - 0.2 + 0.01 * (place % 4),
            "model_covered": float(place % 3 == 0), "width": width, "widened_width": width + 0.1 + error,
            "textbook_width": 0.7 * width, "model_width": 0.04,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _recalibrated(runs):
    """Answers make P(wrong) better in most cells, and worse in the last."""
    rows = []
    for (place, run), look in product(enumerate(runs), (0, *LOOKS)):
        gain = look / 5000 * (-1 if run["noise"] == runs[-1]["noise"] else 1)
        rows.append({**run, "look": look, "fits": 50 if look else 0, "ece": 0.06 + 0.00113 * place - gain,
                     "rate_error": 0.05 + 0.00113 * place - 0.8 * gain})  # fmt: skip
    return pd.DataFrame(rows)


def _input_faults():
    columns = ["kind", "where", "what", "count"]
    rows = [
        ("copies", "2/<a>.png, 3/b.png", "the same image has two labels: one of them is wrong", 1),
        ("tiny_class", "7", "classes of fewer than 20 images: too few to judge", 1),
        ("skipped", "a.txt, b.txt", "files that are no images: left out", 1234),
    ]
    return pd.DataFrame(rows, columns=columns)


def _copies():
    """Two groups: a pair under two labels, and three alike."""
    rows = [(0, 3, "2/<a>.png", "2", "exact", True), (0, 8, "3/b.png", "3", "exact", True)]
    rows += [(1, at, f"4/{at}.png", "4", "near", False) for at in (20, 21, 30)]
    return pd.DataFrame(rows, columns=["group", "index", "file", "given", "match", "two_labels"])


def _gallery(rng, runs, classes):
    rows = []
    for run, tier, rank in product(runs, ("obvious", "possible"), range(1, 25)):
        if run["noise_rate"] == 0 and tier == "obvious":
            continue
        given, suggested = rng.choice(len(classes), 2, replace=False)
        true = suggested if rng.random() < 0.85 else given
        rows.append({
            **run, "tier": tier, "rank": rank, "index": int(rng.integers(0, N)), "file": "",
            "given": classes[given], "suggested": classes[suggested],
            "p_wrong": 0.999 - 0.002 * rank if tier == "obvious" else 0.9 - 0.03 * rank,
            "suggestion_confidence": 0.95 - 0.01 * rank, "truth": classes[true],
        })  # fmt: skip
    return pd.DataFrame(rows)
