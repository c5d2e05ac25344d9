"""Pruning by confident learning: a case of three classes by hand, a plain rewrite, the loss of what is kept."""

import numpy as np
import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.types import Batch

METHOD = METHODS["prune"]()


def kept(probs, labels):
    estimates = tiny.estimates(len(labels))._replace(pred_probs=probs)
    return METHOD.init_state(estimates, labels, probs.shape[-1])["kept"]


# Thresholds: t_0 = mean(.8, .9, .1, .7) = .625, t_1 = mean(.9, .7, .2) = .6, t_2 = mean(.6, .4, .8) = .6.
PROBS = torch.tensor(
    [
        [0.8, 0.1, 0.1],  # labelled 0, counts as 0
        [0.9, 0.1, 0.0],  # labelled 0, counts as 0
        [0.1, 0.8, 0.1],  # labelled 0, counts as 1
        [0.7, 0.2, 0.1],  # labelled 0, counts as 0
        [0.1, 0.9, 0.0],  # labelled 1, counts as 1
        [0.3, 0.7, 0.0],  # labelled 1, counts as 1
        [0.7, 0.2, 0.1],  # labelled 1, counts as 0
        [0.2, 0.2, 0.6],  # labelled 2, counts as 2
        [0.3, 0.3, 0.4],  # labelled 2, reaches no threshold
        [0.1, 0.1, 0.8],  # labelled 2, counts as 2
    ],
    dtype=torch.float64,
)
LABELS = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])


def test_three_classes_by_hand():
    """C = [[3, 1, 0], [1, 2, 0], [0, 0, 2]], rows already 4 and 3; row 2 is scaled to 3 on the diagonal."""
    assert kept(PROBS[None], LABELS[None])[0].tolist() == [1, 1, 0, 1, 1, 1, 0, 1, 1, 1]


def test_examples_that_reach_no_threshold_scale_the_others():
    """One of two confident labels 0 is a 1 and two more are not confident: 4 / 2 = 2 of the four are pruned.

    t_0 = .475, t_1 = .7. The margins p_1 - p_0 are -.8, .7, .1, .2: the second and the fourth go.
    """
    rows = [[0.9, 0.1], [0.15, 0.85], [0.45, 0.55], [0.4, 0.6], [0.3, 0.7]]
    probs = torch.tensor(rows, dtype=torch.float64)
    assert kept(probs[None], torch.tensor([[0, 0, 0, 0, 1]]))[0].tolist() == [1, 0, 1, 0, 1]


def plain_rewrite(p, labels):
    """Northcutt et al. 2021, eq. 1-3 and PBNR, cell by cell."""
    n, classes = p.shape
    t = [p[labels == j, j].mean() for j in range(classes)]
    c = np.zeros((classes, classes))
    for row, label in zip(p, labels):
        above = [j for j in range(classes) if row[j] >= t[j]]
        if above:
            c[label, max(above, key=lambda j: row[j])] += 1
    pruned = np.zeros(n, bool)
    for g in range(classes):
        members = np.flatnonzero(labels == g)
        for j in set(range(classes)) - {g}:
            number = int(np.round(c[g, j] / c[g].sum() * len(members)))
            margin = p[members, j] - p[members, g]
            pruned[members[np.argsort(-margin, kind="stable")[:number]]] = True
    return ~pruned


def test_against_a_plain_rewrite_run_by_run():
    rng = torch.Generator().manual_seed(0)
    labels = torch.randint(4, (3, 60), generator=rng)
    signal = torch.nn.functional.one_hot(labels, 4) + torch.randn(3, 60, 4, generator=rng, dtype=torch.float64)
    probs = torch.softmax(1.5 * signal, -1)
    found = kept(probs, labels)
    for run in range(3):
        expected = plain_rewrite(probs[run].numpy(), labels[run].numpy())
        assert 0 < expected.sum() < 60
        assert found[run].bool().tolist() == expected.tolist()


def test_certain_and_right_probabilities_prune_nothing():
    labels = torch.tensor([[0, 1, 2, 1, 1]])
    assert kept(torch.nn.functional.one_hot(labels, 3).double(), labels).all()


def test_a_class_without_examples_is_nobodys():
    """No label is 2, whatever the probabilities say."""
    probs = torch.tensor([[0.1, 0.0, 0.9], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], dtype=torch.float64)
    assert kept(probs[None], torch.tensor([[0, 0, 1]]))[0].tolist() == [1, 1, 1]


def loss(state, logits, labels, example):
    batch = Batch(logits, labels, None, example, 0, [])
    return METHOD.loss(logits, batch, state)


def test_loss_is_the_mean_over_the_kept_and_zero_where_none_is():
    logits = torch.randn(2, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels, example = torch.tensor([[0, 1, 2]] * 2), torch.tensor([[4, 2, 0], [1, 3, 1]])
    state = {"kept": torch.tensor([[1.0, 0, 0, 0, 1], [1, 0, 0, 0, 1]], dtype=torch.float64)}
    plain = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    value = loss(state, logits, labels, example)
    torch.testing.assert_close(value[0].mean(), plain[0, [0, 2]].mean())
    assert value[0, 1] == 0 and (value[1] == 0).all()


def test_nothing_pruned_is_cross_entropy():
    logits = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.tensor([[0, 1, 2, 0]])
    state = {"kept": torch.ones(1, 4, dtype=torch.float64)}
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    torch.testing.assert_close(loss(state, logits, labels, torch.arange(4)[None]), expected)


def test_missing_probabilities_leave_the_other_runs_alone():
    """The engine ends theirs."""
    probs = torch.stack([torch.full_like(PROBS, torch.nan), PROBS])
    assert torch.equal(kept(probs, LABELS.expand(2, -1))[1], kept(PROBS[None], LABELS[None])[0])


def test_pruned_examples_do_not_matter():
    """Changing the labels' images of pruned examples changes nothing; of kept ones it does."""
    data, estimates = tiny.data(), tiny.estimates()
    mask = METHOD.init_state(estimates, data.labels, tiny.CLASSES)["kept"][0].bool()
    assert mask.any() and not mask.all()

    def probs(at):
        index = data.index.clone()
        index[0, at.nonzero()[0]] = data.val_index[0, 0]
        return tiny.fit(METHOD, "mlp", data._replace(index=index), estimates, epochs=2).probs[0]

    untouched = tiny.fit(METHOD, "mlp", data, estimates, epochs=2).probs[0]
    assert torch.equal(probs(~mask), untouched) and not torch.equal(probs(mask), untouched)


@pytest.mark.parametrize("classes", [2, 6])
def test_the_diagonal_prunes_nothing(classes):
    labels = torch.arange(12)[None] % classes
    probs = torch.full((1, 12, classes), 1 / classes, dtype=torch.float64)
    probs = 0.9 * torch.nn.functional.one_hot(labels, classes) + 0.1 * probs
    assert kept(probs, labels).all()
