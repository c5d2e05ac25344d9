"""A data set of 60 images in three folds with labels from people and injected noise, and what detect would
find."""

from types import SimpleNamespace

import numpy as np

from labelnoise.columns import Columns
from labelnoise.noise import grid
from labelnoise.recheck import cell
from labelnoise.recheck.detected import Detected
from labelnoise.types import Dataset

N, CLASSES, SEEDS = 60, 3, 2
RNG = np.random.default_rng(5)
CLEAN = np.arange(N) % CLASSES
WORSE = np.where(RNG.random(N) < 0.3, (CLEAN + 1) % CLASSES, CLEAN)
FOLD = np.arange(N) // CLASSES % 3
NAMES = ["a", 'b "x", y', "ça\nva"]
IMAGES = RNG.integers(0, 17, (N, 1, 4, 4)).astype(np.uint8)
LIMITS = {"obvious": 0.025, "possible": 0.1}
PEOPLE, INJECTED = cell.Source("given", 0.0, None), cell.Source("symmetric", 0.4, 0)


def dataset(files=False, truth=True) -> Dataset:
    names = [f'sub dir/{at}, "é"\n.png' for at in range(N)] if files else []
    clean = CLEAN if truth else np.full(N, -1)
    return Dataset(IMAGES, clean, FOLD, NAMES, {}, {"given": WORSE}, names)


def columns(data: Dataset, answers=None, of=PEOPLE) -> Columns:
    cells = {("given", 0.0): SEEDS} | ({("symmetric", 0.4): SEEDS} if (data.clean_labels >= 0).all() else {})
    drawn, rows = grid.draw_all("tiny", data, cells, 3, None)
    return drawn if answers is None else cell.with_answers(drawn, rows, data, answers, of)[0]


def detected(drawn: Columns, seed=0) -> Detected:
    """A posterior that knows the truth seven times in ten; examples of a seed's test part are judged where people
    labelled them."""
    rng = np.random.default_rng(seed)
    count = len(drawn.noise)
    people = np.isin(drawn.noise, ["given", "human_worse", "rechecked"])[:, None]
    labels = np.where(people & (drawn.labels < 0), WORSE, drawn.labels)
    logits = 3 * np.eye(CLASSES)[CLEAN] + rng.normal(size=(count, N, CLASSES))
    posterior = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    posterior[labels < 0] = np.nan
    p_wrong = 1 - np.take_along_axis(posterior, np.maximum(labels, 0)[..., None], 2)[..., 0]
    p_wrong = np.where(p_wrong > 0.9, 1 - (1 - p_wrong) / 10, p_wrong)
    tier = np.select([p_wrong > 0.997, p_wrong > 0.98, p_wrong > 0.1], [3, 2, 1], 0).astype(np.int8)
    noisy = rng.random((2, count, N))
    scores = {"early_disagreement": np.round(p_wrong + noisy[0], 1), "oob_margin_window": p_wrong + noisy[1]}
    network = np.repeat("mlp", count)
    keys = (network, drawn.noise, drawn.noise_rate, drawn.seed, np.arange(count))
    return Detected(*keys, p_wrong, posterior, tier, scores)


def section(**changes):
    """The sections `recheck`, with `detect` and `evaluate` beside it."""
    own = {"errors": [0.0, 0.1], "audit": 10, "gallery": 2, "export": 4}
    return SimpleNamespace(**own | changes)
