"""What came of comparisons with papers beside the study, in a sentence or two each, from the tables of their
folders. labelnoise.docs writes it into their pages, and report.elsewhere leads to these."""

from pathlib import Path

import pandas as pd

from labelnoise import results
from labelnoise.papers import by_heart
from labelnoise.papers.beside import YES
from labelnoise.released import findings
from labelnoise.released.rules import CODE, PAPER
from labelnoise.report import numbers, on_features

HALF = 0.5  # of the labels, from which they count as fitted


def table_1(tables: Path) -> str:
    """Of presets/zhang2017.yaml: how many values of the paper agree, and how many of others."""
    rows = results.read("papers", tables)
    own = rows[rows["paper"].str.startswith(by_heart.PAPER) & rows["network"].isin(by_heart.NETWORKS)]
    other = rows.drop(own.index)
    names = numbers.counted(other["paper"].nunique(), "other source")
    told = f"Of {len(own)} values of Table 1 of {by_heart.PAPER} {_agree(own)} agree with ours."
    beside = f" Of {len(other)} values of {names}, whose networks are others, {_agree(other)} agree."
    return told + (beside if len(other) else "")


def _agree(rows: pd.DataFrame) -> int:
    return int((rows["agrees"] == YES).sum())


def in_kind(tables: Path) -> str:
    """Of presets/arpit2017.yaml, where no value is compared: what is as the papers have it, and what is not."""
    fit, curves, complexity = (results.read(name, tables) for name in ("fit", "curves", "complexity"))
    plain = fit[(fit["regularizer"] == "none") & fit["condition"].str.endswith("_labels")]
    epochs = plain.groupby("corruption")["epochs_to_fit"].mean()
    first = [_right_first(part) for _, part in curves.groupby(["noise", "noise_rate"])]
    ends = [_grows(part) for _, part in complexity.groupby(["radius", "condition"])]
    longer = "take" if epochs.is_monotonic_increasing else "do not always take"
    return (
        "No value is compared, since images and network are others. As in Arpit et al. 2017, half of the right "
        f"labels are fitted before half of the wrong ones in {sum(first)} of {len(first)} noise settings. Labels "
        f"of which more are drawn anew {longer} longer to fit. There the share of critical samples grows until "
        f"the end; here it does in {sum(ends)} of {len(ends)} settings."
    )


def _right_first(curve: pd.DataFrame) -> bool:
    """Whether the right labels are half fitted in an earlier epoch than the wrong ones."""
    right, wrong = (curve.loc[curve[name] >= HALF, "epoch"].min() for name in ("fitted_clean", "fitted_wrong"))
    return bool(right < wrong) or (pd.notna(right) and pd.isna(wrong))


def _grows(part: pd.DataFrame) -> bool:
    """Whether the share of critical samples is highest at the last epoch."""
    shares = part.groupby("epoch")["critical_sample_ratio"].mean()
    return bool(shares.iloc[-1] == shares.max() > shares.iloc[0])


def released(tables: Path) -> str:
    """Of presets/northcutt2021.yaml: how many values that the authors print agree, and whether the noise model
    finds more."""
    agreement = results.read("released_agreement", tables)
    printed = agreement[agreement["kind"] == "published"]
    code, text = (findings.of_form(printed, form) for form in (CODE, PAPER))
    rivals = results.read("released_rivals", tables)
    key = {"score": findings.NOISE_MODEL, "metric": findings.F1, "method": findings.BEST, "setting": "all"}
    row = rivals[(rivals[list(key)] == pd.Series(key)).all(axis=1)].iloc[0]
    return (
        f"Of {code['values'].sum()} values that Northcutt et al. 2021 print {code['agree'].sum()} agree with ours "
        f"by the rules of their code, {text['agree'].sum()} by those of their text. The noise model has a higher "
        f"F1 than the best of their rules in {row['better']} of {row['settings']} settings."
    )


def on_frozen_features(tables: Path) -> str:
    """Of presets/features.yaml: methods that stop early beside regression that ignores the noise."""
    counts = pd.read_csv(tables / "beside_plain.csv")
    rows = counts[counts["noise"].str.startswith("human_") & (counts["plain"] == "regression")]
    rows = rows[rows["selection"] == on_features.EARLY]
    better, worse, methods = (rows[name].sum() for name in ("better", "worse", "methods"))
    return (
        f"Zhu et al. 2024 say that no method beats regression which ignores the noise. Here, on labels by people, "
        f"{better} of {methods} comparisons with it are better and {worse} worse."
    )
