"""Sentences and tables say what the tables have."""

from pathlib import Path

import pandas as pd

from labelnoise import docs, results
from labelnoise.released import findings, northcutt2021

NAMES = ("agreement", "rivals")  # of the tables in git

AGREEMENT = pd.DataFrame(
    [
        ("published", "detection_f1", "both", "code", 6, 6, 0.004),
        ("published", "detection_f1", "both", "paper", 6, 2, 0.03),
        ("published", "joint_rmse", "argmax_counts", "paper", 12, 11, 0.002),
        ("recomputed", "relative_l1", "confident_joint", "code", 12, 5, 0.08),
        ("recomputed", "relative_l1", "confident_joint", "paper", 12, 12, 0.0002),
    ],
    columns=["kind", "metric", "method", "form", "values", "agree", "largest"],
)
RIVALS = pd.DataFrame(
    [
        (score, metric, method, "code", setting, 0.1234, 0.05, 0.2, number, number - 1 - (score != "noise_model"))
        for score in (northcutt2021.NOISE_MODEL, northcutt2021.LOW)
        for metric, method in findings.RIVALS
        for setting, number in (("all", 12), ("noise 0.2", 4))
    ],
    columns=[
        "score",
        "metric",
        "method",
        "form",
        "setting",
        "diff",
        "diff_low",
        "diff_high",
        "settings",
        "better",
    ],
)


def test_sentences():
    assert findings.sentences(AGREEMENT, RIVALS).split(". ") == [
        "Of 18 values that the authors print, 17 agree with ours where rules are those of the released code, "
        "and 13 where they are those of the paper's text",
        "Of 12 values recomputed from their files, 5 agree with ours where rules are those of the released "
        "code, and 12 where they are those of the paper's text",
        "The noise model has a higher F1 than whichever of the five rules is best there in 11 of 12 settings; the "
        "mean difference is +0.123 [+0.050, +0.200]",
        "The noise model has a higher AUPRC than cleanlab's margin less thresholds in 11 of 12 settings; the mean "
        "difference is +0.123 [+0.050, +0.200]",
        "With T low throughout its F1 is higher in 10 of 12.",
    ]


def test_tables():
    lines = findings.agreement_table(AGREEMENT).splitlines()
    assert lines[2] == "| F1, values that the authors print | 6 | 6 | 0.0040 | 2 | 0.0300 |"
    assert len(lines) == 2 + 3
    lines = findings.rivals_table(RIVALS).splitlines()
    assert lines[0] == "| | than | all | noise 0.2 |" and len(lines) == 2 + len(findings.RIVALS)
    cells = "+0.123 [+0.050, +0.200], 11 of 12 | +0.123 [+0.050, +0.200], 3 of 4"
    assert lines[3] == f"| F1 | confident joint | {cells} |"


def test_the_page_says_what_its_tables_say():
    root = Path(__file__).parents[2]
    page, tables = root / docs.RELEASED / "README.md", root / docs.RELEASED / "tables"
    told = docs.released(page.read_text("utf-8"), *(results.read(f"released_{name}", tables) for name in NAMES))
    assert told == page.read_text("utf-8"), "python -m labelnoise.docs writes it"


def test_every_rival_of_the_study_has_a_name():
    study = {(metric, method) for metric, names in northcutt2021.RIVALS.items() for method, _ in names}
    assert study | {(northcutt2021.F1, northcutt2021.BEST)} == set(findings.RIVALS)
