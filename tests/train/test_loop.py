"""The training loop against a plain torch loop, and what it leaves behind."""

import copy

import numpy as np
import pytest
import tiny
import torch
from torch import nn

from labelnoise.methods import METHODS
from labelnoise.train import loop, streams
from labelnoise.train.epoch import even_batches

CROSS_ENTROPY = METHODS["cross_entropy"]


class Peers(CROSS_ENTROPY):
    """Two networks that do not talk to each other."""

    networks_per_run = 2


class Averaged(CROSS_ENTROPY):
    def weight_average(self, steps):
        return 0.8


def plain_mlp(generator):
    """A torch.nn twin of one run's initial network."""
    net = tiny.build("mlp")([generator]).double()
    layers = []
    for ours in (*net.hidden, net.head):
        layer = nn.Linear(*ours.weight.shape[1:]).double()
        layer.load_state_dict({"weight": ours.weight[0].T, "bias": ours.bias[0, 0]})
        layers += [layer, nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *layers[:-1])


def plain_training(data, run, settings):
    """Cross-entropy by torch.optim.SGD and CosineAnnealingLR, one network, one batch at a time."""
    stream = [data.streams[run]]
    net = plain_mlp(streams.generators(stream, streams.INIT)[0])
    optimizer = torch.optim.SGD(
        net.parameters(), settings.lr, settings.momentum, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs)
    losses = []
    for epoch in range(settings.epochs):
        order = streams.orders(stream, epoch, tiny.EXAMPLES)[0]
        total = 0.0
        # nearly equal batches: 24 examples in batches of 7 at most are four of 6
        for example in order.tensor_split(-(-tiny.EXAMPLES // settings.batch_size)):
            logits = net(data.inputs[data.index[run, example]])
            loss = nn.functional.cross_entropy(logits, data.labels[run, example])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(example)
        schedule.step()
        losses.append(total / tiny.EXAMPLES)
    return losses, torch.softmax(net(data.inputs), -1).detach()


@pytest.mark.parametrize("batch_size", [8, 7])  # 7 does not divide the number of examples
def test_every_run_is_plain_sgd_on_its_own_data(batch_size):
    data, settings = tiny.data(), tiny.settings(6)._replace(batch_size=batch_size)
    method = METHODS["cross_entropy"]()
    end = loop.train(tiny.build("mlp"), method, data, tiny.estimates(), settings, tiny.NO_STATISTIC)
    for run in range(3):
        losses, probs = plain_training(data, run, settings)
        assert end.history["train_loss"][run].tolist() == pytest.approx(losses)
        torch.testing.assert_close(end.probs[run], probs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("examples", "largest", "sizes"), [(513, 64, {57}), (128, 64, {64}), (60, 64, {60}), (65, 64, {32, 33})]
)
def test_batches_are_nearly_equal(examples, largest, sizes):
    batches = even_batches(examples, largest)
    assert {part.stop - part.start for part in batches} == sizes
    assert [at for part in batches for at in range(examples)[part]] == list(range(examples))


def test_best_is_the_first_epoch_of_the_highest_noisy_validation_accuracy():
    """Smoothed over three epochs."""
    seen = []

    def remember(epoch, predicted):
        seen.append(predicted.clone())
        return {}

    data = tiny.data()
    end = tiny.fit(tiny.method("cross_entropy"), "mlp", data, tiny.estimates(), epochs=12, monitor=remember)
    for run in range(3):
        real = data.val_labels[run] >= 0
        labels, images = data.val_labels[run][real], data.val_index[run][real]
        accuracy = [(predicted[run, images] == labels).double().mean().item() for predicted in seen]
        assert end.history["val_accuracy"][run].tolist() == pytest.approx(accuracy)
        smooth = over_three(accuracy)
        best = smooth.index(max(smooth))
        assert end.best_epoch[run] == best and torch.equal(end.best_probs[run].argmax(-1), seen[best][run])
    assert torch.equal(end.probs.argmax(-1), seen[-1])


def over_three(curve):
    """Mean of every entry and its neighbours, those that are NaN left out."""
    return [np.nanmean(curve[max(at - 1, 0) : at + 2]) for at in range(len(curve))]


def test_a_run_that_diverges_stops_early_at_its_best_epoch_before():
    """What is missing after its last epoch does not count; its single best epoch is not the best of three."""

    class Broken(CROSS_ENTROPY):
        def loss(self, logits, batch, state):
            lost = torch.zeros(3, 1).index_fill(0, torch.tensor([1]), torch.nan if batch.epoch >= 9 else 0)
            return super().loss(logits, batch, state) + lost

    end = tiny.fit(Broken(), "mlp", tiny.data(), tiny.estimates(), epochs=12)
    assert end.diverged.tolist() == [-1, 9, -1]
    curve = end.history["val_accuracy"][1].numpy()
    assert np.isnan(curve).tolist() == [epoch >= 9 for epoch in range(12)]
    smooth = over_three(curve[:9])
    assert end.best_epoch[1] == smooth.index(max(smooth)) != curve[:9].argmax()
    assert end.best_probs[1].isfinite().all() and end.probs[1].isnan().all()


@pytest.mark.parametrize("stop", [0, 2, 3])
def test_early_stopping_at_an_epoch_that_is_known(stop):
    seen = []

    def remember(epoch, predicted):
        seen.append(predicted.clone())
        return {}

    def fit(data):
        args = tiny.build("mlp"), tiny.method("cross_entropy"), data, tiny.estimates(), tiny.settings()
        return loop.train(*args, tiny.NO_STATISTIC, remember)

    data = tiny.data()
    end, free = fit(data._replace(stop=torch.full((3,), stop))), fit(data)
    assert end.best_epoch.tolist() == [stop] * 3
    assert torch.equal(end.best_probs.argmax(-1), seen[stop])
    assert torch.equal(free.probs, end.probs) and not (free.best_epoch == stop).all()
    mixed = fit(data._replace(stop=torch.tensor([-1, stop, -1])))  # each run by its own
    assert mixed.best_epoch.tolist() == [free.best_epoch[0], stop, free.best_epoch[2]]
    assert torch.equal(mixed.best_probs, torch.stack([free.best_probs[0], end.best_probs[1], free.best_probs[2]]))


def test_a_run_that_diverged_before_the_epoch_of_early_stopping_has_none():
    class Broken(CROSS_ENTROPY):
        def loss(self, logits, batch, state):
            lost = torch.zeros(3, 1).index_fill(0, torch.tensor([1]), torch.nan if batch.epoch >= 2 else 0)
            return super().loss(logits, batch, state) + lost

    for stop, expected in [(1, [1, 1, 1]), (2, [2, -1, 2])]:
        data = tiny.data()._replace(stop=torch.full((3,), stop))
        end = loop.train(tiny.build("mlp"), Broken(), data, tiny.estimates(), tiny.settings(), tiny.NO_STATISTIC)
        assert end.best_epoch.tolist() == expected
        assert end.best_probs.isnan().flatten(1).any(1).tolist() == [epoch == -1 for epoch in expected]


@pytest.mark.parametrize(
    ("name", "schedule", "expected"),
    [
        ("cross_entropy", "cosine", [1.0, 0.8535534, 0.5, 0.1464466]),  # (1 + cos(pi k / 4)) / 2
        ("cross_entropy", "constant", [1.0] * 4),
        ("cross_entropy", "exponential", [1.0, 0.9, 0.81, 0.729]),
        ("cross_entropy", "step", [1.0, 0.9, 0.9, 0.81]),
        ("cross_entropy", "linear", [1.0, 1.0, 2 / 3, 1 / 3]),
        ("joint_optimization", "exponential", [1.0] * 4),  # keeps its own
    ],
)
def test_the_learning_rate_follows_a_schedule(name, schedule, expected):
    settings = tiny.settings(4)._replace(schedule=schedule, decay=0.9, milestones=[1, 3])
    factors = [loop._factor(tiny.method(name), epoch, settings) for epoch in range(4)]
    assert factors == pytest.approx(expected)


@pytest.mark.parametrize("by_kernel", [True, False])
@pytest.mark.parametrize("schedule", ["exponential", "step"])
def test_a_schedule_is_that_of_torch(schedule, by_kernel, monkeypatch):
    made = {
        "exponential": lambda optimizer, epochs: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7),
        "step": lambda optimizer, epochs: torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], 0.7),
    }
    monkeypatch.setattr(torch.optim.lr_scheduler, "CosineAnnealingLR", made[schedule])
    settings = tiny.settings()._replace(schedule=schedule, decay=0.7, milestones=[1, 3])
    args = (tiny.build("mlp"), METHODS["cross_entropy"](), tiny.data(), tiny.estimates(), settings)
    end = loop.train(*args, tiny.NO_STATISTIC, by_kernel=by_kernel)
    losses, probs = plain_training(tiny.data(), 1, settings)
    assert end.history["train_loss"][1].tolist() == pytest.approx(losses)
    torch.testing.assert_close(end.probs[1], probs, rtol=1e-9, atol=1e-12)


