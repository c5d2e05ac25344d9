"""Which values the columns of result tables may have, for checks and dictionaries: type and range."""

from typing import NamedTuple

from labelnoise.words.columns import NUMBERS, TEXT

BOOLEAN, INTEGER, NUMBER, STRING = "boolean", "integer", "number", "string"


class Kind(NamedTuple):
    """Type and range of a column. A value may be missing."""

    base: str
    low: float | None = None
    high: float | None = None

    @property
    def is_number(self) -> bool:
        return self.base in (INTEGER, NUMBER)

    def __str__(self) -> str:
        """As in: number from 0 to 1."""
        return self.base + "".join(
            f" {word} {at:g}" for word, at in (("from", self.low), ("to", self.high)) if at is not None
        )


SHARE, POSITIVE, SIGNED = Kind(NUMBER, 0, 1), Kind(NUMBER, 0), Kind(NUMBER)
COUNT, WORDS, FLAG = Kind(INTEGER, 0), Kind(STRING), Kind(BOOLEAN)
GROUPS = {
    SHARE: """accuracy alpha_high alpha_low answers_covered auprc aurc auroc classes_predicted confidence
        contradicted correct_share corruption coverage critical_sample_ratio cut diff_level ece
        empty_share fitted_clean fitted_wrong flagged_wrong found_share friedman_p level mean_accuracy
        mean_recall model_covered noise_rate
        p_wrong precision_1 precision_10 precision_5 precision_at_noise_rate rate_estimate rate_high rate_low
        realised_rate recall_1 recall_10 recall_5 rechecked_share rechecker_error recovered regression
        sensitivity_gini share share_wrong smallest_kept smallest_recall sparsity stated suggestion_confidence
        suggestion_right test_accuracy textbook_covered train_accuracy truth_covered val_accuracy widened_covered
        withheld_wrong worlds_right worst_rate""",
    POSITIVE: """binomial closed_form clock critical_difference estimate floor highest_agreement label_imbalance
        largest model_width nll norm prior_loss radius relative_l1 rival_width set_size std strength temperature
        textbook_width tolerance truth widened_width width""",
    SIGNED: """against_low ahead d diff diff_high diff_low difference effect high low mean needed published q05 q25
        q50 q75 q95 rate_error regret textbook_high textbook_low threshold train_loss value worst_diff z""",
    COUNT: """agree answered beats_early_stopping best_test better bin cells count disagree draws epoch
        epochs_to_fit examples fits flagged group here id index look loses_to_early_stopping missing n n_seeds
        pair_seeds rows seed settings stand_in steps_to_fit undecided unsure values withheld worlds_flagged wrong
        year""",
    FLAG: "censored differs oracle tied two_labels",
    Kind(INTEGER, 1): "rank trainings",
    Kind(INTEGER, -1): "diverged_epoch",
    Kind(NUMBER, 1): "best condition_number mean_rank worst",
    Kind(NUMBER, 0, 2): "brier",
    Kind(NUMBER, None, 1): "errors_found_share",  # careless answers can make more errors than they find
}
OF = {name: kind for kind, names in GROUPS.items() for name in names.split()}
# where a table has another range than the others, or a class under the name of a number
EXCEPTIONS = {
    ("audit", "labels"): COUNT,
    ("gallery", "truth"): WORDS,
    **{(table, name): SHARE for table in ("noise_rate", "noise_matrix") for name in ("estimate", "low", "high")},
    **{(table, name): SHARE for table in ("reliability", "detection_reliability", "coverage")
       for name in ("low", "high")},
    ("noise_matrix", "truth"): SHARE,
    ("tiers", "errors_found_share"): SHARE,
}  # fmt: skip


def kind(table: str, column: str) -> Kind:
    """Of a column of a table; KeyError where it has none."""
    found = EXCEPTIONS.get((table, column))
    if found is not None:
        return found
    return WORDS if column in TEXT else OF[column]


def described(column: str) -> str:
    """What a column holds."""
    return TEXT.get(column) or NUMBERS[column]
