"""Do the study's intervals hold the truth? Table `coverage`, from what its other tables have.

Three sources. In the study: ranges and bands of every run of injected noise, beside the noise that was drawn.
Resampled: audits drawn from each run, and seeds drawn from the differences of the study's own runs, for which the
mean of all of them is the truth. Simulated: labelnoise.coverage.simulated.

An interval falls short where even the Wilson interval of the share that holds lies below FALLS_SHORT; the others
of a quantity are honest, and the narrowest of them is what its width is held against: of audits, one with as many
wrong answers. Runs of one cell and draws of one run are taken as independent there, which they are not quite.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from labelnoise import results
from labelnoise.coverage import simulated
from labelnoise.statistics import proportions
from labelnoise.words import BASELINE, NOISE_MODEL

STUDY, RESAMPLED, SIMULATED = "in the study", "resampled", "simulated"
FALLS_SHORT = 0.9  # share of the intervals, which are made for more
LOOK = 100  # answers of the audits that are counted; where there is no such look, the nearest
PROMISED = 0.95  # share of wrong labels that readers are told of the tiers `sure` and `obvious`
TIERS = ("sure", "obvious")
ALL = "all"  # noise cells together
SEEDS, DRAWS = 10, 200  # of differences drawn anew, per method
NEEDED = ("noise_rate", "noise_matrix", "tiers", "errors_left", "audit_coverage", "accuracy")
RANGE = "range between two models"
PLACE = ["noise", "noise_rate"]
COLUMNS = [*PLACE, "held", "n", "width"]

Tables = dict[str, pd.DataFrame]


def made(tables: Tables, level: float) -> pd.DataFrame:
    """Table `coverage` from those of NEEDED, each of which may be without rows; level: of intervals."""
    parts = [*_in_study(tables), *_audits(tables["audit_coverage"]), *_differences(tables["accuracy"], level)]
    parts += [_made(SIMULATED, each) for each in simulated.all_kinds(level)]
    together = pd.concat(parts, ignore_index=True).reindex(columns=[*parts[-1], "error"])
    return _beside_rivals(_judged(together, level))


def falls_short(coverage: pd.DataFrame) -> pd.Series:
    """Which rows have intervals that hold the truth less often than in FALLS_SHORT of the cases."""
    return coverage["high"] < FALLS_SHORT


def _in_study(tables: Tables) -> Iterator[pd.DataFrame]:
    rates = tables["noise_rate"]
    rates = rates[rates["estimator"] == NOISE_MODEL]
    yield from _within("noise rate", RANGE, rates.assign(truth=rates["realised_rate"]))
    yield from _within("entry of T", RANGE, tables["noise_matrix"])
    left = tables["errors_left"]
    yield from _within("wrong labels left", "band of two models, with chance", left[left["rechecked_share"] < 1])
    for tier in TIERS:
        own = tables["tiers"][(tables["tiers"]["tier"] == tier) & (tables["tiers"]["count"] > 0)]
        promise = own.assign(low=PROMISED, high=1.0, truth=own["share_wrong"])
        yield from _within(f"share of wrong labels, tier {tier}", f"promise of {PROMISED:.0%}", promise)


def _within(quantity: str, kind: str, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """From columns low, high and truth; what is not known is left out."""
    known = rows[rows["truth"].notna() & rows["low"].notna()]
    if known.empty:
        return
    held = known["truth"].between(known["low"], known["high"]).astype(int)
    counted = known[PLACE].assign(held=held, n=1, width=known["high"] - known["low"])
    yield from _by_cell(counted, quantity, kind, STUDY)


def _audits(audits: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Of audits drawn again and again: limits of answers for those who never err, of the truth for those who
    do."""
    if audits.empty:
        return
    looks = audits["look"].unique()
    own = audits[audits["look"] == looks[np.abs(looks - LOOK).argmin()]]
    for error, part in own.groupby("rechecker_error"):
        about = f"audit of {part['look'].iloc[0]:.0f} answers" + (f", {error:.0%} of them wrong" if error else "")
        kinds = {about: ("truth_covered", "width"), f"{about}, widened": ("widened_covered", "widened_width")}
        kinds |= {f"{about}, textbook": ("textbook_covered", "textbook_width")} if not error else {}
        for kind, (covered, width) in kinds.items():
            held = (part[covered] * part["draws"]).round().astype(int)
            counted = part[PLACE].assign(held=held, n=part["draws"].astype(int), width=part[width])
            for made in _by_cell(counted, "noise rate", kind, RESAMPLED):
                yield made.assign(error=error)