def test_adam_is_that_of_torch_and_goes_on_where_it_was(monkeypatch):
    """With weight decay, and a momentum that is not its usual one."""

    def adam(parameters, lr, momentum, weight_decay):
        return torch.optim.Adam(parameters, lr, (momentum, 0.999), weight_decay=weight_decay)

    monkeypatch.setattr(torch.optim, "SGD", adam)
    settings = tiny.settings()._replace(optimizer="adam", momentum=0.7, lr=0.01)
    args = (tiny.build("mlp"), METHODS["cross_entropy"](), tiny.data(), tiny.estimates(), settings)
    kept = []
    end = loop.train(*args, tiny.NO_STATISTIC, after_epoch=lambda epoch, now: kept.append(copy.deepcopy(now())))
    losses, probs = plain_training(tiny.data(), 1, settings)
    assert end.history["train_loss"][1].tolist() == pytest.approx(losses)
    torch.testing.assert_close(end.probs[1], probs, rtol=1e-9, atol=1e-12)
    assert torch.equal(loop.train(*args, tiny.NO_STATISTIC, resume=kept[1]).probs, end.probs)


@pytest.mark.parametrize("by_kernel", [True, False])
def test_with_a_horizon_a_training_is_the_beginning_of_a_longer_one(by_kernel):
    def trained(epochs, horizon, kept=None):
        settings = tiny.settings(epochs)._replace(horizon=horizon)
        return loop.train(
            tiny.build("mlp"), METHODS["elr"](beta=0.7, lam=1.0, clamp=1e-4), tiny.data(), tiny.estimates(),
            settings, tiny.NO_STATISTIC, by_kernel=by_kernel,
            after_epoch=lambda epoch, now: kept is None or kept.append(copy.deepcopy(now().weights)),
        )  # fmt: skip

    kept = []
    trained(6, 0, kept)
    begun, own = trained(3, 6).weights, trained(3, 0).weights
    assert all(torch.equal(begun[name], kept[2][name]) for name in begun)
    assert not torch.equal(own["head.bias"], begun["head.bias"])


