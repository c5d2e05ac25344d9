"""How things are called: methods, suspicion scores, noises, columns and terms, each once.

Names only, so that figures and report need no torch. What is not named here is called by its identifier.
"""

from labelnoise.words.columns import NUMBERS, TEXT
from labelnoise.words.methods import FAMILIES, METHODS, TITLES, Method, about, grouped, ordered, told
from labelnoise.words.scores import SCORES, Score, is_probability
from labelnoise.words.terms import NETWORKS, NOISE_KINDS, TERMS, Term

__all__ = [
    "FAMILIES", "METHODS", "NETWORKS", "NOISE_KINDS", "SCORES", "TERMS", "TITLES", "Method", "Score", "Term",
    "about", "grouped", "is_probability", "ordered", "told",
]  # fmt: skip

NOISE_MODEL = "noise_model"  # the score that this project proposes
BASELINE = "cross_entropy"
ORACLES = "oracles, given the truth"
SELECTIONS = {
    "last": "last epoch",
    "best_noisy_val": "early stopping",
    "own_noisy_val": "early stopping, each run by itself",
    "best_test": "best test epoch (leaky)",
}
HONEST = ["last", "best_noisy_val"]  # selections that need no clean label
# noises that have one cell; all others are called by their identifier and rate
NOISES = {"none": "no noise", "given": "labels as given", "rechecked": "labels as given, rechecked"}
OTHERS = {"disagreement": "disagreement with labels"}  # estimators of the noise rate
COLUMNS = TEXT | NUMBERS  # of result tables
# sentences that several captions share
SPREAD = "Mean over seeds; the band runs from the lowest to the highest seed and is no confidence interval."
BARS = "bars: 95% t interval over seeds"
MARKED_SCORES = "by Benjamini and Hochberg over scores and noise cells"
MARKED = (
    "marked by Benjamini and Hochberg over all methods and noise cells, so that of the marks at most 5% are false."
)
GRAY = "Gray: cross-entropy at the last epoch and with early stopping. Dashed, hollow markers: oracles."


def name(text: str) -> str:
    """What an identifier is called: `pair_flip` is "pair flip", `aum` is "area under the margin"."""
    if text in SCORES:
        return SCORES[text].name
    if text in TITLES:
        return TITLES[text]
    return OTHERS.get(text, text.replace("_", " "))


def noise_name(noise: str) -> str:
    """What a noise model is called."""
    return NOISES.get(noise, name(noise))


def cell_name(noise: str, noise_rate: float) -> str:
    """What a noise cell is called: "symmetric 0.4"; the rate is left out where it says nothing."""
    return NOISES[noise] if noise in NOISES else f"{name(noise)} {noise_rate:g}"
