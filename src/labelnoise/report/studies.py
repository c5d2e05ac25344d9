"""The report's tables of memorisation, gradients and imbalance."""

import pandas as pd

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.layout import GROUP, ROW, Table

NOTE = "Mean over seeds (lowest–highest seed)."


def fit(table: pd.DataFrame) -> Table:
    """How long a network needs to fit its training labels, and what it ends with."""
    keys = ["network", "condition", "corruption", "regularizer"]
    ordered = sorted(table.groupby(keys), key=_place)
    rows = [
        {GROUP: words.name(network), ROW: f"{words.name(condition)}{_share(corruption)}",
         "regulariser": words.name(regularizer), "epochs to fit": _epochs(part),
         "train accuracy [%]": numbers.spread(part["train_accuracy"], numbers.percent),
         "test accuracy [%]": numbers.spread(part["test_accuracy"], numbers.percent)}
        for (network, condition, corruption, regularizer), part in ordered
    ]  # fmt: skip
    note = (
        f"{NOTE} Epochs to fit: first epoch with practically all training labels fitted; not fitted: runs that "
        "never got there, and are left out of the mean. Train accuracy is on the labels trained with, at the end."
    )
    return Table("fit", "Fitting true, wrong and random labels", note, pd.DataFrame(rows), {}, False)


def _place(group: tuple) -> tuple:
    """Labels from true to random before inputs without a pattern; without a regulariser first."""
    (network, condition, corruption, regularizer), _ = group
    return network, "labels" not in condition, corruption, condition, regularizer != "none", regularizer


def _share(corruption: float) -> str:
    return f" {corruption:g}" if 0 < corruption < 1 else ""


def _epochs(part: pd.DataFrame) -> str:
    censored = part["censored"].astype(bool)
    lost = f"not fitted: {censored.sum()} of {len(part)}"
    if censored.all():
        return lost
    text = numbers.spread(part.loc[~censored, "epochs_to_fit"], lambda value: f"{value:.0f}")
    return f"{text}\n{lost}" if censored.any() else text


def complexity(table: pd.DataFrame) -> Table:
    """Critical samples and inequality of sensitivity, at the last epoch that was measured."""
    last = table[table["epoch"] == table.groupby(["network", "condition"])["epoch"].transform("max")]
    rows = [
        {GROUP: words.name(network), ROW: words.name(condition), "epoch": f"{part['epoch'].iloc[0]:g}",
         "radius": f"{radius:.3g}",
         "critical sample ratio [%]": numbers.spread(part["critical_sample_ratio"], numbers.percent),
         "Gini coefficient of sensitivity": numbers.spread(part["sensitivity_gini"])}
        for (network, condition, radius), part in last.groupby(["network", "condition", "radius"])
    ]  # fmt: skip
    note = (
        f"{NOTE} Critical: another prediction within the radius (largest change of a pixel) of the image. Gini "
        "coefficient of the loss gradients over examples: 0 where all examples matter alike."
    )
    return Table("complexity", "Complexity of what was learned", note, pd.DataFrame(rows), {}, False)


def first_epoch(table: pd.DataFrame) -> Table:
    """Examples that all or none of many first epochs get right, against coin tosses with the same mean."""
    rows = [
        {GROUP: words.name(network), ROW: words.name(condition), "examples": f"{part['examples'].sum():.0f}",
         **{f"always {word} {heading}": _portion(part, column, place)
            for word, place in (("wrong", 0), ("right", -1))
            for heading, column in (("observed [%]", "examples"), ("by chance [%]", "binomial"))}}
        for (network, condition), part in table.groupby(["network", "condition"])
    ]  # fmt: skip
    note = (
        "After one epoch, from many initialisations: share of examples that none or all of the networks get "
        "right, and the same if examples differed by chance alone (binomial). Patterns are shared by networks."
    )
    spanners = {f"always {word}": [f"always {word} observed [%]", f"always {word} by chance [%]"]
                for word in ("wrong", "right")}  # fmt: skip
    return Table("first-epoch", "What the first epoch learns", note, pd.DataFrame(rows), spanners, False)


def _portion(part: pd.DataFrame, column: str, place: int) -> str:
    ordered = part.sort_values("correct_share")[column]
    return numbers.percent(ordered.iloc[place] / ordered.sum())


def gradients(table: pd.DataFrame) -> Table:
    """Norm of the loss gradient by layer, relation of label and prediction, and confidence."""
    shown = sorted(table["confidence"].unique())
    picked = [shown[round(place * (len(shown) - 1) / 4)] for place in range(5)] if len(shown) > 5 else shown
    rows = [
        {GROUP: words.name(relation), ROW: words.name(layer)}
        | {f"confidence {value:.3g}": _norm(part[part["confidence"] == value]) for value in picked}
        for (relation, layer), part in table.groupby(["relation", "layer"], sort=False)
    ]
    note = "Norm of the gradient of the loss with respect to the logits, by the confidence of the prediction."
    return Table("gradients", "Gradient of noise layers", note, pd.DataFrame(rows), {}, False)


def _norm(part: pd.DataFrame) -> str:
    return "–" if part.empty else f"{part['norm'].mean():.3g}"


def imbalance(table: pd.DataFrame) -> Table:
    """Joint optimisation and others where classes are many or rare."""
    headings = {
        "classes_predicted": "classes predicted [%]", "test_accuracy": "test accuracy [%]",
        "mean_recall": "mean recall [%]", "smallest_recall": "smallest recall [%]",
    }  # fmt: skip
    rows = [
        {GROUP: words.name(setting), ROW: words.name(method)}
        | {heading: numbers.spread(part[column], numbers.percent) for column, heading in headings.items()}
        | {"L_p of a batch [nats]": numbers.spread(part["prior_loss"])}
        for (setting, method), part in table.groupby(["setting", "method"], sort=False)
    ]
    note = (
        f"{NOTE} Classes predicted: share of the classes of the test part that the network still answers with. "
        "Recall: per class. L_p of a batch: what the batch estimate charges a network whose predictions have "
        "exactly the right shares."
    )
    return Table("imbalance", "Many classes and long tails", note, pd.DataFrame(rows), {}, False)
