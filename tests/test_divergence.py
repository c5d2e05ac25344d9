"""A run that diverges is masked and reported, and touches no other run: every method in every network."""

import pytest
import tiny
import torch

from labelnoise.methods.base import Method

BOTH = pytest.mark.parametrize("network", sorted(tiny.SECTIONS))
EVERY = pytest.mark.parametrize("name", sorted(tiny.CASES))


def estimates_for(name, dtype):
    return tiny.declared(tiny.estimates(dtype=dtype), tiny.method(name).uses)


class Breaking(Method):
    """A method whose loss is NaN for some runs, each from its epoch on; all else is the wrapped method's."""

    def __init__(self, wrapped: Method, breaks: dict[int, int]):
        own = {"wrapped": wrapped, "breaks": breaks}
        for key, value in own.items():
            object.__setattr__(self, key, value)
        for key in ("scheduled", "networks_per_run", "evaluates"):
            object.__setattr__(self, key, getattr(wrapped, key))

    def loss(self, logits, batch, state):
        broken = torch.zeros(len(batch.labels), 1, dtype=logits.dtype)
        for run, epoch in self.breaks.items():
            if batch.epoch >= epoch:
                broken.unflatten(0, (-1, self.networks_per_run))[run] = torch.nan
        return self.wrapped.loss(logits, batch, state) + broken * logits.sum(-1)

    def init_state(self, *args):
        return self.wrapped.init_state(*args)

    def optimizers(self):
        return self.wrapped.optimizers()

    def transform(self, batch, state):
        return self.wrapped.transform(batch, state)

    def penalty(self, epoch, state):
        return self.wrapped.penalty(epoch, state)

    def weight_average(self, steps):
        return self.wrapped.weight_average(steps)

    def evaluated(self, weights, state):
        return self.wrapped.evaluated(weights, state)

    def end_of_epoch(self, epoch, probs, state):
        return self.wrapped.end_of_epoch(epoch, probs, state)


@EVERY
@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nan_runs_leave_the_others_bit_identical(name, network, dtype):
    """The run between one that is lost at once and one that is lost later; and the latter until then."""
    data, estimates, method = tiny.data(dtype=dtype), estimates_for(name, dtype), tiny.method(name)
    healthy = tiny.fit(Breaking(method, {}), network, data, estimates)
    broken = tiny.fit(Breaking(method, {0: 0, 2: 2}), network, data, estimates)
    one, other = tiny.results(healthy), tiny.results(broken)
    for key in one.keys() - {"diverged"}:
        assert torch.equal(one[key][1], other[key][1]), key
    assert broken.diverged.tolist() == [0, -1, 2]
    for key in ("train_loss", "val_accuracy"):
        assert torch.equal(healthy.history[key][2][:2], broken.history[key][2][:2])
        assert broken.history[key].isnan().tolist() == [[True] * 4, [False] * 4, [False, False, True, True]]


@EVERY
@BOTH
def test_what_could_not_be_estimated_ends_its_run_at_once(name, network):
    """A single entry of a field that the method declares; the other runs keep their bytes."""
    data, known, method = tiny.data(dtype=torch.float32), estimates_for(name, torch.float32), tiny.method(name)
    sound = tiny.results(tiny.fit(method, network, data, known)) if method.uses else {}
    for field in method.uses:
        other = getattr(known, field).clone()
        other[1].view(-1)[-1] = torch.nan
        end = tiny.fit(method, network, data, known._replace(**{field: other}))
        assert end.diverged.tolist() == [-1, 0, -1], field
        assert end.probs[1].isnan().all() and end.best_probs[1].isnan().all() and end.best_epoch[1] == -1
        for key, value in tiny.results(end).items():
            assert torch.equal(value[[0, 2]], sound[key][[0, 2]]), (field, key)


@BOTH
def test_nan_weights_stay_in_their_run(network):
    def poisoned(generators):
        net = tiny.build(network)(generators)
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.unflatten(0, (3, -1))[1] = torch.nan
        return net

    method, data, estimates = tiny.method("cross_entropy"), tiny.data(dtype=torch.float32), tiny.estimates()
    healthy = tiny.fit(method, network, data, estimates)
    broken = tiny.fit(method, network, data, estimates, build=poisoned)
    assert torch.equal(healthy.probs[[0, 2]], broken.probs[[0, 2]])
    assert broken.diverged.tolist() == [-1, 0, -1]
    assert broken.best_epoch[1] == -1 and broken.best_probs[1].isnan().all()
