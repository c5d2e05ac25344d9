"""The networks of papers on CIFAR: against torch.nn, run by run, in the trainer; their numbers of parameters."""

import itertools

import cifar_cases
import pytest
import tiny
import torch
from cifar_cases import CASES, CLASSES, REFERENCES, RUNS, copied, inputs, network, stirred

from labelnoise.data import tv
from labelnoise.draws import Draws
from labelnoise.nets import NETWORKS
from labelnoise.nets.layers import BatchNorm, dropped_maps, joined
from labelnoise.params import network as row_of
from labelnoise.train import code

EVERY = pytest.mark.parametrize("case", CASES)
SEEDS = torch.tensor([70, 71, 72])


@EVERY
def test_logits_and_gradients_equal_those_of_plain_networks(case):
    net, x = stirred(network(case)), inputs(case)
    singles = [copied(net, run, REFERENCES[case]()) for run in range(RUNS)]
    logits = net(x)
    assert logits.shape == (RUNS, cifar_cases.BATCH, CLASSES) and logits.std() > 0.01
    logits.square().sum().backward()
    first = next(net.parameters()).grad
    for run, alone in enumerate(singles):
        single = alone(x[run])
        single.square().sum().backward()
        torch.testing.assert_close(logits[run], single)
        torch.testing.assert_close(first[run], next(alone.parameters()).grad)
    net.eval()  # by the running statistics that training left
    for run, alone in enumerate(singles):
        torch.testing.assert_close(net(x)[run], alone.eval()(x[run]))


