"""Which labels confident learning calls wrong, and what it says of the noise. Northcutt, Jiang and Chuang,
Confident learning: Estimating uncertainty in dataset labels, JAIR 2021 (arXiv 1911.00068), sections 3.1 and 3.2.

    t_j = mean p_j over the examples labelled j
    C_gj = #{x labelled g: j has the largest p_j of all classes with p_j >= t_j}       (eq. 1)
    n Q_gj = C_gj / sum_j C_gj  times the number of labels g                           (eq. 3)

Two forms of each rule. PAPER is the text. CODE is what gives the selections that the authors released; it was put
together by comparing with these. Where several classes reach their thresholds it takes the largest p of all
classes; n Q is rounded to whole examples row by row; pruning keeps an example whose label is its largest p;
thresholds and differences are in half precision, as the probabilities are stored. Examples of equal p go by
position in PAPER; in CODE those that tie with the last one are all pruned by noise rate, and all kept by class.

Shape letters: n examples, C classes; p are out of sample.
"""

import numpy as np

from labelnoise.uncertainty.transition import pairs

PAPER, CODE = "paper", "code"  # of a rule: text and released code
FORMS = (PAPER, CODE)

# names as in papers/published.csv; in the paper: C_confusion, C_{y~,y*}, PBC, PBNR, C+NR
ARGMAX, JOINT, BY_CLASS, BY_NOISE_RATE, BOTH = RULES = (
    "predicted_neq_given", "confident_learning", "prune_by_class", "prune_by_noise_rate", "both",
)  # fmt: skip


def selections(probs: np.ndarray, labels: np.ndarray, form: str) -> dict[str, np.ndarray]:
    """Rule -> bool [n], the labels that it calls wrong, from `probs` [n, C] and given `labels` [n].

    A class without labels has no threshold, and none of it is pruned.
    """
    p = probs.astype(np.float16 if form == CODE else np.float64)
    likeliest = p.argmax(1)
    guess = confident(p, labels, form)
    number = _whole(scaled(counts(guess, labels, p.shape[1]), labels), form)
    pruned = [_by_class(p, labels, number, form), _by_noise_rate(p, labels, number, form)]
    if form == CODE:
        pruned = [of & (likeliest != labels) for of in pruned]
    return {
        ARGMAX: likeliest != labels,
        JOINT: (guess >= 0) & (guess != labels),
        BY_CLASS: pruned[0],
        BY_NOISE_RATE: pruned[1],
        BOTH: pruned[0] & pruned[1],
    }


def confident(probs: np.ndarray, labels: np.ndarray, form: str) -> np.ndarray:
    """int [n]: the class that an example of `probs` [n, C] counts as in the confident joint, -1 for none."""
    classes = probs.shape[1]
    seen = np.bincount(labels, minlength=classes) > 0
    means = [probs[labels == j, j].mean() if seen[j] else np.inf for j in range(classes)]
    slack = 0 if form == CODE else 1e-6  # the mean of equal values may round to above them
    reaches = probs >= np.array(means, probs.dtype) - slack
    guess = np.where(reaches, probs, -np.inf).argmax(1)
    if form == CODE:
        guess = np.where(reaches.sum(1) > 1, probs.argmax(1), guess)
    return np.where(reaches.any(1), guess, -1)


def counts(guess: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """C [C, C] from `guess` [n], -1 for none, and `labels` [n]; at least one of a class is right."""
    counted = guess >= 0
    found = pairs(labels[counted], guess[counted], classes)
    np.fill_diagonal(found, np.maximum(found.diagonal(), 1))
    return found


def scaled(counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """n Q [C, C], given by true: rows of `counts` [C, C] scaled to the number of `labels` [n] of the class."""
    return counts / counts.sum(1, keepdims=True) * np.bincount(labels, minlength=len(counts))[:, None]


def transition(joint: np.ndarray) -> np.ndarray:
    """T [C, C] = P(given | true) from a joint [C, C], given by true, of any scale. A class that nothing belongs to
    keeps its label: nothing speaks for a flip."""
    total = joint.sum(0)
    return np.where(total > 0, joint / np.where(total > 0, total, 1), np.eye(len(joint))).T


def _whole(number: np.ndarray, form: str) -> np.ndarray:
    """int [C, C]. PAPER: to the nearest. CODE: rows keep their sums, the largest remainders are rounded up."""
    if form == PAPER:
        return np.rint(number).astype(int)
    whole = np.floor(number).astype(int)
    missing = np.rint(number.sum(1)).astype(int) - whole.sum(1)
    place = np.argsort(np.argsort(whole - number, axis=1, kind="stable"), axis=1)
    return whole + (place < missing[:, None])


def _by_class(probs: np.ndarray, labels: np.ndarray, number: np.ndarray, form: str) -> np.ndarray:
    """bool [n]: of each class as many as belong elsewhere, those of the smallest p."""
    chosen = np.zeros(len(labels), bool)
    for g, row in enumerate(number):
        own = np.flatnonzero(labels == g)
        p, many = probs[own, g], int(row.sum() - row[g])
        if form == CODE:
            chosen[own] = p < np.sort(p)[many] if many < len(own) else True
        else:
            chosen[own[np.argsort(p, kind="stable")[:many]]] = True
    return chosen


def _by_noise_rate(probs: np.ndarray, labels: np.ndarray, number: np.ndarray, form: str) -> np.ndarray:
    """bool [n]: of each class g and every other one j as many as belong there, those of the largest p_j - p_g."""
    chosen = np.zeros(len(labels), bool)
    for g, j in zip(*np.nonzero(number)):
        if g != j:
            own, many = np.flatnonzero(labels == g), number[g, j]
            margin = probs[own, j] - probs[own, g]
            if form == CODE:
                chosen[own] |= margin >= np.sort(margin)[-many]
            else:
                chosen[own[np.argsort(-margin, kind="stable")[:many]]] = True
    return chosen
