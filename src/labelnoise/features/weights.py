"""Weights from a file: their sha256 is checked before anything in it is looked at, and no code in it is run."""

import hashlib
import io
from pathlib import Path

import torch
from torch import Tensor, nn

WHOLE = 64  # digits of a sha256

State = dict[str, Tensor]  # of a network's parameters and buffers


def checked(path: Path, sha256: str, key: str) -> bytes:
    """What `path` holds; ValueError names the key of params.yaml unless it is there with that sha256.

    Read once, so that what was checked is what is used.
    """
    if not path.is_file():
        raise ValueError(f"{key}: {path}: no such file; allowed: a file that is there")
    return confirmed(path.read_bytes(), sha256, f"{key}: {path}")


def confirmed(content: bytes, sha256: str, what: str) -> bytes:
    """`content`; ValueError, which begins with `what`, unless it has that sha256, or one that begins so."""
    found = hashlib.sha256(content).hexdigest()
    if not found.startswith(sha256):
        rest = "" if len(sha256) == WHOLE else "..."
        raise ValueError(f"{what} has the sha256 {found}; allowed: {sha256}{rest}, as told beforehand")
    return content


def load(network: nn.Module, head: str, content: bytes, where: str) -> nn.Module:
    """`network` with the weights in `content`, a state dict of torch.save, as `fitted`."""
    return fitted(network, head, state_dict(content, where), where)


def state_dict(content: bytes, where: str) -> State:
    """What torch.save wrote; ValueError, which begins with `where`, when that is no state dict."""
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises errors of all kinds for files that are none of its own
        raise ValueError(f"{where}: no state dict of torch.save ({short(error)})") from None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"{where}: holds no state dict; allowed: torch.save(network.state_dict(), file)")
    return state


def fitted(network: nn.Module, head: str, state: State, where: str) -> nn.Module:
    """`network` with the weights `state` and without its last layer, called `head`; ready to predict.

    What `state` says of the head is taken out of it, so that any number of classes fits. In place, since an
    attribute of what torch.save wrote tells the versions of its layers, and some networks ask for that.
    """
    setattr(network, head, nn.Identity())
    for name in [name for name in state if name.startswith(f"{head}.")]:
        del state[name]
    try:
        network.load_state_dict(state)
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{where}: does not fit the network ({short(error)})") from None
    return network.eval().requires_grad_(False)


def short(error: Exception) -> str:
    """What a library says, in a line."""
    return " ".join(str(error).split())[:200]
