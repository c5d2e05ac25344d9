"""What every method must do in every network: the law of runs, the no-oracle rule, what the trainer relies on."""

import dataclasses
import functools

import pytest
import tiny
import torch

from labelnoise.draws import Draws
from labelnoise.methods import METHODS, base
from labelnoise.types import Batch

BOTH = pytest.mark.parametrize("network", sorted(tiny.SECTIONS))
EVERY = pytest.mark.parametrize("name", sorted(tiny.CASES))
RUNS = [0, 1, 2]


def estimates_for(name, dtype=torch.float64):
    return tiny.declared(tiny.estimates(dtype=dtype), tiny.method(name).uses)


@functools.cache
def reference(name, network, dtype=torch.float64):
    """All runs trained, to compare with: to read only."""
    return tiny.fit(tiny.method(name), network, tiny.data(dtype=dtype), estimates_for(name, dtype))


def first_step(name, dtype=torch.float64, epoch=5):
    """A method, its state at the start and its first batch as the network sees it; peers side by side."""
    data, method = tiny.data(dtype=dtype), tiny.method(name)
    rows = torch.tensor(RUNS).repeat_interleave(method.networks_per_run)
    labels, index = data.labels[rows], data.index[rows]
    state = method.init_state(tiny.some_estimates(estimates_for(name, dtype), rows), labels, tiny.CLASSES)
    example = torch.arange(8).expand(len(rows), 8)
    batch = Batch(data.inputs[index[:, :8]], labels[:, :8], None, example, epoch, Draws(rows))
    return method, state, method.transform(batch, state)


def assert_close(one, other, relative, absolute):
    assert one.keys() == other.keys()
    for key in one:
        torch.testing.assert_close(one[key], other[key], rtol=relative, atol=absolute, equal_nan=True, msg=key)


@EVERY
@BOTH
def test_loss_has_a_value_per_example_and_a_finite_gradient_everywhere(name, network):
    method, state, batch = first_step(name, epoch=2)  # not in a warm-up, nor past half of the run
    net = tiny.build(network)([torch.Generator().manual_seed(row) for row in range(len(batch.labels))]).double()
    torch.nn.init.normal_(net.head.weight, generator=torch.Generator().manual_seed(0))  # it starts at zero
    loss = method.loss(net(batch.inputs), batch, state)
    penalty = method.penalty(batch.epoch, state)
    assert loss.shape == batch.labels.shape
    assert penalty is None or penalty.shape == batch.labels.shape[:1]
    (loss.mean(1) + (0 if penalty is None else penalty)).sum().backward()
    trained = [*net.parameters(), *(state[key] for key in method.optimizers())]
    assert loss.isfinite().all()
    assert all(p.grad.isfinite().all() and p.grad.abs().sum() > 0 for p in trained)


@EVERY
def test_loss_is_finite_and_has_a_finite_gradient_at_extreme_logits(name):
    method, state, batch = first_step(name, torch.float32)
    logits = torch.zeros(*batch.labels.shape, tiny.CLASSES)
    logits[..., 0], logits[..., 1] = 1e4, -1e4
    logits.requires_grad_()
    loss = method.loss(logits, batch, state)
    loss.sum().backward()
    assert loss.isfinite().all() and logits.grad.isfinite().all()


@EVERY
def test_loss_does_not_depend_on_the_precision(name):
    def loss(dtype):
        method, state, batch = first_step(name, dtype)
        shape = (*batch.labels.shape, tiny.CLASSES)
        logits = 3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
        return method.loss(logits.to(dtype), batch, state)

    single, double = loss(torch.float32), loss(torch.float64)
    assert single.dtype == torch.float32 and double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, rtol=1e-5, atol=1e-5)


@EVERY
@BOTH
@pytest.mark.parametrize(
    ("dtype", "runs", "relative", "absolute"),
    [(torch.float64, [1, 2], 1e-9, 1e-11), (torch.float32, [2], 1e-4, 1e-5)],  # run 2 has an image less
)
def test_a_run_alone_equals_the_run_in_a_batch(name, network, dtype, runs, relative, absolute):
    method, data, estimates = tiny.method(name), tiny.data(dtype=dtype), estimates_for(name, dtype)
    together = tiny.results(reference(name, network, dtype))
    for run in runs:
        alone = tiny.fit(method, network, tiny.some(data, [run]), tiny.some_estimates(estimates, [run]))
        part = {key: value[[run]] for key, value in together.items()}
        assert_close(tiny.results(alone), part, relative, absolute)


@EVERY
@BOTH
def test_permuting_runs_permutes_results(name, network):
    method, data, estimates, order = tiny.method(name), tiny.data(), estimates_for(name), [2, 0, 1]
    straight = tiny.results(reference(name, network))
    turned = tiny.results(tiny.fit(method, network, tiny.some(data, order), tiny.some_estimates(estimates, order)))
    assert_close(turned, {key: value[order] for key, value in straight.items()}, 1e-9, 1e-11)


@EVERY
@BOTH
def test_runs_differ_and_learn(name, network):
    """Without this the tests of equality above could pass on constants."""
    end = reference(name, network)
    assert (end.probs[0] - end.probs[1]).abs().max() > 1e-3
    start = tiny.fit(tiny.method(name), network, tiny.data(), estimates_for(name), epochs=1)
    assert (end.probs - start.probs).abs().max() > 1e-3


