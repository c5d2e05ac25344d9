"""Budget curves: errors found against labels rechecked, and the number left.

A rechecker names the true class; one with error rate e leaves a wrong label unrepaired with probability e, and
breaks a right one with probability e. What is found counts net: labels repaired less labels broken, as a share of
all wrong labels, so that careless rechecking of right labels costs. It falls below 0 where more is broken than
repaired.

Shape letters: n examples that could be rechecked.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from labelnoise.uncertainty import cells

SHARES = np.linspace(0, 1, 51)  # budgets at which curves are kept: every 2%
FOUND = (0.5, 0.8, 0.95)  # shares of the errors whose price is told
NOISE_MODEL, RANDOM, ORACLE = "noise_model", "random", "oracle"
OTHERS = ("noise_model_high",)  # the noise model with another T: all doubt is noise
SCORES = (NOISE_MODEL, "ridge_margin", "probe_self_confidence", "neighbours_margin")  # orders with a curve
TRIMMED, NEGLIGIBLE = 16, 1e-20  # trials between two cuts of a distribution's ends, and what they may weigh
_SLIPS, _TIES = 0, 1  # random streams


def order(score: np.ndarray, seed: int) -> np.ndarray:
    """Positions [n] with the highest score first; ties in an order drawn by `seed`, NaN last."""
    shuffled = np.random.default_rng([_TIES, seed]).permutation(len(score))
    return shuffled[np.argsort(-score[shuffled], kind="stable")]


def slips(n: int, error: float, seed: int) -> np.ndarray:
    """bool [n]: examples that the rechecker gets wrong. Whoever slips at one error rate slips at all higher
    ones."""
    return np.random.default_rng([_SLIPS, seed]).random(n) < error


def gains(wrong: np.ndarray, slipped: np.ndarray) -> np.ndarray:
    """int [n]: 1 where rechecking repairs the label, -1 where it breaks it. wrong, slipped: bool [n]."""
    return (wrong & ~slipped).astype(int) - (~wrong & slipped)


def curve(gain: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """Net repairs [n + 1] after 0, 1, ..., n examples in the order `ranked` [n]."""
    return np.append(0, np.cumsum(gain[ranked]))


def expected_curve(gain: np.ndarray) -> np.ndarray:
    """The same in random order, on average over all orders: a line."""
    return np.linspace(0, gain.sum(), len(gain) + 1)


def curves(scores: dict[str, np.ndarray], wrong: np.ndarray, error: float, seed: int) -> dict[str, np.ndarray]:
    """order -> net share of the wrong labels repaired [n + 1]. scores: order -> suspicion [n]."""
    gain = gains(wrong, slips(len(wrong), error, seed))
    ranked = {name: order(score, seed) for name, score in {**scores, ORACLE: wrong.astype(float)}.items()}
    found = {name: curve(gain, positions) for name, positions in ranked.items()}
    return {name: repaired / wrong.sum() for name, repaired in {**found, RANDOM: expected_curve(gain)}.items()}


def needed(found: np.ndarray, share: float) -> float:
    """Smallest share of the examples after which `found` [n + 1] reaches `share`; NaN where it never does."""
    reached = np.flatnonzero(found >= share - 1e-9)  # a share of errors is a rounded quotient
    return reached[0] / (len(found) - 1) if len(reached) else np.nan


def counts(n: int, shares: Sequence[float]) -> np.ndarray:
    """Examples that a budget of these shares pays for, rounded to whole ones."""
    return np.rint(np.asarray(shares) * n).astype(int)


def budget_rows(
    key: dict, scores: dict[str, np.ndarray], wrong: np.ndarray, errors: Sequence[float], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables `budget` and `budget_needed` of one run; both empty where no label is wrong.

    key: the run's key columns; scores: order -> suspicion [n]; wrong: bool [n]; errors: the rechecker's error
    rates.
    """
    budget, price = [], []
    for error in errors if wrong.any() else []:
        for name, found in curves(scores, wrong, error, seed).items():
            common = key | {"order": name, "rechecker_error": error}
            at = found[counts(len(wrong), SHARES)]
            budget.append(pd.DataFrame(common | {"rechecked_share": SHARES, "errors_found_share": at}))
            prices = [needed(found, share) for share in FOUND]
            price.append(pd.DataFrame(common | {"found_share": FOUND, "rechecked_share": prices}))
    return cells.joined("budget", budget), cells.joined("budget_needed", price)


def errors_left(
    ranked: np.ndarray, models: Sequence[np.ndarray], shares: Sequence[float], level: float
) -> np.ndarray:
    """Wrong labels among those not rechecked, [shares, 3]: estimate, low, high. When to stop.

    ranked: positions [n] in the order of rechecking. models: P(wrong) [n] of each model that may be right; the
    first one's sum over what is left is the estimate. Of every model, exact quantiles of the Poisson-binomial
    distribution cover the chance in how many labels are wrong when each is wrong with its own probability,
    independently; low is the lowest and high the highest, since nobody knows which model is right. Where all are
    blind, the truth lies above.
    """
    last = ranked[::-1]
    left = (len(last) - counts(len(last), shares)).tolist()
    bounds = np.array([_poisson_binomial(p_wrong[last], left, level) for p_wrong in models])
    sums = np.append(0, np.cumsum(models[0][last]))
    return np.stack([sums[left], bounds[..., 0].min(0), bounds[..., 1].max(0)], 1)


def _poisson_binomial(probs: np.ndarray, wanted: list[int], level: float) -> list[tuple[int, int]]:
    """Quantiles of the number of successes among the first k trials of success probabilities `probs` [n], for
    every k that is wanted. `mass` is the distribution from `first` successes on, without ends that weigh nothing:
    they would be nearly all of it."""
    found, asked, tail = {}, set(wanted), (1 - level) / 2
    mass, first = np.ones(1), 0
    for k in range(len(probs) + 1):
        if k in asked:
            below = np.cumsum(mass)
            found[k] = tuple(first + int(np.searchsorted(below, bound)) for bound in (tail, 1 - tail))
        if k < len(probs):
            mass = np.append(mass * (1 - probs[k]), 0) + np.append(0, mass * probs[k])
            if k % TRIMMED == 0:
                kept = np.flatnonzero(mass > NEGLIGIBLE)
                mass, first = mass[kept[0] : kept[-1] + 1], first + int(kept[0])
    return [found[k] for k in wanted]


def errors_left_rows(
    key: dict, ranked: np.ndarray, models: Sequence[np.ndarray], wrong: np.ndarray | None, level: float
) -> pd.DataFrame:
    """Table `errors_left` of one run. ranked, models: as in `errors_left`; wrong: bool [n], None where the truth
    is not known."""
    truth = np.full(len(SHARES), np.nan)
    if wrong is not None:
        truth = wrong.sum() - curve(wrong, ranked)[counts(len(wrong), SHARES)]
    estimate, low, high = errors_left(ranked, models, SHARES, level).T
    return pd.DataFrame(
        key | {"rechecked_share": SHARES, "estimate": estimate, "low": low, "high": high, "truth": truth}
    )
