"""A run that diverges is masked and reported, and touches no other run: every method in every network."""

import pytest
import tiny
import torch

from labelnoise.methods import METHODS
from labelnoise.methods.base import Method
from labelnoise.nets import NETWORKS

BOTH = pytest.mark.parametrize("network", sorted(NETWORKS))
EVERY = pytest.mark.parametrize("name", sorted(METHODS))


def given_for(name, dtype):
    return tiny.declared(tiny.given(dtype=dtype), METHODS[name].uses)


class Breaking(Method):
    """A method whose loss is NaN for one run from one epoch on; all else is the wrapped method's."""

    def __init__(self, wrapped: Method, run: int, epoch: int):
        own = {"wrapped": wrapped, "run": run, "at": epoch}
        for key, value in own.items():
            object.__setattr__(self, key, value)
        for key in ("schedule", "networks_per_run"):
            object.__setattr__(self, key, getattr(wrapped, key))

    def loss(self, outputs, batch, state):
        broken = torch.zeros(len(batch.labels), 1, dtype=outputs.logits.dtype)
        if batch.epoch >= self.at:
            broken.unflatten(0, (-1, self.networks_per_run))[self.run] = torch.nan
        return self.wrapped.loss(outputs, batch, state) + broken * outputs.logits.sum(-1)

    def init_state(self, *args):
        return self.wrapped.init_state(*args)

    def learning_rates(self):
        return self.wrapped.learning_rates()

    def transform(self, batch, state):
        return self.wrapped.transform(batch, state)

    def penalty(self, epoch, state):
        return self.wrapped.penalty(epoch, state)

    def weight_average(self):
        return self.wrapped.weight_average()

    def end_of_epoch(self, epoch, probs, state):
        return self.wrapped.end_of_epoch(epoch, probs, state)


@EVERY
@BOTH
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_nan_run_leaves_the_others_bit_identical(name, network, at, dtype):
    data, given = tiny.data(dtype=dtype), given_for(name, dtype)
    healthy = tiny.fit(Breaking(tiny.method(name), 1, 99), network, data, given)
    broken = tiny.fit(Breaking(tiny.method(name), 1, at), network, data, given)
    one, other = tiny.results(healthy), tiny.results(broken)
    for key in one.keys() - {"diverged"}:
        assert torch.equal(one[key][[0, 2]], other[key][[0, 2]]), key
    assert broken.diverged.tolist() == [-1, at, -1]
    for key in ("train_loss", "val_accuracy"):
        assert broken.history[key][1].isnan().tolist() == [epoch >= at for epoch in range(4)]


@BOTH
def test_nan_weights_stay_in_their_run(network):
    def poisoned(generators):
        net = tiny.build(network)(generators)
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.unflatten(0, (3, -1))[1] = torch.nan
        return net

    method, data, given = tiny.method("cross_entropy"), tiny.data(dtype=torch.float32), tiny.given()
    healthy = tiny.fit(method, network, data, given)
    broken = tiny.fit(method, network, data, given, build=poisoned)
    assert torch.equal(healthy.probs[[0, 2]], broken.probs[[0, 2]])
    assert broken.diverged.tolist() == [-1, 0, -1]
    assert broken.best["epoch"].tolist()[1] == -1 and broken.best["probs"][1].isnan().all()