@EVERY
def test_a_run_is_the_same_alone(case):
    """Its first weights, and its logits and gradients with dropout."""
    together, alone = network(case, dropout=0.3), network(case, runs=[1], dropout=0.3)
    for one, other in zip(together.parameters(), alone.parameters(), strict=True):
        assert torch.equal(one[[1]], other)
    stirred(together)
    with torch.no_grad():
        for one, other in zip(together.parameters(), alone.parameters(), strict=True):
            other.copy_(one[[1]])
    together.draws, alone.draws = Draws(SEEDS), Draws(SEEDS[[1]])
    logits, single = together(inputs(case)), alone(inputs(case)[[1]])
    torch.testing.assert_close(logits[[1]], single)
    logits.square().sum().backward()
    single.square().sum().backward()
    for one, other in zip(together.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(one.grad[[1]], other.grad)


@EVERY
def test_some_runs_are_evaluated_by_their_weights(case):
    """As the first of each pair of peers is."""
    net = stirred(network(case)).eval()
    own = {name: value[[0, 2]] for name, value in net.state_dict().items()}
    found = torch.func.functional_call(net, own, inputs(case)[[0, 2]])
    torch.testing.assert_close(found, net(inputs(case))[[0, 2]])


@EVERY
def test_dropout_is_of_training_alone(case):
    net, plain, x = stirred(network(case, dropout=0.5)), stirred(network(case)), inputs(case)
    net.draws = Draws(SEEDS)
    assert not torch.allclose(net(x), plain(x))
    net.load_state_dict(plain.state_dict())
    torch.testing.assert_close(net.eval()(x), plain.eval()(x))


def test_maps_are_dropped_as_a_whole():
    """Of each run by its own draws, and the mean is kept."""
    x = torch.ones(40, 2 * 50, 3, 3)
    kept = dropped_maps(x, 0.25, Draws(torch.tensor([0, 1])), 2)
    assert (kept == kept[..., :1, :1]).all()
    assert kept.mean().item() == pytest.approx(1, abs=5 * (1 / 3 / 4000) ** 0.5)
    alone = dropped_maps(x[:, 50:], 0.25, Draws(torch.tensor([1])), 1)
    assert torch.equal(alone, kept[:, 50:]) and not torch.equal(alone, kept[:, :50])


@EVERY
def test_a_step_lowers_the_loss(case):
    """From the first weights, whose last layer is zero: every class is as likely as any other."""
    net, x = network(case), inputs(case)
    labels = torch.arange(cifar_cases.BATCH).remainder(CLASSES).repeat(RUNS)
    optimizer, losses = torch.optim.SGD(net.parameters(), lr=0.05), []
    for _ in range(2):
        losses.append(torch.nn.functional.cross_entropy(net(x).flatten(0, 1), labels))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[0].item() == pytest.approx(torch.tensor(CLASSES).log().item())
    assert losses[1] < losses[0]


@EVERY
def test_activations_stay_in_channels_last_layout(case):
    """A layer in another layout would cost a copy in every step."""
    net, seen = network(case).float(), []
    for module in net.modules():
        if "Conv" in type(module).__name__:
            module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    net(inputs(case).float())
    assert len(seen) > 1 and all(x.is_contiguous(memory_format=torch.channels_last) for x in seen)


def test_runs_stand_side_by_side():
    x = inputs("resnet")
    assert torch.equal(joined(x)[2, 3:6], x[1, 2])


def test_the_trainer_gives_a_run_the_same_result_alone():
    section = CASES["tanaka"][1] | {"dropout": 0.2}

    def fit(data, estimates):
        def build(generators):
            return NETWORKS["resnet"](generators, tiny.SHAPE, tiny.CLASSES, **section)

        return tiny.fit(tiny.method("elr"), "resnet", data, estimates, 2, build=build).probs

    data, estimates = tiny.data(), tiny.estimates()
    together = fit(data, estimates)
    for run in range(3):
        alone = fit(tiny.some(data, [run]), tiny.some_estimates(estimates, [run]))
        torch.testing.assert_close(alone, together[[run]], rtol=1e-9, atol=1e-11)


def convolution(inputs, outputs, size=3):
    return inputs * outputs * size**2


def of_torchvision(name):
    """With a stem of 3 x 3 in place of 7 x 7 pixels."""
    with torch.device("meta"):
        made = getattr(tv.models, name)(num_classes=10)
    return sum(parameter.numel() for parameter in made.parameters()) - convolution(3, 64, 7) + convolution(3, 64)


def of_tanaka():
    """By the layers of the authors' code: five blocks a stage, each first one with a projection."""
    stages, total = [(32, 32), (32, 64), (64, 128)], convolution(3, 32) + 2 * 128 + 128 * 10 + 10
    for before, width in stages:
        first = convolution(before, width) + convolution(width, width) + convolution(before, width, 1)
        total += first + 2 * before + 2 * width + 4 * (2 * convolution(width, width) + 4 * width)
    return total


def of_co_teaching():
    """By the layers of the authors' code: convolutions have biases, and a normalisation each."""
    widths = [3, 128, 128, 128, 256, 256, 256, 512, 256, 128]
    return 128 * 10 + 10 + sum(convolution(a, b) + 3 * b for a, b in itertools.pairwise(widths))


# Exact numbers, and what is known of them: 0.46 M of ResNet-32 in table 6 of He et al. 2016; table 1 of Zhang
# et al. 2017, which leaves out normalisations; that of PreAct-ResNet-18 without one outside of the blocks
COUNTS = {
    "resnet18": (11_173_962, of_torchvision("resnet18")),
    "resnet34": (21_282_122, of_torchvision("resnet34")),
    "resnet32": (464_154, pytest.approx(0.46e6, abs=0.005e6)),
    "preact_resnet18": (11_171_274, 11_171_146 + 2 * 64),
    "preact_resnet32": (1_861_162, of_tanaka()),
    "cnn9": (4_434_570, of_co_teaching()),
    "small_inception": (1_652_826, 1_649_402 + 2 * 1_712),
    "small_inception_plain": (1_649_402, 1_649_402),
    "small_alexnet": (1_387_786, 1_387_786),
}


@pytest.mark.parametrize("row", COUNTS)
def test_rows_of_the_parameters_have_the_published_number_of_weights(row):
    section = row_of(tiny.PARAMS.networks, row)
    kind = section.pop("network", row)
    pixels = 28 if "small" in row else 32
    with torch.random.fork_rng():
        made = NETWORKS[kind]([torch.Generator()], (3, pixels, pixels), 10, **section)
    exact, published = COUNTS[row]
    assert sum(parameter.numel() for parameter in made.parameters()) == exact == published
    if row == "small_inception":
        norms = [module for module in made.modules() if isinstance(module, BatchNorm)]
        assert sum(norm.weight.numel() for norm in norms) == 1_712


@pytest.mark.parametrize(
    ("case", "shape", "said"),
    [
        ("resnet", (3, 3, 8), "resnet: images of 3 x 8 pixels; allowed: 4 x 4 or larger"),
        ("cnn9", (3, 8, 8), "cnn9: images of 8 x 8 pixels; allowed: 28 x 28 or larger"),
        ("inception", (3, 4, 4), "small_inception: images of 4 x 4 pixels; allowed: 5 x 5 or larger"),
        ("alexnet", (1, 1, 64), "small_alexnet: images of 1 x 64 pixels; allowed: 4 x 4 or larger"),
    ],
)
def test_an_image_that_is_too_small_is_one_line(case, shape, said):
    kind, section, _ = CASES[case]
    with pytest.raises(ValueError) as error:
        NETWORKS[kind](cifar_cases.generators([0]), shape, CLASSES, **section, dropout=0.0)
    assert str(error.value) == said


@pytest.mark.parametrize("case", ["cnn9", "resnet", "inception", "alexnet"])
def test_the_smallest_image_is_trained_on(case):
    kind, section, shape = CASES[case]
    least = {"cnn9": 28, "resnet": 4, "inception": 5, "alexnet": 4}[case]
    net = NETWORKS[kind](cifar_cases.generators([0]), (shape[0], least, least), CLASSES, **section, dropout=0.0)
    net(torch.randn(1, 2, shape[0], least, least)).sum().backward()


@pytest.mark.parametrize("network", ["resnet", "cnn9", "small_inception", "small_alexnet"])
def test_layers_of_a_network_are_in_its_key(network):
    """And no others' key has them."""
    layers = code.ROOT / "nets" / "layers.py"

    def names(of):
        found = code.used(code.code_files(of, "cross_entropy"), code.SHARED)
        return {name for one in found[layers] for name in one.binds}

    assert {"Conv", "Head", "Linear", "he_normal", "joined", "require_size"} <= names(network)
    assert not {"Conv", "joined", "pooled", "require_size", "dropped_maps"} & names("small_cnn")
