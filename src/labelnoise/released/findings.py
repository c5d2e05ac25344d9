"""What came of a paper's released predictions, in sentences and tables for readers: from the tables alone."""

import pandas as pd

from labelnoise.released.northcutt2021 import AUPRC, AUROC, BEST, F1, L1, LOW, NOISE_MODEL
from labelnoise.released.rules import CODE, PAPER

KINDS = {"published": "values that the authors print", "recomputed": "values recomputed from their files"}
RIVALS = {  # (metric, method) -> what it is called
    (F1, "predicted_neq_given"): "prediction differs from the label (C_confusion)",
    (F1, "confident_learning"): "confident joint",
    (F1, "prune_by_class"): "prune by class (PBC)",
    (F1, "prune_by_noise_rate"): "prune by noise rate (PBNR)",
    (F1, "both"): "both (C+NR)",
    (F1, BEST): "whichever of the five rules is best there",
    (AUROC, "pred_probs_self_confidence"): "self-confidence",
    (AUROC, "pred_probs_margin"): "normalised margin",
    (AUROC, "confident_learning"): "cleanlab's margin less thresholds",
    (AUPRC, "pred_probs_self_confidence"): "self-confidence",
    (AUPRC, "pred_probs_margin"): "normalised margin",
    (AUPRC, "confident_learning"): "cleanlab's margin less thresholds",
    (L1, "confident_joint"): "confident joint",
    (L1, "argmax_counts"): "counts of predictions",
}
METRICS = {
    "detection_accuracy": "accuracy", "detection_precision": "precision", "detection_recall": "recall", F1: "F1",
    AUROC: "AUROC", AUPRC: "AUPRC", L1: "error of T", "joint_rmse": "error of the joint",
    "out_of_sample_accuracy": "accuracy of the predictions",
}  # fmt: skip


def sentences(agreement: pd.DataFrame, rivals: pd.DataFrame) -> str:
    """How many published values agree, and whether the noise model finds more. agreement, rivals: the tables."""
    parts = []
    for kind, name in KINDS.items():
        rows = agreement[agreement["kind"] == kind]
        if len(rows):
            code, text = of_form(rows, CODE), of_form(rows, PAPER)
            parts.append(
                f"Of {code['values'].sum()} {name}, {code['agree'].sum()} agree with ours where rules are those "
                f"of the released code, and {text['agree'].sum()} where they are those of the paper's text."
            )
    told = [_told(rivals, *of) for of in ((F1, BEST), (AUPRC, "confident_learning"))]
    low = _row(rivals, LOW, F1, BEST, "all")
    last = f"With T low throughout its F1 is higher in {low.better} of {low.settings}."
    return " ".join([*parts, *told, last])


def of_form(rows: pd.DataFrame, form: str) -> pd.DataFrame:
    """Those of a form; what has one form alone belongs to both."""
    alone = ~rows.duplicated(["kind", "metric", "method"], keep=False)
    return rows[(rows["form"] == form) | alone]


def _told(rivals: pd.DataFrame, metric: str, method: str) -> str:
    row = _row(rivals, NOISE_MODEL, metric, method, "all")
    return (
        f"The noise model has a higher {METRICS[metric]} than {RIVALS[metric, method]} in {row.better} of "
        f"{row.settings} settings; the mean difference is {_difference(row)}."
    )


def _difference(row) -> str:
    return f"{row.diff:+.3f} [{row.diff_low:+.3f}, {row.diff_high:+.3f}]"


def _row(rivals: pd.DataFrame, *key: str):
    """The row of (score, metric, method, setting)."""
    here = (rivals[["score", "metric", "method", "setting"]] == list(key)).all(axis=1)
    return next(rivals[here].itertuples())


def agreement_table(agreement: pd.DataFrame) -> str:
    """By kind and metric: how many values agree, and the largest difference, in each form; in Markdown."""
    lines = [
        "| | values | agree: code | largest difference | agree: text | largest difference |",
        f"|{'---|' * 6}",
    ]
    for kind, name in KINDS.items():
        for metric, called in METRICS.items():
            rows = agreement[(agreement["kind"] == kind) & (agreement["metric"] == metric)]
            if len(rows):
                forms = [of_form(rows, form) for form in (CODE, PAPER)]
                cells = [f"{of['agree'].sum()} | {of['largest'].max():.4f}" for of in forms]
                lines.append(f"| {called}, {name} | {forms[0]['values'].sum()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def rivals_table(rivals: pd.DataFrame) -> str:
    """The noise model less each rival: over all settings, and by noise rate; in Markdown."""
    settings = list(dict.fromkeys(rivals["setting"]))
    lines = [f"| | than | {' | '.join(settings)} |", f"|{'---|' * (2 + len(settings))}"]
    for (metric, method), name in RIVALS.items():
        rows = [_row(rivals, NOISE_MODEL, metric, method, setting) for setting in settings]
        cells = [f"{_difference(row)}, {row.better} of {row.settings}" for row in rows]
        lines.append(f"| {METRICS[metric]} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
