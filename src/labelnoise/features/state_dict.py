"""One's own weights for a known network: a file of torch.save(network.state_dict(), file)."""

from pathlib import Path

import torch
from torch import nn

from labelnoise.features import lite0_network, networks, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

KEY = "features: state_dict"
TORCHVISION = "torchvision/"
HEADS = ("fc", "classifier", "heads", "head")  # what torchvision's networks call their last layers


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: the input of the network's last layer; where that has positions, their mean."""
    content = weights.checked(Path(section.file).expanduser(), section.sha256, f"{KEY}: file")
    where = f"{KEY}: {section.file}"
    if section.network == "efficientnet_lite0":
        network = lite0_network.folded(weights.load(lite0_network.Lite0(), "_fc", content, where))
    else:
        network = _torchvision(section.network.removeprefix(TORCHVISION))
        head = next(name for name in HEADS if hasattr(network, name))
        network = weights.load(network, head, content, where).to(memory_format=torch.channels_last)
    _check_size(network, section.size, where)
    network = network.to(machine.device)
    return networks.encoder(network, section.size, section.mean or networks.MEAN, section.std or networks.STD)


def _check_size(network: nn.Module, size: int, where: str) -> None:
    """Some networks take images of one size only."""
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ValueError(f"{where}: size {size} does not suit the network ({weights.short(error)})") from None


def _torchvision(name: str) -> nn.Module:
    """The classifier `name` of torchvision, without weights: nothing is downloaded."""
    from labelnoise.data.tv import models

    known = [known for known in models.list_models(module=models) if not known.startswith("squeezenet")]
    if name not in known:  # a squeezenet has no layer behind its features
        raise ValueError(f"{KEY}: network: {TORCHVISION}{name} is not there; allowed: {', '.join(known)}")
    with torch.random.fork_rng(devices=[]):  # initial weights are replaced: they shall not move another's draws
        return models.get_model(name, weights=None)
