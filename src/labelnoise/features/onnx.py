"""Any network as an ONNX file: a format that holds no code. Needs onnxruntime, an optional dependency."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from labelnoise.features import networks, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

KEY = "features: onnx"


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: the output called `output`, or the first; where it has positions, their mean.

    The network takes one input, float32 [B, 3, size, size], with any number of images B.
    """
    content = weights.checked(Path(section.file).expanduser(), section.sha256, f"{KEY}: file")
    session = _session(content, section.file)
    taken, outputs = session.get_inputs(), [output.name for output in session.get_outputs()]
    if len(taken) != 1:
        raise ValueError(f"{KEY}: {section.file} takes {len(taken)} inputs; allowed: 1, images")
    if section.output not in (None, *outputs):
        raise ValueError(
            f"{KEY}: output: {section.output!r} is none of its outputs; allowed: {', '.join(outputs)}"
        )
    output = section.output or outputs[0]

    def network(images: Tensor) -> Tensor:
        block = np.ascontiguousarray(images.cpu().numpy())
        try:
            return torch.from_numpy(session.run([output], {taken[0].name: block})[0])
        except Exception as error:  # its errors have no common class
            where = f"{KEY}: {section.file}: size {section.size} does not suit it"
            raise ValueError(f"{where} ({weights.short(error)})") from None

    return networks.encoder(network, section.size, section.mean or networks.MEAN, section.std or networks.STD)


def _session(content: bytes, file: str):
    """One thread each, as blocks run side by side. From bytes, so that it can open no other file."""
    try:
        import onnxruntime
    except ImportError:
        raise ValueError(f"{KEY}: needs onnxruntime, the extra [onnx]; pip install onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ValueError(f"{KEY}: {file}: no ONNX file ({weights.short(error)})") from None
