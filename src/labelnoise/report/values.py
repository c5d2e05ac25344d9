"""What two methods come to with other values of what no source fixes: rows of `methods:` that differ there."""

import pandas as pd

from labelnoise import words
from labelnoise.report import numbers
from labelnoise.report.layout import ROW, Table

NNAQC = ["nnaqc", "nnaqc_hard", "nnaqc_layer", "nnaqc_layer_hard"]
PENALTY = ["noise_layer_no_penalty", "noise_layer_weak_penalty", "noise_layer", "noise_layer_strong_penalty"]
CELL = ["network", "noise", "noise_rate"]
SEEDS = "Mean over the seeds that all rows have (lowest–highest seed)."


def tables(contrasts: pd.DataFrame) -> list[Table]:
    """Those whose rows were all run in some noise cell."""
    made = [_nnaqc(_side_by_side(contrasts, NNAQC, "test_accuracy")), _penalty(contrasts)]
    return [table for table in made if table is not None]


def _side_by_side(contrasts: pd.DataFrame, names: list[str], metric: str) -> pd.DataFrame:
    """A row per cell and seed, a column per method; without seeds that one of them lacks, or diverged on."""
    own = contrasts[(contrasts["metric"] == metric) & contrasts["method"].isin(names)]
    return own.pivot(index=[*CELL, "seed"], columns="method", values="value").reindex(columns=names).dropna()


def _nnaqc(accuracy: pd.DataFrame) -> Table | None:
    if accuracy.empty:
        return None
    said = []
    for cell, part in accuracy.groupby(level=CELL):
        means = part.mean()
        said.append(f"{numbers.between(means.min(), means.max())} in {_place(accuracy, cell)}")
    note = (
        "No source confirms NNAQC's alpha and beta. Over .5 and .9 of either, its mean test accuracy at the last "
        f"epoch goes from {'; from '.join(said)}. {SEEDS}"
    )
    columns = {f"{_place(accuracy, cell)} [%]": part for cell, part in accuracy.groupby(level=CELL)}
    rows = [
        {ROW: _row(name)} | {head: numbers.spread(part[name], numbers.percent) for head, part in columns.items()}
        for name in NNAQC
    ]
    return Table("nnaqc", "NNAQC over alpha and beta", note, pd.DataFrame(rows), {}, False)


def _penalty(contrasts: pd.DataFrame) -> Table | None:
    accuracy, nll = (_side_by_side(contrasts, PENALTY, metric) for metric in ("test_accuracy", "validation_nll"))
    both = accuracy.index.intersection(nll.index)
    if both.empty:
        return None
    accuracy, nll = accuracy.loc[both], nll.loc[both]
    chosen = {cell: part.mean().idxmin() for cell, part in nll.groupby(level=CELL)}
    parts = dict(iter(accuracy.groupby(level=CELL)))
    note = (
        "The paper takes the weight of the penalty on T from validation; the study has one for all noise. "
        f"{' '.join(_choice(accuracy, cell, name, parts[cell]) for cell, name in chosen.items())} That choice is "
        "shown and not used. NLL: of noisy validation labels, by the prediction times the learned T, at the last "
        f"epoch. {SEEDS}"
    )
    rows = [
        {ROW: _row(name)}
        | {f"{_place(accuracy, cell)}: {head}": text
           for cell, part in parts.items()
           for head, text in (("validation NLL [nats]", numbers.spread(nll.loc[part.index, name])),
                              ("test accuracy [%]", numbers.spread(part[name], numbers.percent)))}
        for name in PENALTY
    ]  # fmt: skip
    return Table("penalty", "The penalty of the noise layer", note, pd.DataFrame(rows), {}, False)


def _choice(accuracy: pd.DataFrame, cell: tuple, name: str, part: pd.DataFrame) -> str:
    where, own = _place(accuracy, cell), f"{numbers.percent(part['noise_layer'].mean())}%"
    if name == "noise_layer":
        return f"In {where} noisy validation labels would choose the same one, with {own} test accuracy."
    other = f"{numbers.percent(part[name].mean())}%"
    return (
        f"In {where} noisy validation labels would choose {words.name(name)}, with {other} test accuracy in place "
        f"of {own}."
    )


def _place(table: pd.DataFrame, cell: tuple) -> str:
    several = table.index.get_level_values("network").nunique() > 1
    return f"{words.name(cell[0])}: " * several + words.cell_name(*cell[1:])


def _row(name: str) -> str:
    """A variant with what differs."""
    known = words.METHODS[name]
    return words.name(name) if known.family else f"{words.name(name)}: {known.line}"
