"""Networks in bfloat16: near to those in float32, and described as what they are. Adam against torch's."""

import pytest
import tiny
import tiny_study
import torch

from labelnoise.runs.run import settings
from labelnoise.train import loop, program, steps
from labelnoise.train.program import Place

COARSE = settings({"precision": "bfloat16"})


@pytest.mark.parametrize("network", ["mlp", "small_cnn"])
def test_results_differ_by_rounding_alone(network):
    """Beside single precision, after six epochs: numbers of eight bits are off by 0.2% on average."""
    data, known = tiny.data(dtype=torch.float32), tiny.estimates(dtype=torch.float32)
    args = (tiny.build(network), tiny.method("elr"), data, known)
    ends = {
        name: loop.train(*args, tiny.settings(6)._replace(precision=name), tiny.NO_STATISTIC, by_kernel=False)
        for name in ("float32", "bfloat16")
    }
    fine, coarse = ends["float32"], ends["bfloat16"]
    gap = (fine.probs - coarse.probs).abs()
    assert 1e-5 < gap.mean() < 0.01 and gap.max() < 0.1
    assert (fine.history["train_loss"] - coarse.history["train_loss"]).abs().max() < 0.02
    assert fine.history["train_loss"][:, -1].max() < fine.history["train_loss"][:, 0].min()  # both have learned
    kept = [coarse.probs, *coarse.weights.values(), *coarse.state.values()]
    assert {of.dtype for of in kept if of.is_floating_point()} == {torch.float32}


def test_networks_compute_in_it_and_losses_do_not():
    seen = {}

    class Watched(tiny.METHODS["cross_entropy"]):
        plain = False

        def loss(self, logits, batch, state):
            seen["loss"] = (logits @ logits.mT).dtype
            return super().loss(logits, batch, state)

    def build(generators):
        net = tiny.build("small_cnn")(generators)
        net.convs[0].register_forward_hook(
            lambda layer, inputs, outputs: seen.update({net.training: outputs.dtype})
        )
        return net

    own = tiny.settings(1)._replace(precision="bfloat16")
    data = tiny.data(dtype=torch.float32)
    loop.train(build, Watched(), data, tiny.estimates(dtype=torch.float32), own, tiny.NO_STATISTIC)
    assert seen == {True: torch.bfloat16, False: torch.bfloat16, "loss": torch.float32}


def test_it_is_part_of_the_key_and_needs_no_kernel(tmp_path):
    run = tiny_study.runs()[0]
    made = tiny_study.programs_of([run, run._replace(settings=COARSE)])
    fine, coarse = made.values()
    assert program.key(fine) != program.key(coarse)
    assert fine.spec["machine"]["kernel"].startswith("numba") and coarse.spec["machine"]["kernel"] == ""
    ((left),) = program.trained(tiny_study.stacked([run._replace(settings=COARSE)]), Place(tmp_path, 1e9))
    assert left["probs_last"].dtype == "float32" and (left["history_val_accuracy"] >= 0).all()


def test_a_kernel_is_not_asked():
    """Even where it is wanted: it knows one precision and one optimiser."""
    net = tiny.build("mlp")([torch.Generator()])
    for own, kind in (
        ({}, "Perceptrons"),
        ({"precision": "bfloat16"}, "Autograd"),
        ({"optimizer": "adam"}, "Autograd"),
    ):
        assert type(steps.chosen(net, [], tiny.settings()._replace(**own), True)).__name__ == kind
