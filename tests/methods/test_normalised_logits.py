"""Losses with a margin see batch-normalised logits: in training, in the running values, and where it is evaluated,
against torch's own layers, run by run."""

import numpy as np
import pytest
import tiny
import torch
from torch import nn
from torch.nn import functional

from labelnoise.methods import METHODS
from labelnoise.methods.base import WithNormalisedLogits
from labelnoise.nets import NETWORKS
from labelnoise.types import Batch

CASES = {
    "ramp": METHODS["ramp"](s=-1.0),
    "unhinged": METHODS["unhinged"](rho=1.0),
    "warp": METHODS["warp"](alpha="harmonic", rank="exact"),
}
EVERY = pytest.mark.parametrize("name", CASES)
LABELS = torch.tensor([[0, 1, 2, 1, 0, 2, 2, 0], [2, 2, 0, 1, 1, 0, 1, 2]])
LOGITS = 1 + 20 * torch.randn(2, 8, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def start(method, runs=2):
    return method.init_state(tiny.clocked(*[1] * runs), LABELS[:runs], 3)


def loss(method, state, logits):
    return method.loss(logits, Batch(logits, LABELS, None, LABELS, 0, []), state)


def batch_normalised(logits):
    return torch.stack([functional.batch_norm(of, None, None, training=True) for of in logits])


def test_these_are_the_methods_with_normalised_logits():
    assert {name for name, method in METHODS.items() if issubclass(method, WithNormalisedLogits)} == {*CASES}


@EVERY
def test_the_loss_and_its_gradient_are_those_of_batch_normalised_logits(name, monkeypatch):
    method, found, expected = CASES[name], LOGITS.clone().requires_grad_(), LOGITS.clone().requires_grad_()
    value = loss(method, start(method), found)
    value.sum().backward()
    with monkeypatch.context() as raw:
        raw.setattr(WithNormalisedLogits, "normalised", lambda self, logits, state: logits)
        of_normalised = loss(method, {}, batch_normalised(expected))
        assert (loss(method, {}, LOGITS) - of_normalised).abs().max() > 0.1  # else nothing is told
    of_normalised.sum().backward()
    torch.testing.assert_close(value, of_normalised)
    torch.testing.assert_close(found.grad, expected.grad)


@EVERY
def test_running_values_are_exponential_averages_of_those_of_batches(name):
    """From mean 0 and variance 1, a tenth of each batch; the variance is the biased one."""
    method = CASES[name]
    state, mean, variance = start(method), np.zeros((2, 1, 3)), np.ones((2, 1, 3))
    for scale in (1, 3, 0.1):
        logits = (scale * LOGITS).requires_grad_()
        loss(method, state, logits).sum().backward()
        values = scale * LOGITS.numpy()
        mean = 0.9 * mean + 0.1 * values.mean(1, keepdims=True)
        variance = 0.9 * variance + 0.1 * values.var(1, keepdims=True)
        np.testing.assert_allclose(state["mean"], mean, rtol=1e-12)
        np.testing.assert_allclose(state["variance"], variance, rtol=1e-12)
    assert not state["mean"].requires_grad and not state["variance"].requires_grad


@pytest.mark.parametrize("network", sorted(tiny.SECTIONS))
def test_evaluation_is_a_batch_norm_behind_the_last_layer(network):
    """torch's, without scale or shift, in evaluation mode, with the same running values."""
    method, state = CASES["ramp"], start(CASES["ramp"])
    inputs = torch.randn(2, 7, *tiny.SHAPE, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    generators = [torch.Generator().manual_seed(run) for run in range(2)]
    net = NETWORKS[network](generators, tiny.SHAPE, 3, **tiny.SECTIONS[network]).double().eval()
    with torch.no_grad():
        net.head.weight.normal_(generator=generators[0])
        net.head.bias.normal_(generator=generators[0])
    loss(method, state, LOGITS)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = torch.func.functional_call(net, method.evaluated(net.state_dict(), state), (inputs,))
    for run, raw in enumerate(net(inputs)):
        torch.testing.assert_close(found[run], folded(state, run)(raw))
        assert (found[run] - raw).abs().max() > 0.1
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def folded(state, run):
    """A batch norm with the running values of a run."""
    layer = nn.BatchNorm1d(state["mean"].shape[-1], affine=False).double().eval()
    layer.running_mean.copy_(state["mean"][run, 0])
    layer.running_var.copy_(state["variance"][run, 0])
    return layer


@EVERY
@pytest.mark.parametrize("network", sorted(tiny.SECTIONS))
def test_training_predicts_by_the_running_values(name, network):
    """At the last epoch and, with the values of then, at the best one."""
    data, seen = tiny.data(), {}
    end = tiny.fit(
        CASES[name],
        network,
        data,
        tiny.estimates(),
        epochs=3,
        after_epoch=lambda e, now: seen.update({e: copied(now())}),
    )
    for run in range(3):
        for probs, epoch in [(end.probs, 2), (end.best_probs, int(end.best_epoch[run]))]:
            weights, state = seen[epoch]
            net = tiny.build(network)([torch.Generator() for _ in range(3)]).double().eval()
            net.load_state_dict(weights)
            logits = net(data.inputs.expand(3, *data.inputs.shape))[run]
            torch.testing.assert_close(probs[run], torch.softmax(folded(state, run)(logits), -1).detach())


def copied(now):
    return tuple({k: value.clone() for k, value in part.items()} for part in (now.weights, now.state))


@EVERY
def test_equal_logits_have_a_finite_gradient(name):
    """Those of a network whose last layer starts at zero."""
    method, logits = CASES[name], torch.zeros(2, 8, 3, dtype=torch.float64, requires_grad=True)
    loss(method, start(method), logits).sum().backward()
    assert logits.grad.isfinite().all() and logits.grad.any()