@EVERY
@BOTH
def test_same_seeds_give_the_same_bytes(name, network):
    dtype = torch.float32
    again = tiny.fit(tiny.method(name), network, tiny.data(dtype=dtype), estimates_for(name, dtype))
    one, other = (tiny.results(end) | end.weights for end in (reference(name, network, dtype), again))
    assert all(torch.equal(one[key].nan_to_num(-7), other[key].nan_to_num(-7)) for key in one)


@EVERY
@BOTH
def test_only_declared_fields_of_given_are_read(name, network):
    """Undeclared fields are NaN in the pipeline; every declared one is used."""
    method, data = tiny.method(name), tiny.data()
    end = reference(name, network)
    assert end.probs.isfinite().all() and (end.diverged == -1).all()
    for field in method.uses:
        other = estimates_for(name)._replace(**{field: getattr(tiny.estimates(), field).flip(-1)})
        again = tiny.fit(method, network, data, other)
        # what a method with several rounds knows of its examples may only tell in the next one
        examples = [key for key, value in end.state.items() if value.shape[1:2] == (tiny.EXAMPLES,)]
        pairs = [(end.probs, again.probs), *((end.state[key], again.state[key]) for key in examples)]
        assert not all(torch.equal(one, two) for one, two in pairs), field


@pytest.mark.parametrize("name", [name for name in sorted(tiny.CASES) if tiny.method(name).next_round()])
@BOTH
def test_second_rounds_train_on_the_targets(name, network):
    method, data = tiny.method(name), tiny.data()
    second = method.next_round()
    targets = method.targets(reference(name, network).state)
    assert targets.shape == (3, tiny.EXAMPLES, tiny.CLASSES)
    total = targets.sum(-1)
    assert (torch.isclose(total, torch.ones_like(total)) | (targets == 0).all(-1)).all()  # 0: left out
    assert (targets >= 0).all() and (total > 0).any(1).all()
    again = data._replace(streams=[stream._replace(round=1) for stream in data.streams])
    nothing = tiny.declared(tiny.estimates(), second.uses)
    end = tiny.fit(second, network, again, nothing, targets=targets)
    alone = tiny.fit(
        second, network, tiny.some(again, [1]), tiny.some_estimates(nothing, [1]), targets=targets[[1]]
    )
    assert end.probs.isfinite().all()
    torch.testing.assert_close(alone.probs, end.probs[[1]], rtol=1e-9, atol=1e-11)


def test_every_method_and_every_word_that_an_argument_may_be_is_here():
    shown = {of for of, _ in tiny.CASES.values()}
    assert shown == set(METHODS), "no row of params.yaml has it"
    values = {(key, section[key]) for _, section in tiny.CASES.values() for key in section}
    assert {choice[1:] for of in METHODS for choice in tiny.choices(of)} <= values


@EVERY
def test_a_method_is_frozen_and_its_fields_have_values_in_params(name):
    method = tiny.method(name)
    assert {field.name for field in dataclasses.fields(method)} == tiny.CASES[name][1].keys()
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.alpha = 1


@pytest.mark.parametrize(
    ("multiple", "clock", "half", "expected"),
    [(1.0, 3, 30, 3), (1.5, 3, 30, 4), (1.5, 5, 30, 8), (0.1, 3, 30, 1), (2.0, 20, 30, 30), (1.0, 1, 1, 1)],
)
def test_times_are_multiples_of_the_clock_up_to_half_of_the_run(multiple, clock, half, expected):
    """4.5 is even 4, 7.5 even 8: as numpy rounds."""
    known = tiny.estimates(1)
    known = known._replace(clock=torch.full_like(known.clock, clock), half_run=torch.full_like(known.clock, half))
    assert base.after(multiple, known).tolist() == [expected]


def test_a_method_that_is_told_the_truth_says_so():
    oracles = {name for name in tiny.PARAMS.methods if tiny.method(name).oracle}
    assert oracles == {name for name in tiny.PARAMS.methods if name.endswith("_oracle")}  # as readers know them


@EVERY
@BOTH
def test_what_a_monitor_says_changes_nothing(name, network):
    def garbage(epoch, predicted):
        lie = {"val_accuracy": torch.full((3,), float(-epoch)), "train_loss": torch.full((3,), 7.0)}
        return {name: value.double() for name, value in lie.items()} | {"loss": torch.full((3,), torch.inf)}

    method, data, estimates = tiny.method(name), tiny.data(), estimates_for(name)
    alone = reference(name, network)
    judged = tiny.fit(method, network, data, estimates, monitor=garbage)
    assert torch.equal(alone.probs, judged.probs) and torch.equal(alone.best_probs, judged.best_probs)
    assert all(torch.equal(alone.weights[key], judged.weights[key]) for key in alone.weights)
    assert torch.equal(alone.best_epoch, judged.best_epoch)  # what it says of the selection is not heard
    assert judged.history.keys() - alone.history.keys() == {"loss"}
    assert all(torch.equal(alone.history[key], judged.history[key]) for key in alone.history)
