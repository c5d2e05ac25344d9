"""The training loop against a plain torch loop, and what it leaves behind."""

import copy

import pytest
import tiny
import torch
from torch import nn

from labelnoise.methods import METHODS
from labelnoise.train import loop, streams


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
        for example in order.split(settings.batch_size):
            logits = net(data.inputs[data.index[run, example]])
            loss = nn.functional.cross_entropy(logits, data.labels[run, example])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(example)
        schedule.step()
        losses.append(total / tiny.EXAMPLES)
    return losses, torch.softmax(net(data.inputs), -1).detach()


@pytest.mark.parametrize("batch_size", [8, 7])  # 7 leaves a smaller last batch
def test_every_run_is_plain_sgd_on_its_own_data(batch_size):
    data, settings = tiny.data(), tiny.settings(6)._replace(batch_size=batch_size)
    method = METHODS["cross_entropy"]()
    end = loop.train(tiny.build("mlp"), method, data, tiny.given(), settings, tiny.NO_WATCH)
    for run in range(3):
        losses, probs = plain_training(data, run, settings)
        assert end.history["train_loss"][run].tolist() == pytest.approx(losses)
        torch.testing.assert_close(end.probs[run], probs, rtol=1e-9, atol=1e-12)


def test_best_is_the_first_epoch_of_the_highest_noisy_validation_accuracy():
    seen = []

    def remember(epoch, probs):
        seen.append(probs.clone())
        return {}

    data = tiny.data()
    end = tiny.fit(tiny.method("cross_entropy"), "mlp", data, tiny.given(), epochs=12, monitor=remember)
    for run in range(3):
        real = data.val_labels[run] >= 0
        labels, images = data.val_labels[run][real], data.val_index[run][real]
        accuracy = [(probs[run, images].argmax(-1) == labels).double().mean().item() for probs in seen]
        assert end.history["val_accuracy"][run].tolist() == pytest.approx(accuracy)
        best = accuracy.index(max(accuracy))
        assert end.best["epoch"][run] == best and torch.equal(end.best["probs"][run], seen[best][run])
    assert torch.equal(end.probs, seen[-1])


def test_the_training_pass_probabilities_are_in_the_order_of_the_examples():
    """At a learning rate of almost zero they equal those of the network as it started, example by example."""
    seen = {}

    class Remember(METHODS["cross_entropy"]):
        def end_of_epoch(self, epoch, probs, state):
            seen[epoch] = probs
            return state

    data = tiny.data()
    settings = tiny.settings(2)._replace(lr=1e-12)
    end = loop.train(tiny.build("mlp"), Remember(), data, tiny.given(), settings, tiny.NO_WATCH)
    expected = end.probs.gather(1, data.index[..., None].expand(-1, -1, tiny.CLASSES))
    for epoch in range(2):
        torch.testing.assert_close(seen[epoch], expected, rtol=1e-6, atol=1e-8)


def test_resuming_equals_going_on():
    made = {}

    def keep(epoch, snapshot):
        made[epoch] = copy.deepcopy(snapshot())

    args = tiny.method("noise_layer"), "small_cnn", tiny.data(), tiny.given()
    whole = tiny.fit(*args, after_epoch=keep)
    for epoch, saved in made.items():
        assert saved.epoch == epoch + 1
        resumed = tiny.fit(*args, resume=saved)
        one, other = tiny.results(whole) | whole.weights, tiny.results(resumed) | resumed.weights
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_evaluation_does_not_depend_on_the_chunk(monkeypatch):
    net = tiny.build("small_cnn")([torch.Generator().manual_seed(run) for run in range(3)]).double()
    inputs = tiny.data().inputs
    whole = loop.evaluate(net, inputs, 3)
    monkeypatch.setattr(loop, "EVALUATION_CHUNK", {"cpu": 7})
    torch.testing.assert_close(loop.evaluate(net, inputs, 3), whole)
    assert whole.shape == (3, tiny.IMAGES, tiny.CLASSES) and net.training
