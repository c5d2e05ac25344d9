"""Which method to take where the kind and rate of the noise are unknown: one number per method over all noises.

It is the difference in test accuracy to early-stopped cross-entropy with the same seed, labels and split. Per seed
it is a mean in which every kind of noise counts alike, however many rates of it are studied; then comes the t
interval over seeds. What is best of many flatters itself, so the regret is that of other seeds: the best method is
chosen on even seeds and valued on odd ones, and the other way round. Regret and mean difference sum to what is
gained by choosing. Which methods may be the best is Hsu's question (statistics.winners).

Methods compete at the same selection of the epoch, and early-stopped cross-entropy, whose difference is 0, with
both. Oracles do not compete, nor do methods that diverged in some seed.

Shape letters: m methods, K noise cells, S seeds.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from labelnoise.methods import METHODS
from labelnoise.params import Params
from labelnoise.runs.estimates import SOURCES
from labelnoise.runs.run import Run
from labelnoise.statistics import means, winners
from labelnoise.uncertainty.cells import joined
from labelnoise.words import BASELINE, HONEST

EARLY = "best_noisy_val"


def trainings(params: Params, run: Run) -> int:
    """Networks trained for one answer: rounds, peers, first runs and folds that its estimates wait for."""
    waits = SOURCES[run.source].requires(params, run) if run.source else []
    return len(waits) + sum(of.networks_per_run for of in _rounds(run))


def _rounds(run: Run) -> Iterator:
    method = METHODS[run.method](**dict(run.section))
    while method is not None:
        yield method
        method = method.next_round()


def table(accuracy: pd.DataFrame, cost: Mapping[str, int], level: float) -> pd.DataFrame:
    """Table `unknown`, from the table `accuracy`. cost: trainings of every method; level: of intervals, and of the
    methods that may be the best. Without rows where no label is noisy."""
    rows = accuracy[(accuracy["noise"] != "none") & accuracy["selection"].isin(HONEST)]
    parts = [_of(part, selection, level) for _, part in rows.groupby("network") for selection in HONEST]
    return joined("unknown", parts).assign(trainings=lambda table: table["method"].map(cost))


def _of(rows: pd.DataFrame, selection: str, level: float) -> pd.DataFrame:
    """All methods at `selection` on one network."""
    own, base = (rows[rows["selection"] == name] for name in (selection, EARLY))
    base = base[base["method"] == BASELINE]
    cells = sorted(set(zip(rows["noise"], rows["noise_rate"], strict=True)))
    seeds = sorted(rows["seed"].unique())
    oracle = own.groupby("method")["oracle"].first().astype(bool)
    stacked, early = _stacked(own, cells, seeds), _stacked(base, cells, seeds)
    found = means.difference(stacked, early)  # [m, K, S]
    values, stays = (np.einsum("k,mks->ms", _weights(cells), of) for of in (found, means.difference(early, early)))
    competes = ~oracle.to_numpy() & np.isfinite(values).all(1)
    rivals = values[competes] if selection == EARLY else np.concatenate([values[competes], stays])
    of, tied = means.interval(values, level), np.zeros(len(values), bool)
    tied[competes] = winners.best(rivals, level).tied[: competes.sum()]
    facts = {
        "network": rows["network"].iloc[0], "method": oracle.index, "selection": selection, "oracle": oracle,
        "n_seeds": np.isfinite(values).sum(1), "diff": of.mean, "diff_low": of.low, "diff_high": of.high,
        "regret": np.where(oracle, np.nan, _chosen(rivals, np.array(seeds)) - of.mean), "tied": tied,
    }  # fmt: skip
    return pd.DataFrame(facts | _worst(means.mean(found), cells)).reset_index(drop=True)


def _stacked(rows: pd.DataFrame, cells: list[tuple[str, float]], seeds: list[int]) -> np.ndarray:
    """Test accuracy [m, K, S], methods by name; NaN where there is no run, or none that was finite."""
    wide = rows.pivot(index="method", columns=["noise", "noise_rate", "seed"], values="test_accuracy")
    columns = pd.MultiIndex.from_tuples([(*cell, seed) for cell in cells for seed in seeds])
    return wide.reindex(columns=columns).to_numpy(np.float64).reshape(len(wide), len(cells), len(seeds))


def _weights(cells: list[tuple[str, float]]) -> np.ndarray:
    """[K], which sum to one: every kind of noise alike, and every rate of a kind alike."""
    kinds = [noise for noise, _ in cells]
    return np.array([1 / kinds.count(noise) / len(set(kinds)) for noise in kinds])


def _worst(by_cell: np.ndarray, cells: list[tuple[str, float]]) -> dict[str, list | np.ndarray]:
    """The cell of the lowest mean difference by_cell [m, K]; one in which every seed diverged is lower still."""
    at = np.where(np.isnan(by_cell), -np.inf, by_cell).argmin(1)
    noise, rate = zip(*(cells[k] for k in at), strict=True)
    return {"worst_noise": noise, "worst_rate": rate, "worst_diff": by_cell[np.arange(len(at)), at]}


def _chosen(rivals: np.ndarray, seeds: np.ndarray) -> float:
    """Mean over seeds of the best of `rivals` [m, S], which every half of the seeds chooses for the other; NaN
    without a rival, or a seed in each half."""
    even, won = seeds % 2 == 0, np.full(len(seeds), np.nan)
    if even.any() and not even.all() and len(rivals):
        for half in (even, ~even):
            won[~half] = rivals[rivals[:, half].mean(1).argmax(), ~half]
    return won.mean()
