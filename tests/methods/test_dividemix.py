"""DivideMix: its mixture against scikit-learn, who keeps and who guesses a label, the mixing, its three losses."""

import math
import warnings

import numpy as np
import pytest
import scipy.special
import scipy.stats
import tiny
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch.nn import functional

from labelnoise.draws import Draws
from labelnoise.methods import METHODS, dividemix
from labelnoise.types import Batch

VALUES = {"lambda_u": 25.0, "threshold": 0.5, "T": 0.5, "alpha": 4, "warmup": 1.0, "ramp": 2.0}
METHOD = METHODS["dividemix"](**VALUES)
LABELS = torch.tensor([[0, 1, 2, 1, 0, 2, 2, 0]] * 2)  # of one run's two networks
EXAMPLE = torch.arange(8).expand(2, 8)


def start(method=METHOD, labels=LABELS, clock=1.0):
    known = tiny.estimates(1)
    known = known._replace(clock=torch.full_like(known.clock, clock))
    return method.init_state(type(known)(*(part.repeat_interleave(len(labels), 0) for part in known)), labels, 3)


def random_probs(rows=2, examples=8, seed=0):
    drawn = torch.randn(rows, examples, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.softmax(3 * drawn, -1)


def normalised(seed, examples=400):
    """Losses as they are: most near zero, the others spread; [3, n] within [0, 1], ends taken."""
    rng = np.random.default_rng(seed)
    small, large = rng.exponential(0.1, (3, examples)), rng.normal(2.5, 0.8, (3, examples)).clip(0)
    x = np.where(rng.random((3, examples)) < [[0.7], [0.4], [0.9]], small, large)
    low, high = x.min(1, keepdims=True), x.max(1, keepdims=True)
    return torch.from_numpy((x - low) / (high - low))


@pytest.mark.parametrize("seed", range(3))
def test_mixture_is_that_of_scikit_learn(seed):
    """As the authors fit it, but in as many iterations whatever the gain, and from clusters begun at the ends."""
    x = normalised(seed)
    for row, found in zip(x.numpy()[..., None], dividemix._small(x)):
        cluster = KMeans(2, init=np.array([[0.0], [1.0]]), n_init=1, tol=0).fit_predict(row)
        parts = [row[cluster == k] for k in (0, 1)]
        first = {
            "weights_init": [len(part) / len(row) for part in parts],
            "means_init": [part.mean(0) for part in parts],
            "precisions_init": [[[1 / (part.var() + 5e-4)]] for part in parts],
        }
        made = GaussianMixture(2, max_iter=10, tol=0, reg_covar=5e-4, **first)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            made.fit(row)
        expected = made.predict_proba(row)[:, made.means_.argmin()]
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_mixture_by_hand():
    """Clusters {0, .1} and {.9, 1} have means .05 and .95 and variances .0025 + .0005, and the steps keep them.
    The log odds of the first are ((x - .95)^2 - (x - .05)^2) / .006."""
    x = torch.tensor([[0, 0.1, 0.9, 1]], dtype=torch.float64)
    logits = ((x - 0.95) ** 2 - (x - 0.05) ** 2) / 0.006
    torch.testing.assert_close(dividemix._small(x), torch.sigmoid(logits))


def test_rows_of_the_mixture_are_the_same_bytes_alone():
    x = normalised(7, 401).float()
    together = dividemix._small(x)
    for row in range(3):
        assert torch.equal(dividemix._small(x[row : row + 1])[0], together[row])
        assert torch.equal(dividemix._small(x[[2, row]])[1], together[row])


def test_a_label_counts_as_right_by_its_normalised_loss():
    probs, e = random_probs(), functional.one_hot(LABELS, 3).double()
    nll = -np.log((probs * e).sum(-1).numpy())
    low, high = nll.min(1, keepdims=True), nll.max(1, keepdims=True)
    expected = dividemix._small(torch.from_numpy((nll - low) / (high - low)))
    torch.testing.assert_close(dividemix._right(probs, e), expected)
    impossible = e.clone()
    impossible[:, 0] = 1 - impossible[:, 0]
    assert dividemix._right(impossible, e)[:, 0].tolist() == [0, 0]  # log 0 is no number to scale by


def test_peers_divide_for_each_other(monkeypatch):
    """w of the peer; labelled: w e + (1 - w) p of its own; unlabelled: the mean of both; squared, and scaled."""
    own = np.array([[0.9, 0.2] * 4, [0.4, 0.8] * 4])
    monkeypatch.setattr(dividemix, "_right", lambda probs, e: torch.from_numpy(own))
    probs = random_probs()
    state = METHOD.end_of_epoch(0, probs, start())
    p, e, w = probs.numpy(), np.eye(3)[LABELS.numpy()], own[::-1]
    assert state["labelled"].tolist() == (w > 0.5).astype(float).tolist()
    refined, guessed = w[..., None] * e + (1 - w[..., None]) * p, (p + p[::-1]) / 2
    y = np.where(w[..., None] > 0.5, refined, guessed) ** 2
    np.testing.assert_allclose(state["y"], y / y.sum(-1, keepdims=True))


def test_the_division_starts_at_the_clock():
    state = start(clock=2.0)
    assert torch.equal(METHOD.end_of_epoch(0, random_probs(), state)["y"], state["e"])
    state = METHOD.end_of_epoch(1, random_probs(), state)
    assert not torch.equal(state["y"], state["e"]) and 0 < state["labelled"].mean() < 1


def mixed(state, epoch, seed=0):
    """Inputs are one-hot in the position: they show who was mixed with whom."""
    inputs = torch.eye(8, dtype=torch.float64).expand(2, 8, 8)
    return METHOD.transform(
        Batch(inputs, LABELS, None, EXAMPLE, epoch, Draws(torch.tensor([seed, seed + 1]))), state
    )


def test_inputs_and_labels_are_mixed_alike_and_each_keeps_the_larger_share():
    state = start() | {"y": random_probs(seed=1)}
    batch = mixed(state, 1)
    torch.testing.assert_close(batch.targets, batch.inputs @ state["y"])
    share = batch.inputs.diagonal(dim1=1, dim2=2)
    assert (share >= 0.5).all()
    for row in share:
        assert row[row < 1].unique().numel() == 1  # the others were mixed with themselves
    assert not torch.equal(batch.inputs[0], batch.inputs[1])  # peers draw for themselves
    assert torch.equal(batch.labels, LABELS)


def test_the_larger_share_has_its_distribution():
    """max(l, 1 - l) <= s if l lies within [1 - s, s]."""
    beta, state = scipy.stats.beta(4, 4), start()
    shown = [mixed(state, 1, seed).inputs[0] for seed in range(300)]
    shares = [shares[shares < 1].max().item() for shares in shown]
    assert scipy.stats.kstest(shares, lambda s: beta.cdf(s) - beta.cdf(1 - s)).pvalue > 0.01


def test_nothing_is_mixed_in_the_warm_up_whose_loss_is_cross_entropy():
    state, logits = start(clock=2.0), random_probs(seed=3).log()
    batch = mixed(state, 1)
    assert torch.equal(batch.inputs, torch.eye(8, dtype=torch.float64).expand(2, 8, 8))
    expected = functional.cross_entropy(logits.transpose(1, 2), LABELS, reduction="none")
    torch.testing.assert_close(METHOD.loss(logits, batch, state), expected)


@pytest.mark.parametrize(("epoch", "weight"), [(1, 0), (2, 12.5), (3, 25), (9, 25)])
def test_losses_against_numpy(epoch, weight):
    """E* = 1 and a ramp of 2 E*: lambda_u is 0, half of it, and all of it."""
    logits, y = random_probs(seed=4).log() + 3, random_probs(seed=5)
    labelled = torch.tensor([[1.0, 0, 1, 1, 0, 1, 0, 1], [0, 0, 1, 0, 0, 0, 0, 0]], dtype=torch.float64)
    batch = Batch(logits, LABELS, y, EXAMPLE, epoch, [])
    found = METHOD.loss(logits, batch, start() | {"labelled": labelled}).mean(1)
    for row in range(2):
        p, kept = scipy.special.softmax(logits[row].numpy(), -1), labelled[row].numpy() > 0
        l_x = -(y[row].numpy() * np.log(p)).sum(-1)[kept].mean()
        l_u = ((p - y[row].numpy()) ** 2)[~kept].mean()
        l_reg = scipy.stats.entropy(np.full(3, 1 / 3), p.mean(0))
        assert found[row].item() == pytest.approx(l_x + weight * l_u + l_reg)


def test_penalty_by_hand():
    """Mean p = (1/2, 1/2, 0 but for e^-1000): (log 2/3 + log 2/3 + 1000 - log 3 / 1) / 3, and finite."""
    log_probs = torch.tensor([[[0.0, -1000, -1000], [-1000, 0, -1000]]], dtype=torch.float64)
    expected = (2 * math.log(2 / 3) + 1000 + math.log(1 / 3)) / 3
    assert dividemix._l_reg(log_probs).item() == pytest.approx(expected)


def test_a_batch_without_labelled_or_unlabelled_examples_lacks_that_loss():
    logits, y = random_probs(seed=4).log(), random_probs(seed=5)
    batch = Batch(logits, LABELS, y, EXAMPLE, 9, [])
    labelled = torch.stack([torch.ones(8), torch.zeros(8)]).double()
    found = METHOD.loss(logits, batch, start() | {"labelled": labelled}) - dividemix._l_reg(logits).unsqueeze(1)
    torch.testing.assert_close(found[0], -(y[0] * logits[0]).sum(-1))
    torch.testing.assert_close(found[1], 25 * (logits[1].exp() - y[1]).square().mean(-1))


def test_a_run_alone_equals_the_run_in_a_stack_with_all_losses():
    data, known = tiny.data(), tiny.estimates()
    together = tiny.results(tiny.fit(METHOD, "mlp", data, known, epochs=8))
    alone = tiny.results(tiny.fit(METHOD, "mlp", tiny.some(data, [1]), tiny.some_estimates(known, [1]), epochs=8))
    for name, value in alone.items():
        torch.testing.assert_close(value, together[name][[1]], rtol=1e-9, atol=1e-11, equal_nan=True, msg=name)
    assert 0 < together["labelled"].mean() < 1


def test_wrong_labels_are_found_and_guessed():
    data, classes = tiny.separable()
    wrong = (data.labels != classes)[0]
    known = tiny.estimates(1)._replace(
        clock=torch.tensor([3.0], dtype=torch.float64), half_run=torch.tensor([20.0], dtype=torch.float64)
    )
    end = tiny.fit(METHODS["dividemix"](**VALUES | {"lambda_u": 0.0}), "mlp", data, known, epochs=20)
    labelled = end.state["labelled"]
    assert labelled[:, wrong].mean() < 0.1 and labelled[:, ~wrong].mean() > 0.9
    assert (end.state["y"].argmax(-1) == classes).double().mean() > 0.95
