"""What a method trains beside the network: against torch's optimisers that train one run alone."""

import pytest
import tiny
import torch
from torch import nn

from labelnoise.methods import METHODS
from labelnoise.methods.base import Group
from labelnoise.train import steps, streams
from labelnoise.train.epoch import even_batches

GROUPS = {  # and what they ask of torch: optimiser, its arguments, whether the rate is annealed
    "as the network": (Group(0.3), torch.optim.SGD, {"lr": 0.3, "momentum": 0.9}, True),
    "no momentum, constant": (Group(0.5, 0.0, scheduled=False), torch.optim.SGD, {"lr": 0.5}, False),
    "own momentum": (Group(0.3, 0.5), torch.optim.SGD, {"lr": 0.3, "momentum": 0.5}, True),
    "adam": (Group(0.01, adam=True), torch.optim.Adam, {"lr": 0.01}, True),
    "adam, constant": (Group(0.02, scheduled=False, adam=True), torch.optim.Adam, {"lr": 0.02}, False),
}
EVERY = pytest.mark.parametrize("group", GROUPS)
BY = pytest.mark.parametrize("by_kernel", [True, False])


class Offset(METHODS["cross_entropy"]):
    """Cross-entropy of logits with an offset per class, which a group of its own trains."""

    group: Group

    def init_state(self, estimates, labels, classes):
        return {"offset": estimates.rate.new_ones(len(labels), classes).requires_grad_()}

    def optimizers(self):
        return {"offset": self.group}

    def loss(self, logits, batch, state):
        return super().loss(logits + state["offset"].unsqueeze(1), batch, state)


def method(group):
    return type("Trained", (Offset,), {"group": GROUPS[group][0]})()


def plain_training(data, run, group, settings):
    """The offset [C] and the logits of one run, trained alone by two optimisers of torch, epoch by epoch."""
    net = tiny.build("mlp")(streams.generators([data.streams[run]], streams.INIT)).double()
    offset = nn.Parameter(torch.ones(tiny.CLASSES, dtype=torch.float64))
    _, made, options, annealed = GROUPS[group]
    network = torch.optim.SGD(net.parameters(), settings.lr, settings.momentum, weight_decay=settings.weight_decay)
    own = made([offset], **options)
    schedules = [torch.optim.lr_scheduler.CosineAnnealingLR(network, settings.epochs)]
    schedules += [torch.optim.lr_scheduler.CosineAnnealingLR(own, settings.epochs)] if annealed else []
    for epoch in range(settings.epochs):
        order = streams.orders([data.streams[run]], epoch, tiny.EXAMPLES)[0]
        for part in even_batches(tiny.EXAMPLES, settings.batch_size):
            example = order[part]
            logits = net(data.inputs[data.index[run, example]][None])[0] + offset
            network.zero_grad()
            own.zero_grad()
            nn.functional.cross_entropy(logits, data.labels[run, example]).backward()
            network.step()
            own.step()
        for schedule in schedules:
            schedule.step()
    return offset.detach(), torch.softmax(net(data.inputs[None])[0], -1).detach()


@EVERY
@BY
def test_a_group_is_trained_as_by_torch_run_by_run(group, by_kernel):
    data, settings = tiny.data(), tiny.settings(5)
    end = tiny.fit(method(group), "mlp", data, tiny.estimates(), epochs=5, by_kernel=by_kernel)
    for run in range(3):
        offset, probs = plain_training(data, run, group, settings)
        torch.testing.assert_close(end.state["offset"][run], offset, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(end.probs[run], probs, rtol=1e-9, atol=1e-12)
        assert (offset - 1).abs().max() > 0.01


def test_the_groups_differ():
    """Else the test above could pass with any of them."""
    ends = [tiny.fit(method(group), "mlp", tiny.data(), tiny.estimates()).state["offset"] for group in GROUPS]
    assert all((a - b).abs().max() > 1e-4 for at, a in enumerate(ends) for b in ends[:at])


@EVERY
@pytest.mark.parametrize("shape", [(1,), (7,), (10, 10), (3, 37), (129,)])
def test_a_run_has_the_bytes_that_it_has_alone(group, shape):
    """Where a vector instruction ends a tensor must not show: tensors of all lengths, in single precision."""
    rng = torch.Generator().manual_seed(0)
    first, gradients = torch.randn(5, *shape, generator=rng), torch.randn(6, 5, *shape, generator=rng)

    def trained(runs):
        tensor = first[runs].clone().requires_grad_()
        made = steps._of_group(tensor, GROUPS[group][0], tiny.settings())
        for factor, gradient in zip((1, 0.9, 0.6, 0.3, 0.2, 0.1), gradients, strict=True):
            steps._rate([made], factor)
            tensor.grad = gradient[runs].clone()
            made.step()
        return tensor.detach()

    together = trained([0, 1, 2, 3, 4])
    for run in range(5):
        assert torch.equal(trained([run])[0], together[run])
    assert torch.equal(trained([3, 0, 4]), together[[3, 0, 4]])


@pytest.mark.parametrize("by_kernel", [True, False])
def test_what_an_optimiser_remembers_is_saved(by_kernel):
    """Of the network a momentum per parameter; of SGD one more, of Adam two moments and the number of steps."""
    counts = {}
    for group in GROUPS:
        seen = []
        tiny.fit(
            method(group), "mlp", tiny.data(), tiny.estimates(), epochs=1, by_kernel=by_kernel,
            after_epoch=lambda epoch, now: seen.append([each.clone() for each in now().momentum]),  # noqa: B023
        )  # fmt: skip
        counts[group] = len(seen[0])
        if "adam" in group:
            assert seen[0][-1].item() == len(even_batches(tiny.EXAMPLES, tiny.settings().batch_size))
    assert set(counts.values()) == {2 * 3 + 1, 2 * 3 + 3} and counts["adam"] == 9


@EVERY
@BY
def test_resuming_equals_going_on(group, by_kernel):
    saved = {}

    def keep(epoch, now):
        own = now()
        saved[epoch] = own._replace(
            momentum=[each.clone() for each in own.momentum],
            weights={name: value.clone() for name, value in own.weights.items()},
            state={name: value.clone() for name, value in own.state.items()},
        )

    args = method(group), "mlp", tiny.data(), tiny.estimates()
    whole = tiny.fit(*args, by_kernel=by_kernel, after_epoch=keep)
    for before in (saved[0], saved[2]):
        resumed = tiny.fit(*args, by_kernel=by_kernel, resume=before)
        assert torch.equal(resumed.state["offset"], whole.state["offset"])
        assert all(torch.equal(resumed.weights[name], whole.weights[name]) for name in whole.weights)
    forgotten = saved[2]._replace(momentum=[torch.zeros_like(each) for each in saved[2].momentum])
    other = tiny.fit(*args, by_kernel=by_kernel, resume=forgotten)
    assert not torch.equal(other.weights["head.bias"], whole.weights["head.bias"])
    assert not torch.equal(other.state["offset"], whole.state["offset"])
