"""What the presets zhang2017 and arpit2017 found, as tables in Markdown for the pages beside their results."""

import pandas as pd

from labelnoise.papers.beside import YES

PAPER = "Zhang et al. 2017"
NETWORKS = {"mlp_1x512": "MLP 1x512", "mlp_3x512": "MLP 3x512"}
LABELS = {"none": "true", "random": "random"}
CONDITIONS = ["true_labels", "corrupted_labels", "random_labels", "shuffled_pixels", "random_pixels", "gaussian"]
HALF = 0.5


def table_1(papers: pd.DataFrame) -> str:
    """Published values of Zhang et al. 2017 beside ours, a row per network, labels and weight decay, and how many
    agree.

    papers: the table of that name. What an author's later code gives, on images that are not cut, has rows of its
    own.
    """
    rows = papers[papers["paper"].str.startswith(PAPER) & papers["network"].isin(NETWORKS)]
    keys = ["paper", "network", "noise", "regularizer"]
    lines = [_published(key, part.set_index("metric")) for key, part in rows.groupby(keys)]
    head = ["labels", "network", "weight decay", "training: published", "ours", "test: published", "ours", "agree"]
    agree = (rows["agrees"] == YES).sum()
    told = f"Of {len(rows)} values {agree} agree: within {_points(rows)}."
    return f"{told}\n\n{_table(head, lines)}"


def _published(key: tuple, of: pd.DataFrame) -> list[str]:
    paper, network, noise, regularizer = key
    labels = LABELS[noise] if paper == PAPER else f"{LABELS[noise]} ({paper.removeprefix(f'{PAPER}, ')})"
    both = of[["published", "mean"]].reindex(["train_accuracy", "test_accuracy"])
    cells = ["" if pd.isna(value) else _percent(value) for value in both.to_numpy().ravel()]
    decay = "yes" if regularizer == "weight_decay" else "no"
    return [labels, NETWORKS[network], decay, *cells, f"{(of['agrees'] == YES).sum()} of {len(of)}"]


def _points(rows: pd.DataFrame) -> str:
    limits = rows.groupby("metric")["tolerance"].first()
    words = {"training": "train_accuracy", "test": "test_accuracy"}
    known = [(word, metric) for word, metric in words.items() if metric in limits]
    sizes = {metric: f"{100 * limits[metric]:g}" for _, metric in known}
    return ", ".join(
        f"{sizes[metric]} point{'' if sizes[metric] == '1' else 's'} in {word} accuracy" for word, metric in known
    )


def conditions(fit: pd.DataFrame) -> str:
    """When networks fit what, and how they do on test images: the table `fit`, means over seeds."""
    keys = ["condition", "corruption", "regularizer"]
    means = fit.groupby(keys, as_index=False)[["epochs_to_fit", "train_accuracy", "test_accuracy"]].mean()
    means["place"] = means["condition"].map(CONDITIONS.index)
    plain = means["regularizer"] == "none"
    means = pd.concat([part.sort_values(["place", *keys]) for part in (means[plain], means[~plain])])
    lines = [
        [_condition(row), row.regularizer, "never" if pd.isna(row.epochs_to_fit) else f"{row.epochs_to_fit:.0f}",
         _percent(row.train_accuracy), _percent(row.test_accuracy)]
        for row in means.itertuples()
    ]  # fmt: skip
    return _table(["condition", "regulariser", "epochs to fit 99%", "training accuracy", "test accuracy"], lines)


def _condition(row: object) -> str:
    name = row.condition.replace("_", " ")
    return f"{name}, {row.corruption:.0%} drawn anew" if row.condition == "corrupted_labels" else name


def order(curves: pd.DataFrame) -> str:
    """When half of the right and half of the wrong labels are fitted, among the epochs that are shown, and what
    becomes of test accuracy meanwhile: the table `curves`, cross-entropy, its first seed."""
    rows = curves[(curves["method"] == "cross_entropy") & (curves["seed"] == curves["seed"].min())]
    lines = []
    for (noise, rate), part in rows.groupby(["noise", "noise_rate"]):
        part = part.sort_values("epoch")
        best = part.loc[part["test_accuracy"].idxmax()]
        at = [_first(part, column) for column in ("fitted_clean", "fitted_wrong")]
        peak = f"{_percent(best['test_accuracy'])} (epoch {best['epoch']:.0f})"
        lines.append([f"{noise.replace('_', ' ')} {rate:g}", *at, peak, _percent(part["test_accuracy"].iloc[-1])])
    head = ["noise", "epoch: half of the right labels", "half of the wrong labels", "best test accuracy", "last"]
    return _table(head, lines)


def _first(part: pd.DataFrame, column: str) -> str:
    reached = part["epoch"][part[column] >= HALF]
    return f"{reached.iloc[0]:.0f}" if len(reached) else "never"


def critical(complexity: pd.DataFrame) -> str:
    """Critical sample ratio by epoch, at each radius: the table `complexity`, means over seeds."""
    keys = ["radius", "condition"]
    means = complexity.pivot_table("critical_sample_ratio", keys, "epoch").reset_index()
    means = means.sort_values(["radius", "condition"], key=lambda of: of.map(_place))
    epochs = [name for name in means if name not in keys]
    lines = [
        [f"{row['radius']:g}", row["condition"].replace("_", " "), *(f"{row[epoch]:.2f}" for epoch in epochs)]
        for _, row in means.iterrows()
    ]
    return _table(["radius", "condition", *(f"epoch {epoch}" for epoch in epochs)], lines)


def _place(value: object) -> object:
    return CONDITIONS.index(value) if isinstance(value, str) else value


def _percent(value: float) -> str:
    return f"{100 * value:.2f}"


def _table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *lines))