def test_the_training_pass_probabilities_are_in_the_order_of_the_examples():
    """At a learning rate of almost zero they equal those of the network as it started, example by example."""
    seen = {}

    class Remember(METHODS["cross_entropy"]):
        def end_of_epoch(self, epoch, probs, state):
            seen[epoch] = probs
            return state

    data = tiny.data()
    settings = tiny.settings(2)._replace(lr=1e-12)
    end = loop.train(tiny.build("mlp"), Remember(), data, tiny.estimates(), settings, tiny.NO_STATISTIC)
    expected = end.probs.gather(1, data.index[..., None].expand(-1, -1, tiny.CLASSES))
    for epoch in range(2):
        torch.testing.assert_close(seen[epoch], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
@pytest.mark.parametrize("name", ["noise_layer", "t_revision", "sop", "ramp", "gce_truncated", "co_teaching"])
def test_resuming_equals_going_on(name, network):
    """Also where Adam trains, where logits are normalised, and where a network is evaluated after each epoch."""
    made = {}

    def keep(epoch, snapshot):
        made[epoch] = copy.deepcopy(snapshot())

    args = tiny.method(name), network, tiny.data(), tiny.estimates()
    whole = tiny.fit(*args, after_epoch=keep)
    for epoch, saved in made.items():
        assert saved.epoch == epoch + 1
        resumed = tiny.fit(*args, resume=saved)
        one, other = tiny.results(whole) | whole.weights, tiny.results(resumed) | resumed.weights
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_the_first_of_two_peers_is_the_one_that_is_evaluated():
    seen = {}

    class Remember(Peers):
        def end_of_epoch(self, epoch, probs, state):
            seen["probs"] = probs
            return state

    data = tiny.data()
    one = tiny.fit(CROSS_ENTROPY(), "mlp", data, tiny.estimates())
    two = tiny.fit(Remember(), "mlp", data, tiny.estimates())
    torch.testing.assert_close(one.probs, two.probs)
    torch.testing.assert_close(one.history["train_loss"], two.history["train_loss"])
    own, peer = seen["probs"][::2], seen["probs"][1::2]
    assert own.shape == peer.shape == (3, tiny.EXAMPLES, tiny.CLASSES) and (own - peer).abs().max() > 1e-3


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
@pytest.mark.parametrize("base", [CROSS_ENTROPY, Peers, Averaged])
def test_a_method_may_ask_for_an_evaluation_at_the_end_of_each_epoch(network, base):
    """In evaluation mode, at the weights that predict; a row per network. Training is the same."""
    seen = []

    class Asks(base):
        evaluates = True

        def end_of_epoch(self, epoch, probs, state):
            seen.append(probs)
            return state

    data, plain = tiny.data(), tiny.fit(base(), network, tiny.data(), tiny.estimates(), epochs=3)
    end = tiny.fit(Asks(), network, data, tiny.estimates(), epochs=3)
    for name in plain.weights:  # to rounding: cross-entropy alone takes whole epochs in the kernel
        torch.testing.assert_close(end.weights[name], plain.weights[name])
    peers = base.networks_per_run
    expected = end.probs.gather(1, data.index[..., None].expand(-1, -1, tiny.CLASSES))
    assert seen[-1].shape == (3 * peers, tiny.EXAMPLES, tiny.CLASSES) and len(seen) == 3
    torch.testing.assert_close(seen[-1][::peers], expected)
    for run, epoch in enumerate(end.best_epoch.tolist()):
        torch.testing.assert_close(seen[epoch][run * peers], end.best_probs[run, data.index[run]])
    if peers == 2:
        assert (seen[-1][1::2] - seen[-1][::2]).abs().max() > 1e-3


def test_the_average_is_told_the_steps_of_the_whole_training():
    told = []

    class Told(CROSS_ENTROPY):
        def weight_average(self, steps):
            told.append(steps)
            return 0.0

    for size, steps in [(8, 4 * 3), (7, 4 * 4)]:  # 24 examples in batches of at most 7 are four
        settings = tiny.settings()._replace(batch_size=size)
        loop.train(tiny.build("mlp"), Told(), tiny.data(), tiny.estimates(), settings, tiny.NO_STATISTIC)
        assert told.pop() == steps


def test_a_diverged_peer_ends_its_run_only():
    class Broken(Peers):
        def loss(self, logits, batch, state):
            losses = super().loss(logits, batch, state)
            spoiled = torch.zeros(len(losses), 1).index_fill(0, torch.tensor([3]), torch.nan)  # peer of run 1
            return losses + (spoiled if batch.epoch >= 1 else 0)

    end, sound = (tiny.fit(method(), "mlp", tiny.data(), tiny.estimates()) for method in (Broken, Peers))
    assert end.diverged.tolist() == [-1, 1, -1]
    assert torch.equal(end.probs[[0, 2]], sound.probs[[0, 2]]) and end.probs[1].isnan().all()


def test_the_averaged_weights_are_what_is_evaluated():
    data, settings, run = tiny.data(), tiny.settings(3), 1
    end = tiny.fit(Averaged(), "mlp", data, tiny.estimates(), epochs=3)
    net = plain_mlp(streams.generators([data.streams[run]], streams.INIT)[0])
    average = copy.deepcopy(net)
    optimizer = torch.optim.SGD(
        net.parameters(), settings.lr, settings.momentum, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3)
    for epoch in range(3):
        for example in streams.orders([data.streams[run]], epoch, tiny.EXAMPLES)[0].split(settings.batch_size):
            logits = net(data.inputs[data.index[run, example]])
            optimizer.zero_grad()
            nn.functional.cross_entropy(logits, data.labels[run, example]).backward()
            optimizer.step()
            with torch.no_grad():
                for mean, weight in zip(average.parameters(), net.parameters()):
                    mean.copy_(0.8 * mean + 0.2 * weight)
        schedule.step()
    torch.testing.assert_close(end.probs[run], torch.softmax(average(data.inputs), -1).detach())
    assert (end.probs[run] - torch.softmax(net(data.inputs), -1)).abs().max() > 1e-3


@pytest.mark.parametrize("method", [Peers(), Averaged()])
@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_peers_and_averages_obey_the_law_and_resume(method, network):
    data, made = tiny.data(), {}
    whole = tiny.fit(
        method, network, data, tiny.estimates(), after_epoch=lambda e, now: made.update({e: copy.deepcopy(now())})
    )
    alone = tiny.fit(method, network, tiny.some(data, [1]), tiny.some_estimates(tiny.estimates(), [1]))
    torch.testing.assert_close(alone.probs, whole.probs[[1]], rtol=1e-9, atol=1e-11)
    resumed = tiny.fit(method, network, data, tiny.estimates(), resume=made[1])
    assert torch.equal(resumed.probs, whole.probs) and made[1].epoch == 2


@pytest.mark.parametrize("options", [{"sampler": "oversample"}, {"shift": 1}])
def test_samplers_and_augmentation_obey_the_law(options):
    data, settings = tiny.data(), tiny.settings()._replace(**options)
    args = tiny.build("mlp"), CROSS_ENTROPY()
    together = loop.train(*args, data, tiny.estimates(), settings, tiny.NO_STATISTIC)
    plain = loop.train(*args, data, tiny.estimates(), tiny.settings(), tiny.NO_STATISTIC)
    for run in range(3):
        known = tiny.some_estimates(tiny.estimates(), [run])
        alone = loop.train(*args, tiny.some(data, [run]), known, settings, tiny.NO_STATISTIC)
        torch.testing.assert_close(alone.probs, together.probs[[run]], rtol=1e-9, atol=1e-11)
    assert (together.probs - plain.probs).abs().max() > 1e-3


def test_examples_that_were_not_drawn_have_no_probabilities():
    seen = []

    class Remember(CROSS_ENTROPY):
        def end_of_epoch(self, epoch, probs, state):
            seen.append(probs)
            return state

    data, settings = tiny.data(), tiny.settings(2)._replace(sampler="oversample", lr=1e-12)
    end = loop.train(tiny.build("mlp"), Remember(), data, tiny.estimates(), settings, tiny.NO_STATISTIC)
    expected = end.probs.gather(1, data.index[..., None].expand(-1, -1, tiny.CLASSES))
    for epoch, probs in enumerate(seen):
        drawn = streams.oversampled(data.streams, epoch, data.labels)
        for run in range(3):
            missing = sorted(set(range(tiny.EXAMPLES)) - set(drawn[run].tolist()))
            assert missing and probs[run].isnan().all(-1).nonzero().flatten().tolist() == missing
            there = sorted(set(drawn[run].tolist()))
            torch.testing.assert_close(probs[run, there], expected[run, there], rtol=1e-6, atol=1e-8)


def test_the_network_sees_the_transformed_batch():
    class Blind(CROSS_ENTROPY):
        def transform(self, batch, state):
            return batch._replace(inputs=torch.zeros_like(batch.inputs), labels=torch.zeros_like(batch.labels))

    end = tiny.fit(Blind(), "mlp", tiny.data(), tiny.estimates())
    start = loop.train(
        tiny.build("mlp"), CROSS_ENTROPY(), tiny.data(), tiny.estimates(), tiny.settings(1)._replace(lr=1e-12),
        tiny.NO_STATISTIC,
    )  # fmt: skip
    # from empty images all it can learn are biases, and they favour the class that it was told
    assert (end.probs[..., 0] > start.probs[..., 0]).all()
