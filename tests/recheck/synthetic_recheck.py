"""A data set of 60 images in three folds with labels from people and injected noise, and what detect would
find."""

from types import SimpleNamespace

import numpy as np
from scipy.special import expit, logit

from labelnoise import files
from labelnoise.detect.types import Gate
from labelnoise.noise import grid
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.recheck import cell
from labelnoise.recheck.cell import apply
from labelnoise.recheck.detected import Detected
from labelnoise.types import Dataset

N, CLASSES, SEEDS = 60, 3, 2
RNG = np.random.default_rng(5)
CLEAN = np.arange(N) % CLASSES
WORSE = np.where(RNG.random(N) < 0.3, (CLEAN + 1) % CLASSES, CLEAN)
FOLD = np.arange(N) // CLASSES % 3
NAMES = ["a", 'b "x", y', "ça\nva"]
IMAGES = RNG.integers(0, 17, (N, 1, 4, 4)).astype(np.uint8)
LIMITS = SimpleNamespace(signal=5.0, order=0.05, rate=0.025, purity=0.955, least=0.9)  # detect.gate
DETECT = SimpleNamespace(gate=LIMITS, obvious=0.025, possible=0.1)  # detect
PEOPLE, INJECTED = cell.Source("given", 0.0, None), cell.Source("symmetric", 0.4, 0)
ALL = Gate("all", "A", 31.4, 0.004, 0.231, 0.287, 0.81, -0.2, 123.0, 0.967, np.nan, 0.26)
CAUTIOUS = ALL._replace(verdict="cautious", rule="none", d=0.031, worlds_right=0.881)
ORDER = Gate("order", "none", 9.8, 0.077, 0.231, 0.387, 0.61, -0.1, np.nan, np.nan, np.nan, 0.4)
NOTHING = Gate("nothing", "none", 1.3, np.nan, 0.6, 0.8, 0.2, 0.1, np.nan, np.nan, np.nan, 0.7)
UNCHECKED = ALL._replace(verdict="", rule="", d=np.nan, worlds_flagged=np.nan, worlds_right=np.nan)
GATES = {"all": ALL, "cautious": CAUTIOUS, "order": ORDER, "nothing": NOTHING, "": UNCHECKED}


def dataset(files=False, truth=True) -> Dataset:
    names = [f'sub dir/{at}, "é"\n.png' for at in range(N)] if files else []
    clean = CLEAN if truth else np.full(N, -1)
    return Dataset(IMAGES, clean, FOLD, NAMES, {}, {"given": WORSE}, names)


def columns(data: Dataset, answers=None, of=PEOPLE) -> NoisyLabels:
    seeds, known = range(SEEDS), (data.clean_labels >= 0).all()
    cells = {("given", 0.0): seeds} | ({("symmetric", 0.4): seeds} if known else {})
    drawn, rows = grid.draw_all("tiny", data, cells, 3, None)
    return drawn if answers is None else cell.with_answers(drawn, rows, data, answers, of)[0]


def detected(drawn: NoisyLabels, seed=0, gate=ALL) -> Detected:
    """A posterior that knows the truth seven times in ten. Labels from people are judged by one run, on all
    examples; injected ones by a run per seed."""
    rng = np.random.default_rng(seed)
    people = np.isin(drawn.noise, ["given", "human_worse"])
    answered = drawn.noise == "rechecked"
    from_people = people | (answered & people.any())
    columns_ = np.flatnonzero(~from_people | (drawn.seed == 0))
    count = len(columns_)
    labels = drawn.labels[columns_].astype(np.int64)
    own = from_people[columns_][:, None] & (labels < 0)
    labels = np.where(own, np.stack([apply(WORSE, answers) for answers in drawn.answers[columns_]]), labels)
    logits = 3 * np.eye(CLASSES)[CLEAN] + rng.normal(size=(count, N, CLASSES))
    posterior = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    posterior[labels < 0] = np.nan
    p_low = 1 - np.take_along_axis(posterior, np.maximum(labels, 0)[..., None], 2)[..., 0]
    p_low = np.where(p_low > 0.9, 1 - (1 - p_low) / 10, p_low)
    with np.errstate(invalid="ignore"):
        p_wrong = expit(logit(p_low) + 0.4)
        tier = np.select([p_low > 0.98, p_low > 0.1], [2, 1], 0).astype(np.int8)
        sure = p_low > 0.995
    noisy = rng.random((2, count, N))
    scores = {"ridge_margin": np.round(p_low + noisy[0], 1), "probe_self_confidence": p_low + noisy[1]}
    matrix = np.repeat((0.8 * np.eye(CLASSES) + [0, 0.15, 0.05])[None], count, 0)
    return Detected(
        network=np.repeat("pixels + patches", count),
        noise=drawn.noise[columns_],
        noise_rate=drawn.noise_rate[columns_],
        seed=drawn.seed[columns_],
        column=columns_,
        p_wrong=p_wrong,
        p_low=p_low,
        posterior=posterior,
        transition_low=matrix,
        tier=tier,
        sure=sure,
        two_labels=np.zeros((count, N), bool),
        gate=[gate] * count,
        scores=scores,
    )


def save(found: Detected, path) -> None:
    """As the detect stage does."""
    arrays = found._asdict()
    gates, scores = arrays.pop("gate"), arrays.pop("scores")
    arrays |= {f"gate_{name}": np.array([getattr(gate, name) for gate in gates]) for name in Gate._fields}
    files.save_arrays(path, arrays | {f"score_{name}": values for name, values in scores.items()})


def section(**changes):
    """The section `recheck`."""
    own = {"errors": [0.0, 0.1], "gallery": 2, "export": 4, "pictures": 3, "audit": audit(), "cost": COST}
    return SimpleNamespace(**own | changes)


COST = SimpleNamespace(seconds=6.0, price=None, currency="", worth=20.0)  # recheck.cost


def audit(**changes):
    """The section `recheck.audit`: of so few labels, fewer are asked."""
    own = {"looks": [20, 40], "purpose": "calibrate", "mixed": 0.5, "seed": 0, "round": 1, "draws": 50, "fits": 3}
    return SimpleNamespace(**own | changes)