def _by_cell(counted: pd.DataFrame, quantity: str, kind: str, source: str) -> Iterator[pd.DataFrame]:
    """COLUMNS by noise cell, and over all of them; the width is the median."""
    how = {"held": ("held", "sum"), "n": ("n", "sum"), "width": ("width", "median")}
    cells = counted.groupby(PLACE, as_index=False).agg(**how)
    whole = counted.assign(noise=ALL).groupby("noise", as_index=False).agg(**how).assign(noise_rate=np.nan)
    for part in (cells, whole):
        yield part[COLUMNS].assign(quantity=quantity, kind=kind, source=source)


def _differences(accuracy: pd.DataFrame, level: float) -> Iterator[pd.DataFrame]:
    """Differences to cross-entropy at the last epoch, SEEDS of which are drawn from those of all noise cells of a
    method, less the mean of their cell: methods that collapse now and then take part. The truth is their mean."""
    last = accuracy[accuracy["selection"] == "last"]
    wide = last.pivot(index=["network", *PLACE, "seed"], columns="method", values="test_accuracy")
    if BASELINE not in wide or wide.shape[1] < 2:
        return
    apart = wide.drop(columns=BASELINE).sub(wide[BASELINE], axis=0)
    places = ["network", *PLACE]
    count = apart.groupby(places).transform("count")
    off = (apart - apart.groupby(places).transform("mean")) * np.sqrt(count / (count - 1).where(count > 1))
    rng = np.random.default_rng(0)
    values = [column.dropna().to_numpy() for _, column in off.items()]
    drawn = [of[rng.integers(len(of), size=(DRAWS, SEEDS))] - of.mean() for of in values if len(of) > 1]
    if drawn:
        found = simulated.of_means("difference to cross-entropy", np.concatenate(drawn), 0.0, level)
        yield from (_made(RESAMPLED, each) for each in found)


def _made(source: str, of: simulated.Held) -> pd.DataFrame:
    return pd.DataFrame([of._asdict() | {"noise": ALL, "noise_rate": np.nan, "source": source}])


def _judged(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """With the share that holds and its Wilson interval."""
    bounds = [proportions.wilson(int(k), int(n), level) for k, n in zip(rows["held"], rows["n"], strict=True)]
    low, high = np.array(bounds).T
    return rows.drop(columns="held").assign(share=rows["held"] / rows["n"], low=low, high=high)


def _beside_rivals(rows: pd.DataFrame) -> pd.DataFrame:
    """With the narrowest honest one of the other kinds for the same quantity, cell and share of wrong answers; NaN
    where there is none."""
    rows = rows.reset_index(drop=True).assign(error=lambda table: table["error"].fillna(0.0))
    honest = rows[~falls_short(rows)]
    names = []
    for row in rows.itertuples():
        same = (honest["quantity"] == row.quantity) & (honest["noise"] == row.noise) & (honest["kind"] != row.kind)
        same &= (honest["noise_rate"] == row.noise_rate) | np.isnan(row.noise_rate)
        same &= honest["error"] == row.error
        names.append(honest["width"][same].idxmin() if same.any() else -1)
    kinds, widths = (rows[name].reindex(names).to_numpy() for name in ("kind", "width"))
    return rows.assign(rival=kinds, rival_width=widths)[results.columns("coverage")]
