"""Networks of timm as encoders, with weights from its hub: safetensors, a format that holds no code.

Needs timm, an optional dependency. The revision says which state of the hub is meant, the sha256 that it is that.
"""

from types import ModuleType
from typing import Any

import torch
from torch import nn

from labelnoise.features import networks, published, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

PREFIX = "timm/"
FILE = "model.safetensors"  # at the hub


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: what the network `timm/<name>` makes of an image before its classifier."""
    key, name = f"features: {section.encoder}", section.encoder.removeprefix(PREFIX)
    timm = _library(key)
    content = published.content(_file(timm, name, section, key), machine.cache, key)
    network = _network(timm, name, _state(content, key), section.size, key)
    seen = timm.data.resolve_model_data_config(network)
    size = section.size or seen["input_size"][-1]
    networks.check_size(network, size, key)
    return networks.encoder(
        network.to(machine.device), size, section.mean or seen["mean"], section.std or seen["std"]
    )


def _library(key: str) -> ModuleType:
    from labelnoise.data import tv  # noqa: F401  timm imports torchvision, which may fail unless this came first

    try:
        import huggingface_hub  # noqa: F401
        import safetensors.torch  # noqa: F401
        import timm
    except ImportError:
        raise ValueError(f"{key}: needs timm, the extra [timm]; pip install 'labelnoise[timm]'") from None
    return timm


def _file(timm: ModuleType, name: str, section, key: str) -> published.File:
    from huggingface_hub import hf_hub_url

    known = timm.list_pretrained()
    if name not in known:
        tagged = [other for other in known if other.startswith(f"{name}.")]  # the same network, with the training
        likely = ", ".join(tagged) or published.near(name, known)
        raise ValueError(f"{key}: timm {timm.__version__} has no weights of that name; allowed: {likely}")
    repository = timm.get_pretrained_cfg(name).hf_hub_id
    if repository is None:
        raise ValueError(f"{key}: its weights are not at the hub; allowed: other networks of timm")
    address = hf_hub_url(repository, FILE, revision=section.revision)
    return published.File(address, f"{name}-{section.sha256[:16]}.safetensors", section.sha256)


def _state(content: bytes, key: str) -> weights.State:
    import safetensors
    import safetensors.torch

    try:
        state = safetensors.torch.load(content)
    except safetensors.SafetensorError as error:
        raise ValueError(f"{key}: its weights are no file of safetensors ({weights.short(error)})") from None
    if not state:  # timm would look elsewhere
        raise ValueError(f"{key}: its file of weights is empty; allowed: another revision")
    return state


def _network(timm: ModuleType, name: str, state: weights.State, size: int | None, key: str) -> nn.Module:
    """Without its classifier, ready to predict. timm renames and scales weights where a network needs that.

    It is made with as many classes as it was trained for: for any other number timm leaves out missing weights
    without a word. A state dict of one's own goes before all other sources; those are taken away all the same.
    """
    only = {"state_dict": state, "hf_hub_id": None, "url": None, "file": None}
    fixed = timm.get_pretrained_cfg(name).fixed_input_size and size is not None
    keys: dict[str, Any] = {"img_size": size} if fixed else {}
    try:
        with torch.random.fork_rng(devices=[]):  # initial weights are replaced
            network = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=only, **keys)
    except (RuntimeError, AssertionError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{key}: its weights do not fit the network ({weights.short(error)})") from None
    network.pretrained_cfg.pop("state_dict")  # else it holds its weights twice
    network.reset_classifier(0)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
