"""Classifiers of torchvision as encoders: with the weights that torchvision publishes, or with others."""

import re
from typing import Any

import torch
from torch import nn

from labelnoise.features import networks, published, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

PREFIX = "torchvision/"
HEADS = ("fc", "classifier", "heads", "head")  # what torchvision's networks call their last layers
# layers of a DenseNet were norm.1 when its weights were published, and are norm1 now (torchvision's densenet.py)
RENAMED = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: the input of the last layers of `torchvision/<name>`; where that has positions, their mean."""
    key, name, chosen = f"features: {section.encoder}", section.encoder.removeprefix(PREFIX), _weights(section)
    content = published.content(file_of(section), machine.cache, key)
    network = headless(built(name, key, **_as_trained(name, chosen)), content, key)
    seen = chosen.transforms()
    size = section.size or seen.crop_size[0]
    networks.check_size(network, size, key)
    return networks.encoder(network.to(machine.device), size, seen.mean, seen.std)


def file_of(section) -> published.File:
    """Its weights. A file of torchvision has a name that ends in the first digits of its sha256."""
    chosen = _weights(section)
    name = chosen.url.rsplit("/", 1)[1]
    digits = re.search(r"-([0-9a-f]{8,})\.", name)
    if digits is None:
        raise ValueError(f"features: {section.encoder}: weights: {name} tells no sha256; allowed: other weights")
    return published.File(chosen.url, name, digits[1])


def built(name: str, key: str, **keys: Any) -> nn.Module:
    """The classifier `name`, without weights: nothing is downloaded. keys: of its constructor."""
    from labelnoise.data.tv import models

    _check_name(name, key)
    with torch.random.fork_rng(devices=[]):  # initial weights are replaced: they shall not move another's draws
        return models.get_model(name, weights=None, **keys)


def headless(network: nn.Module, content: bytes, where: str) -> nn.Module:
    """`network` with the weights in `content`, a file of torch.save, without its last layers."""
    state = weights.state_dict(content, where)
    for old in filter(RENAMED.match, list(state)):
        state[RENAMED.sub(r"\1\2", old)] = state.pop(old)
    head = next(name for name in HEADS if hasattr(network, name))
    return weights.fitted(network, head, state, where).to(memory_format=torch.channels_last)


def _check_name(name: str, key: str) -> None:
    from labelnoise.data.tv import models

    known = [known for known in models.list_models(module=models) if not known.startswith("squeezenet")]
    if name not in known:  # a squeezenet has no layer behind its features
        raise ValueError(f"{key}: {PREFIX}{name} is not there; allowed: {published.near(name, known)}")


def _weights(section):
    """A member of torchvision's enum of the weights of a network; ValueError for names that are not there."""
    from labelnoise.data.tv import models

    key, name = f"features: {section.encoder}", section.encoder.removeprefix(PREFIX)
    _check_name(name, key)
    known = models.get_model_weights(name).__members__
    if section.weights not in known:
        raise ValueError(f"{key}: weights = {section.weights!r} is not there; allowed: {', '.join(known)}")
    return known[section.weights]


def _as_trained(name: str, chosen) -> dict[str, Any]:
    """What a network's builder in torchvision sets when it is given weights."""
    if name.startswith("vit_"):
        return {"image_size": chosen.meta["min_size"][0]}
    if name in ("googlenet", "inception_v3"):  # trained on pixels less .5 and by .5, to which they turn others
        return {"transform_input": True, "init_weights": False}
    return {}
