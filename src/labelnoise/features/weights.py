"""Weights from a file: their sha256 is checked before anything in it is looked at, and no code in it is run."""

import hashlib
import io
from pathlib import Path

import torch
from torch import Tensor, nn


def checked(path: Path, sha256: str, key: str) -> bytes:
    """What `path` holds; ValueError names the key of params.yaml unless it is there with that sha256.

    Read once, so that what was checked is what is used.
    """
    if not path.is_file():
        raise ValueError(f"{key}: {path}: no such file; allowed: a file that is there")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{key}: {path} has the sha256 {found}; allowed: {sha256}, as told beforehand")
    return content


def load(network: nn.Module, head: str, content: bytes, where: str) -> nn.Module:
    """`network` with the weights in `content` and without its last layer, called `head`; ready to predict.

    content: a state dict, of torch.save; what it says of the head is left out, so that any number of classes fits.
    """
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises errors of all kinds for files that are none of its own
        raise ValueError(f"{where}: no state dict of torch.save ({short(error)})") from None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"{where}: holds no state dict; allowed: torch.save(network.state_dict(), file)")
    setattr(network, head, nn.Identity())
    try:
        network.load_state_dict({name: v for name, v in state.items() if not name.startswith(f"{head}.")})
    except RuntimeError as error:
        raise ValueError(f"{where}: does not fit the network ({short(error)})") from None
    return network.eval().requires_grad_(False)


def short(error: Exception) -> str:
    """What a library says, in a line."""
    return " ".join(str(error).split())[:200]
